using System.Diagnostics;
using System.Globalization;
using KvStoreMesh.TestSupport.Etcd;
using Xunit.Abstractions;

namespace KvStoreMesh.Integration;

/// <summary>
/// Half a minute of everything that can happen, on real etcds and the daemon's own program. Then all is left alone, and
/// what the sources hold, what an agent holds and what the local etcd holds must be the same, byte for byte.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const string SeedVariable = "KVSTOREMESH_CHAOS_SEED";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromMinutes(4)).Token;
    private readonly DaemonProcess _daemon = new();
    private readonly List<string> _actions = [];
    private readonly List<ChaosSource> _sources = [];
    private readonly int _seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture)
        : new Random().Next(1_000_000);

    private EtcdProcess _local = null!;

    public async Task InitializeAsync()
    {
        if (EtcdBinary.SkipReason is not null)
        {
            return;
        }

        _local = await EtcdProcess.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            _sources.Add(await ChaosSource.StartAsync($"c{i}", i + 2));
            _daemon.Configure(_sources[i].Cluster.Name, _sources[i].Etcd.Definition("x").ConfigText);
        }
    }

    public void Dispose() => _daemon.Dispose();

    public async Task DisposeAsync()
    {
        _daemon.Dispose();
        foreach (var source in _sources)
        {
            await source.DisposeAsync();
        }

        await (_local?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [EtcdFact]
    public async Task Source_stream_and_local_etcd_end_equal_whatever_happens()
    {
        output.WriteLine($"seed {_seed}: repeat it with {SeedVariable}={_seed}");
        var random = new Random(_seed);
        _daemon.Start(_local.Definition("x").ConfigText, $"--state-dir={_daemon.StateDirectory}");
        await using var reader = new StreamReader(_daemon.Port);
        var started = Stopwatch.GetTimestamp();
        var compacted = TimeSpan.Zero;
        try
        {
            while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < Duration)
            {
                if (elapsed - compacted > TimeSpan.FromSeconds(1))
                {
                    compacted = elapsed;
                    await Task.WhenAll(_sources.Select(source => source.CompactAsync()));
                }

                await ActAsync(random, _sources[random.Next(_sources.Count)]);
            }

            foreach (var source in _sources)
            {
                await source.ChurnAsync(random);
            }
        }
        catch (Exception failure) when (failure is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"the test itself failed; {Told()}", failure);
        }

        await AssertEqualAsync(reader);
        output.WriteLine($"{_actions.Count} actions: {string.Join(", ", _actions.GroupBy(action => action.Split(' ')[0]).Select(group => $"{group.Key} {group.Count()}"))}");
    }

    private async Task ActAsync(Random random, ChaosSource source)
    {
        switch (random.Next(60))
        {
            case 0 or 1:
                Note($"kill {source.Cluster.Name}");
                await source.Etcd.KillAsync();
                await source.Etcd.StartAgainAsync();
                break;
            case 2:
                Note($"wipe {source.Cluster.Name}");
                await source.WipeAsync();
                break;
            case 3:
                Note($"save {source.Cluster.Name}");
                source.Save();
                break;
            case 4 or 5 when source.IsSaved:
                Note($"restore {source.Cluster.Name}");
                await source.RestoreAsync();
                break;
            case 6 or 7:
                Note($"freeze {source.Cluster.Name}");
                await FreezeAsync(source.Etcd, random);
                break;
            case 8:
                Note("kill-local");
                await _local.KillAsync();
                await _local.StartAgainAsync(wipe: random.Next(2) == 0);
                break;
            case 9:
                Note("freeze-local");
                await FreezeAsync(_local, random);
                break;
            case 10:
                Note("kill-daemon");
                _daemon.Kill();
                _daemon.Start(_local.Definition("x").ConfigText, $"--state-dir={_daemon.StateDirectory}");
                break;
            case 11:
                Note("freeze-daemon");
                _daemon.Freeze();
                await source.ChurnAsync(random);
                _daemon.Thaw();
                break;
            default:
                Note($"churn {source.Cluster.Name}");
                await source.ChurnAsync(random);
                break;
        }
    }

    private void Note(string action) => _actions.Add(action);

    private async Task FreezeAsync(EtcdProcess etcd, Random random)
    {
        await etcd.FreezeAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(2000)), _limit);
        etcd.Thaw();
    }

    private async Task AssertEqualAsync(StreamReader reader)
    {
        var expected = new SortedDictionary<string, string>(
            _sources.SelectMany(source => source.Cluster.Mirror()).ToDictionary(), StringComparer.Ordinal);
        string? difference = "nothing was compared";
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (await pause.WaitForNextTickAsync(_limit))
            {
                difference = await DifferenceAsync(reader, expected);
                if (difference is null)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
        }

        Assert.Fail($"{difference}; {Told()}\nThe daemon said:\n{_daemon.Output}");
    }

    private async Task<string?> DifferenceAsync(StreamReader reader, SortedDictionary<string, string> expected)
    {
        foreach (var source in _sources)
        {
            var wanted = new SortedDictionary<string, string>(source.Cluster.State.ToDictionary(), StringComparer.Ordinal);
            var own = await EtcdContent.OfAsync(source.Etcd, _limit);
            if (Differing("the etcd of " + source.Cluster.Name, wanted, own.Where(pair => pair.Key.StartsWith("cilium/state/", StringComparison.Ordinal)))
                is { } lost)
            {
                return lost;
            }

            if (Differing("an agent, of " + source.Cluster.Name, wanted, await reader.ContentAsync(source.Cluster.Name, _limit)) is { } seen)
            {
                return seen;
            }
        }

        var mirror = await EtcdContent.OfAsync(_local, _limit);
        return Differing("the local etcd", expected, mirror.Select(pair =>
            pair.Key.StartsWith("cilium/synced/", StringComparison.Ordinal) ? new(pair.Key, string.Empty) : pair));
    }

    private static string? Differing(string where, IEnumerable<KeyValuePair<string, string>> wanted, IEnumerable<KeyValuePair<string, string>> found)
    {
        var (expected, actual) = (wanted.ToHashSet(), found.ToHashSet());
        if (expected.SetEquals(actual))
        {
            return null;
        }

        var missing = expected.Except(actual).Take(5).Select(pair => $"missing {pair.Key} = {pair.Value}");
        var surplus = actual.Except(expected).Take(5).Select(pair => $"surplus {pair.Key} = {pair.Value}");
        return $"{where} holds {actual.Count} instead of {expected.Count}: {string.Join("; ", missing.Concat(surplus))}";
    }

    private string Told() => $"seed {_seed} ({SeedVariable}), actions: {string.Join(", ", _actions)}";
}
