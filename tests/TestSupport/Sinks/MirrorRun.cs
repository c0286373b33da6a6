using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sinks;
using KvStoreMesh.Core.Sources;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KvStoreMesh.TestSupport.Sinks;

/// <summary>A mirror with its feed and a fake etcd, driven one call at a time on a clock that stands still by itself.</summary>
public sealed class MirrorRun
{
    public static readonly ClusterName Foo = ClusterName.Parse("foo");

    public MirrorRun(SinkOptions? options = null, FakeLocalEtcd? etcd = null, FakeTimeProvider? time = null, int seed = 1)
    {
        Time = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 6, 25, 17, 49, 35, TimeSpan.Zero));
        Etcd = etcd ?? new FakeLocalEtcd(Time);
        Options = options ?? new SinkOptions();
        Feed = new SinkFeed(ClusterName.Parse("local"));
        Mirror = new SinkMirror(Options, Etcd, Time, new Random(seed));
    }

    public FakeTimeProvider Time { get; }

    public FakeLocalEtcd Etcd { get; }

    public SinkOptions Options { get; }

    public SinkFeed Feed { get; }

    public SinkMirror Mirror { get; }

    public List<SinkCommand> Running { get; } = [];

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static MeshChange Put(ResourceKind kind, string name, string value) => new(new MeshKey(kind, name), Bytes(value), 1, 1);

    public static MeshChange Delete(ResourceKind kind, string name) => new(new MeshKey(kind, name), null, 1, 0);

    public static MeshChange Config(string json) => new(MeshKey.ClusterConfig, Bytes(json), 1, 1);

    public static ClusterDelta Delta(ClusterName cluster, IReadOnlyList<MeshChange> changes, params ResourceKind[] synced) =>
        new(cluster, new SourcePosition(new SourceEpoch(1), 1), changes, synced, null, 0);

    public string? Value(string key) =>
        Etcd.Entries.Where(entry => entry.Key == key).Select(entry => Encoding.UTF8.GetString(entry.Value)).FirstOrDefault();

    /// <summary>Tells the mirror a group and lets everything that follows from it happen.</summary>
    public void Apply(ClusterDelta delta)
    {
        Feed.Apply(delta);
        Settle();
    }

    public void Absorb()
    {
        foreach (var changes in Feed.Take())
        {
            Mirror.Absorb(changes);
        }
    }

    /// <summary>Takes every command there is, without running it.</summary>
    public void Start()
    {
        Absorb();
        while (Mirror.TryNext(out var command))
        {
            Running.Add(command);
        }
    }

    /// <summary>Runs one command and hands it back.</summary>
    public void Finish(SinkCommand command)
    {
        Running.Remove(command);
        Mirror.Complete(command, Error(command));
    }

    /// <summary>Runs a command. An assertion of the test that fails in it is no failure of the store.</summary>
    public static StoreException? Error(SinkCommand command)
    {
        var run = command.RunAsync(CancellationToken.None);
        Assert.True(run.IsCompleted, "the fake answers at once");
        return run.Exception?.InnerException switch
        {
            null => null,
            StoreException error => error,
            var other => throw new InvalidOperationException(other.Message, other),
        };
    }

    /// <summary>Runs everything that can happen without time passing.</summary>
    public void Settle()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Start();
            if (Running.Count == 0)
            {
                // Nothing to do and due at once would be a busy loop.
                Assert.NotEqual(TimeSpan.Zero, Mirror.NextDue());
                return;
            }

            Finish(Running[0]);
        }

        Assert.Fail("it never settles");
    }

    /// <summary>Lets time pass in steps, everything due happening in between.</summary>
    public void Pass(TimeSpan duration)
    {
        var end = Time.GetUtcNow() + duration;
        Settle();
        while (Time.GetUtcNow() < end)
        {
            var left = end - Time.GetUtcNow();
            var step = Mirror.NextDue() is { } due && due < left ? due : left;
            Time.Advance(step > TimeSpan.FromMilliseconds(1) ? step : TimeSpan.FromMilliseconds(1));
            Settle();
        }
    }
}
