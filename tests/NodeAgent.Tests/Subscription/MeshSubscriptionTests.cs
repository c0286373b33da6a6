using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Subscription;
using KvStoreMesh.Protos.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.NodeAgent.Tests.Subscription;

/// <summary>The agent's end of the stream against a daemon over real HTTP/2: what it acknowledges, and how it comes back.</summary>
public sealed class MeshSubscriptionTests : IAsyncLifetime, IDisposable
{
    private const string Config = """{"id":2}""";
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryDatapath _datapath = new(new DatapathLimits());
    private ApplyLoop _loop = null!;
    private MeshSubscription _subscription = null!;
    private Task _running = Task.CompletedTask;
    private FakeDaemon _daemon = null!;

    public async Task InitializeAsync() => _daemon = await FakeDaemon.StartAsync();

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _daemon.DisposeAsync();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _datapath.Dispose();
    }

    [Fact]
    public async Task What_is_acknowledged_is_in_the_datapath_and_every_byte_is_credited()
    {
        Start(_daemon.Address);
        var session = await _daemon.AcceptAsync();
        Assert.Equal("own", session.Hello.NodeName);
        await session.SendAsync(Frames.Hello(("b", 1)));
        await session.SendAsync(Snapshot(10, "20.9.0.1"));
        await session.SendAsync(Frames.Heartbeat(10));
        var ack = await session.AckedAsync(10);
        Assert.Equal(7ul, ack.Session);
        Assert.Equal((ulong)session.SentBytes, ack.ReceivedBytes);
        Assert.Single(_datapath.IpCache.Read());

        // Without a heartbeat an ack follows after its delay.
        await session.SendAsync(Frames.Delta(11, 11, false, Endpoint(11, "20.9.0.2")));
        await session.AckedAsync(11);
        Assert.Equal(2, _datapath.IpCache.Read().Count);
        Assert.Equal(11, _subscription.Status.AppliedSeq);
    }

    [Fact]
    public async Task A_snapshot_larger_than_the_credit_is_credited_while_it_runs()
    {
        Start(_daemon.Address);
        var session = await _daemon.AcceptAsync();
        await session.SendAsync(Frames.Hello(("b", 1)), Frames.Begin("b", 1, 10, 4));
        for (uint chunk = 0; chunk < 4; chunk++)
        {
            var record = Frames.Put(1, chunk + 1, $"k{chunk}", new string('v', 600_000), ResourceKind.Identities);
            await session.SendAsync(Frames.Chunk(1, chunk, record));
            var sent = (ulong)session.SentBytes;
            var credit = await session.ReceiveAsync(frame => frame.Ack?.ReceivedBytes >= sent);
            Assert.Equal(0, credit.Ack.AppliedSeq);
        }
    }

    [Fact]
    public async Task A_refused_value_is_nacked_and_the_stream_goes_on()
    {
        Start(_daemon.Address);
        var session = await _daemon.AcceptAsync();
        await session.SendAsync(Frames.Hello(("b", 1)));
        await session.SendAsync(Snapshot(10));
        await session.SendAsync(Frames.Delta(11, 11, false, Frames.Put(1, 11, "20.9.0.2", "nonsense", ResourceKind.Endpoints)));
        var nack = (await session.ReceiveAsync(frame => frame.Nack is not null)).Nack;
        Assert.Equal(("b", 11, "20.9.0.2"), (nack.Cluster, nack.Seq, nack.Name));
        await session.SendAsync(Frames.Heartbeat(11));
        await session.AckedAsync(11);
    }

    [Fact]
    public async Task A_session_that_breaks_inside_a_snapshot_changes_nothing_and_the_next_one_replaces_the_old_data()
    {
        Start(_daemon.Address);
        var first = await _daemon.AcceptAsync();
        await first.SendAsync(Frames.Hello(("b", 1)));
        await first.SendAsync(Snapshot(10, "20.9.0.1", "20.9.0.2"));
        await first.SendAsync(Frames.Heartbeat(10));
        await first.AckedAsync(10);
        first.Close();

        var second = await _daemon.AcceptAsync();
        Assert.Equal(first.Hello.InstanceId, second.Hello.InstanceId);
        await second.SendAsync(Frames.Hello(("b", 1)), Frames.Begin("b", 1, 20, 2), Frames.Chunk(1, 0, Endpoint(20, "20.9.0.3")));
        second.Close();

        var third = await _daemon.AcceptAsync();
        Assert.Equal(2, _datapath.IpCache.Read().Count);
        await third.SendAsync(Frames.Hello(("b", 1)));
        await third.SendAsync(Snapshot(20, "20.9.0.3"));
        await third.SendAsync(Frames.Synced(1, 20, ResourceKind.Endpoints), Frames.Heartbeat(20));
        await third.AckedAsync(20);
        Assert.Equal(["20.9.0.3/32"], _datapath.IpCache.Read().Keys.Select(prefix => $"{prefix}"));
    }

    [Fact]
    public async Task Whatever_times_a_daemon_names_the_agent_goes_on()
    {
        // 49 days: more than a timer takes, let alone an operator.
        Start(_daemon.Address);
        var session = await _daemon.AcceptAsync();
        var hello = Frames.Hello(("b", 1));
        hello.HelloReply.HeartbeatMs = uint.MaxValue;
        await session.SendAsync(hello);
        await session.SendAsync(Snapshot(10, "20.9.0.1"));
        await session.SendAsync(Frames.Heartbeat(10));
        await session.AckedAsync(10);
        await session.SendAsync(new ServerFrame { GoAway = new GoAway { Reason = "never", ReconnectAfterMs = uint.MaxValue } });
        await _daemon.AcceptAsync();
        Assert.False(_running.IsCompleted);
    }

    [Fact]
    public async Task A_daemon_that_breaks_the_protocol_is_left_with_a_clear_reason()
    {
        Start(_daemon.Address);
        var session = await _daemon.AcceptAsync();
        await session.SendAsync(Frames.Hello(("b", 1)), Frames.Chunk(1, 0));
        await _daemon.AcceptAsync();
        Assert.Contains("without the begin of a snapshot", _subscription.Status.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_daemon_is_left_and_another_server_is_tried()
    {
        await using var other = await FakeDaemon.StartAsync();
        Start(TimeSpan.FromSeconds(3), _daemon.Address, other.Address);
        await _daemon.AcceptAsync();
        var session = await other.AcceptAsync();
        Assert.Contains("nothing came for", _subscription.Status.LastError, StringComparison.Ordinal);
        await session.SendAsync(Frames.Hello());
        await session.SendAsync(Frames.Heartbeat(1));
        await session.AckedAsync(1);
        Assert.Equal("connected", _subscription.Status.State);
    }

    [Fact]
    public async Task A_GoAway_is_obeyed()
    {
        Start(_daemon.Address);
        var session = await _daemon.AcceptAsync();
        var reply = new GoAway { Reason = "shutting down", ReconnectAfterMs = 300 };
        await session.SendAsync(Frames.Hello(), new ServerFrame { GoAway = reply });
        var started = TimeProvider.System.GetTimestamp();
        await _daemon.AcceptAsync();
        Assert.True(TimeProvider.System.GetElapsedTime(started) >= TimeSpan.FromMilliseconds(250));
        Assert.Contains("shutting down", _subscription.Status.LastError, StringComparison.Ordinal);
    }

    private static ServerFrame[] Snapshot(long seq, params string[] ips) =>
    [
        .. Frames.Snapshot(
            "b", 1, seq, [Frames.Put(1, 1, "", Config, ResourceKind.ClusterConfig), .. ips.Select(ip => Endpoint(seq, ip))]),
    ];

    private static Protos.V1.Record Endpoint(long seq, string ip) =>
        Frames.Put(1, seq, ip, $$"""{"IP":"{{ip}}","HostIP":"172.18.0.9","ID":131100}""", ResourceKind.Endpoints);

    private void Start(Uri server) => Start(TimeSpan.FromSeconds(30), server);

    private void Start(TimeSpan patience, params Uri[] servers)
    {
        var agent = new MeshAgent(
            new MeshAgentOptions { NodeName = "own" }, _datapath, TimeProvider.System, new Random(1), NullLogger<MeshAgent>.Instance);
        _loop = new ApplyLoop(agent, TimeProvider.System);
        var options = new SubscriptionOptions
        {
            Servers = servers,
            NodeName = "own",
            FirstBackoff = TimeSpan.FromMilliseconds(20),
            MaxBackoff = TimeSpan.FromMilliseconds(20),
            ConnectTimeout = patience,
            MaxReconnectAfter = TimeSpan.FromMilliseconds(500),
        };
        _subscription = new MeshSubscription(options, _loop, TimeProvider.System, new Random(1), NullLogger<MeshSubscription>.Instance);
        _running = Task.WhenAll(_loop.RunAsync(_stop.Token), _subscription.RunAsync(_stop.Token));
    }
}
