namespace KvStoreMesh.NodeAgent.Services;

/// <summary>One frontend as it should be in the kernel.</summary>
/// <param name="Frontend">Cluster IP, port and protocol.</param>
/// <param name="Service"><c>namespace/name</c>.</param>
/// <param name="Backends">In the order of <see cref="SelectedBackend"/>, each address once.</param>
/// <param name="AffinitySeconds">How long a client stays with its backend; 0: every connection anew.</param>
public sealed record MergedFrontend(L3n4Addr Frontend, string Service, IReadOnlyList<SelectedBackend> Backends, uint AffinitySeconds = 0)
{
    /// <summary>How many from the first on take new connections: the active ones, or where there is none the terminating ones.</summary>
    public static int EligibleOf(IReadOnlyList<SelectedBackend> backends)
    {
        ArgumentNullException.ThrowIfNull(backends);
        var state = backends.Count > 0 && backends[0].State == BackendState.Active ? BackendState.Active : BackendState.Terminating;
        var count = 0;
        while (count < backends.Count && backends[count].State == state)
        {
            count++;
        }

        return count;
    }
}
