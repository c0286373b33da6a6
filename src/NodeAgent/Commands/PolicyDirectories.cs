using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>Watches the directories of endpoints and policies and tells the agent.</summary>
internal static class PolicyDirectories
{
    /// <summary>Runs until cancelled. Without a policy directory there are no policies, which has to be said once.</summary>
    public static async Task RunAsync(ApplyLoop loop, string endpoints, string? policies, TimeProvider time, CancellationToken cancellationToken)
    {
        // Policies first: an endpoint must not be free for a moment because its policy is not there yet.
        var policyDirectory = policies is null ? null : new ManifestDirectory(policies);
        var first = policyDirectory?.Look() ?? new ManifestReading([], null);
        await TakeAsync(loop, agent => agent.SetPolicies(first), cancellationToken);
        var watchEndpoints = ManifestWatcher.RunAsync(
            new(endpoints), (reading, token) => TakeAsync(loop, agent => agent.SetEndpoints(reading), token), time, cancellationToken);
        if (policyDirectory is not null)
        {
            await await Task.WhenAny(
                watchEndpoints,
                ManifestWatcher.RunAsync(
                    policyDirectory, (reading, token) => TakeAsync(loop, agent => agent.SetPolicies(reading), token), time, cancellationToken));
        }

        await watchEndpoints;
    }

    private static async Task TakeAsync(ApplyLoop loop, Action<MeshAgent> take, CancellationToken cancellationToken) => await loop.AskAsync(
        agent =>
        {
            take(agent);
            return true;
        },
        cancellationToken);
}
