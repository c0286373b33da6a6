using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Integration;

/// <summary>Two daemons that share one local etcd, both mirroring one source.</summary>
public abstract class TwoDaemons : IAsyncLifetime
{
    private const string Key = "cilium/cache/nodes/v1/b/node";
    private EtcdProcess _source = null!;
    private EtcdProcess _local = null!;

    private protected DaemonProcess[] Daemons { get; } = [new(), new()];

    private protected CancellationToken Limit { get; } = new CancellationTokenSource(TimeSpan.FromMinutes(3)).Token;

    public async Task InitializeAsync()
    {
        if (EtcdBinary.SkipReason is not null)
        {
            return;
        }

        _source = await EtcdProcess.StartAsync();
        _local = await EtcdProcess.StartAsync();
        using var writer = _source.Writer();
        await writer.WriteAsync(new SourceCluster("b", 2).Announcement());
        Array.ForEach(Daemons, daemon => daemon.Configure("b", _source.Definition("x").ConfigText));
    }

    public async Task DisposeAsync()
    {
        Array.ForEach(Daemons, daemon => daemon.Dispose());
        if (_source is not null)
        {
            await _source.DisposeAsync();
            await _local.DisposeAsync();
        }
    }

    private protected void Start(int daemon) => Daemons[daemon].Start(_local.Definition("x").ConfigText);

    private protected Task<IReadOnlyList<string>> ContendersAsync() => EtcdContent.ContendersAsync(_local, Limit);

    /// <summary>Starts both, the first one leading.</summary>
    private protected async Task StartBothAsync()
    {
        Start(0);
        await ChangeAsync("first");
        await MirroredAsync("first");
        var leader = Assert.Single(await ContendersAsync());
        Start(1);
        await EventuallyAsync(async () => (await ContendersAsync()).Count == 2);
        Assert.Equal(leader, (await ContendersAsync())[0]);
    }

    private protected async Task ChangeAsync(string value)
    {
        using var writer = _source.Writer();
        await writer.PutAsync("cilium/state/nodes/v1/b/node", value);
    }

    /// <summary>Waits until the local etcd holds the value; once it holds the key, it must never be without it.</summary>
    private protected async Task MirroredAsync(string value)
    {
        var held = false;
        await EventuallyAsync(async () =>
        {
            var content = await EtcdContent.OfAsync(_local, Limit);
            Assert.True(!held || content.ContainsKey(Key), $"{Key} was withdrawn");
            held |= content.ContainsKey(Key);
            return content.GetValueOrDefault(Key) == value;
        });
    }

    private protected Task SaysAsync(int daemon, string text) =>
        EventuallyAsync(() => Task.FromResult(Daemons[daemon].Output.Contains(text, StringComparison.Ordinal)));

    private protected async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (!await condition())
            {
                await pause.WaitForNextTickAsync(Limit);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"it does not happen; the first daemon said:\n{Daemons[0].Output}\nthe second one:\n{Daemons[1].Output}");
        }
    }
}
