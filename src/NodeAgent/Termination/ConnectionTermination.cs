using KvStoreMesh.NodeAgent.Agent;

namespace KvStoreMesh.NodeAgent.Termination;

/// <summary>
/// Closes established connections to backends that have been withdrawn for some time: nobody answers there any more, and their clients
/// would wait for it. What the socket programs remember is compared with what the records offer whenever some record lost a backend; it
/// is no event that closes anything, so that a restart of the agent misses none. A backend that merely is not selected keeps its connections.
/// </summary>
internal sealed class ConnectionTermination(ITranslatedSockets sockets, TimeSpan grace, TimeProvider time, ILogger<ConnectionTermination> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly WithdrawnLeases _withdrawn = new(grace, time);
    private long _seen = -1;
    private bool _toldRefusal;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(ApplyLoop loop, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await LookAsync(loop, cancellationToken);
            }
            catch (IOException failure)
            {
                TerminationLog.Failed(logger, failure.Message);
                _seen = -1;
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private async Task LookAsync(ApplyLoop loop, CancellationToken cancellationToken)
    {
        var withdrawals = await loop.AskAsync(agent => agent.Withdrawals, cancellationToken);
        if (withdrawals is null || (withdrawals == _seen && !_withdrawn.IsDue))
        {
            return;
        }

        var translated = sockets.Read();
        BackendLease[] leases = [.. translated.Select(socket => socket.Lease).Distinct()];
        var withdrawn = await loop.AskAsync(agent => agent.WithdrawnOf(leases), cancellationToken);
        _seen = withdrawals.Value;
        var due = _withdrawn.Observe(withdrawn);
        if (due.Count > 0)
        {
            Tell(sockets.Close(translated.Where(socket => due.Contains(socket.Lease))), due.Count);
        }
    }

    private void Tell(Bpf.Sockets.SocketClosing closing, int backends)
    {
        if (closing.Closed > 0)
        {
            TerminationLog.Closed(logger, closing.Closed, backends);
        }

        if (closing.RefusedNamespaces > 0 && !_toldRefusal)
        {
            _toldRefusal = true;
            TerminationLog.NamespacesRefused(logger, closing.RefusedNamespaces);
        }
    }
}
