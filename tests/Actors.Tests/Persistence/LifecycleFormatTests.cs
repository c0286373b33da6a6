using System.Collections.Immutable;
using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Clusters;

namespace KvStoreMesh.Actors.Tests.Persistence;

/// <summary>The journal's payloads: what version 1 wrote can be read for ever.</summary>
public sealed class LifecycleFormatTests
{
    private static readonly ClusterName Ape = Some.Cluster("ape");
    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1_760_000_000_123);

    private static readonly Dictionary<string, object> Kept = new()
    {
        ["epoch-minted/1"] = new EpochMinted(Ape, At, 0x1122334455667788, 42, "first list"),
        ["config-seen/1"] = new ConfigSeen(Ape, At, [1, 2], 7),
        ["draining/1"] = new ClusterDraining(Ape, At, 5, 43),
        ["removed/1"] = new ClusterRemoved(Ape, At),
        ["clusters/1"] = new LifecycleState(ImmutableSortedDictionary<ClusterName, ClusterLife>.Empty.Add(
            Ape, new ClusterLife(5, 42, "first list", [1, 2], 7, IsDraining: true, At))),
    };

    // Written by version 1 and kept: never to be changed.
    public static TheoryData<string, string> Version1 => new()
    {
        { "epoch-minted/1", "95a3617065cf00000199c82cc07bcf11223344556677882aaa6669727374206c697374" },
        { "config-seen/1", "94a3617065cf00000199c82cc07bc402010207" },
        { "draining/1", "94a3617065cf00000199c82cc07b052b" },
        { "removed/1", "92a3617065cf00000199c82cc07b" },
        { "clusters/1", "9198a3617065cf00000199c82cc07b052aaa6669727374206c697374c402010207c3" },
    };

    [Theory]
    [MemberData(nameof(Version1))]
    public void What_version_1_wrote_can_be_read(string manifest, string hex) =>
        Assert.Equivalent(Kept[manifest], LifecycleFormat.Read(manifest, Convert.FromHexString(hex)), strict: true);

    [Theory]
    [MemberData(nameof(Version1))]
    public void This_version_writes_what_version_1_wrote(string manifest, string hex)
    {
        Assert.Equal(manifest, LifecycleFormat.Manifest(Kept[manifest]));
        Assert.Equal(hex, Convert.ToHexStringLower(LifecycleFormat.Write(Kept[manifest])));
    }

    [Fact]
    public void Fields_that_a_later_version_appends_are_ignored()
    {
        var bytes = LifecycleFormat.Write(Kept["removed/1"]);
        byte[] extended = [(byte)(bytes[0] + 1), .. bytes[1..], 0xC3];
        Assert.Equal(Kept["removed/1"], LifecycleFormat.Read("removed/1", extended));
    }

    [Fact]
    public void Garbage_and_later_manifests_are_refused()
    {
        Assert.Throws<InvalidDataException>(() => LifecycleFormat.Read("removed/2", LifecycleFormat.Write(Kept["removed/1"])));
        Assert.Throws<InvalidDataException>(() => LifecycleFormat.Read("removed/1", [0xC1]));
        Assert.Throws<InvalidDataException>(() => LifecycleFormat.Read("epoch-minted/1", LifecycleFormat.Write(Kept["removed/1"])));
    }

    [Fact]
    public void What_the_journal_lacks_leads_to_what_is()
    {
        var state = LifecycleState.Empty;
        ClusterLife life = new(5, 42, "first list", [1], 7, false, At);
        foreach (var now in (ClusterLife?[])[life, life, life with { Config = [2] }, life with { Config = [2], Epoch = 6 }, life with { Config = [2], Epoch = 6, IsDraining = true }, null, null, life])
        {
            foreach (var missing in state.Missing(Ape, now, At))
            {
                state = state.Apply(missing);
            }

            Assert.Empty(state.Missing(Ape, now, At));
            Assert.Equal(now is not null, state.Clusters.ContainsKey(Ape));
            Assert.Equal(now?.Epoch ?? 0, state.Clusters.GetValueOrDefault(Ape)?.Epoch ?? 0);
            Assert.Equal(now?.IsDraining ?? false, state.Clusters.GetValueOrDefault(Ape)?.IsDraining ?? false);
        }
    }
}
