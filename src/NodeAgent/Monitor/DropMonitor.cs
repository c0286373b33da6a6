using System.Text.Json;
using System.Threading.Channels;
using KvStoreMesh.Bpf.Maps.Policy;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Policy;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Monitor;

/// <summary>
/// Takes reports of dropped packets out of the kernel and tells whoever listens. A listener that is too slow loses the oldest and
/// is told how many; without listeners the reports are taken and forgotten, since they are counted anyway.
/// </summary>
internal sealed class DropMonitor(IPolicyDatapath? datapath, TimeProvider time)
{
    private const int QueueLength = 4096;
    private const int MostListeners = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly List<Listener> _listeners = [];

    /// <summary>Runs until cancelled, on a thread of its own: it waits in the kernel.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => datapath is null
        ? Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken)
        : Task.Factory.StartNew(() => Run(datapath, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Writes a line of JSON for each drop until the listener goes.</summary>
    public async Task StreamAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        var listener = new Listener();
        if (!Add(listener))
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            await response.WriteAsync($"{MostListeners} monitors are running already; end one", cancellationToken);
            return;
        }

        try
        {
            response.ContentType = "application/x-ndjson";
            await response.StartAsync(cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
            await foreach (var dropped in listener.Queue.Reader.ReadAllAsync(cancellationToken))
            {
                var told = dropped with { Lost = listener.TakeLost() };
                await JsonSerializer.SerializeAsync(response.Body, told, MonitorJson.Default.DropStatus, cancellationToken);
                await response.Body.WriteAsync("\n"u8.ToArray(), cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            lock (_lock)
            {
                _listeners.Remove(listener);
            }
        }
    }

    /// <summary>A report as it is told.</summary>
    internal static DropStatus Describe(in DropEvent dropped, DateTimeOffset now) => new(
        now,
        DropReasonText.Of(dropped.Reason),
        dropped.Direction.ToString().ToLowerInvariant(),
        dropped.Endpoint,
        dropped.RemoteIdentity,
        dropped.Source.ToString(),
        dropped.Destination.ToString(),
        PortRange.NameOf(dropped.Protocol),
        FlagsOf(dropped),
        dropped.Length,
        dropped.InterfaceIndex,
        0);

    private static string FlagsOf(in DropEvent dropped)
    {
        if (dropped.Protocol is PortRange.Icmp or PortRange.IcmpV6)
        {
            return $"type {dropped.IcmpType}";
        }

        var flags = dropped.TcpFlags;
        return string.Join(", ", ((string Name, int Bit)[])[("SYN", 2), ("FIN", 1), ("RST", 4), ("PSH", 8), ("ACK", 16), ("URG", 32)]
            is var names ? names.Where(flag => (flags & flag.Bit) != 0).Select(flag => flag.Name) : []);
    }

    private void Run(IPolicyDatapath policy, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var drops = policy.TakeDrops(Patience);
            if (drops.Count == 0)
            {
                continue;
            }

            Listener[] listeners;
            lock (_lock)
            {
                listeners = [.. _listeners];
            }

            var now = time.GetUtcNow();
            foreach (var dropped in listeners.Length > 0 ? drops : [])
            {
                var told = Describe(dropped, now);
                Array.ForEach(listeners, listener => listener.Tell(told));
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private bool Add(Listener listener)
    {
        lock (_lock)
        {
            if (_listeners.Count >= MostListeners)
            {
                return false;
            }

            _listeners.Add(listener);
            return true;
        }
    }

    private sealed class Listener
    {
        private long _lost;

        public Listener() => Queue = Channel.CreateBounded<DropStatus>(
            new BoundedChannelOptions(QueueLength) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true, SingleWriter = true },
            _ => Interlocked.Increment(ref _lost));

        public Channel<DropStatus> Queue { get; }

        public void Tell(DropStatus dropped) => Queue.Writer.TryWrite(dropped);

        public long TakeLost() => Interlocked.Exchange(ref _lost, 0);
    }
}
