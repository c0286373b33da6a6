using KvStoreMesh.Actors.Persistence;
using KvStoreMesh.Actors.Tests.Support;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using MessagePack;

namespace KvStoreMesh.Actors.Tests.Persistence;

/// <summary>The stored form of checkpoints: what version 1 wrote can be read for ever.</summary>
public sealed class CheckpointFormatTests
{
    // Written by version 1 and kept: never to be changed. A failure here means that states of running daemons would be lost.
    private const string Version1 =
        "9b01cecafebabecf1122334455667788cd03e8cfffeeddccbbaa9988cd03e9b963696c69756d2f636c75737465722d636f6e6669672f617065c4087b"
        + "226964223a377d0702929604cf1122334455667788cd03e8c3cd03e792010294050009c25973d822d059c6a8";

    private static readonly SourceCheckpoint Checkpoint = new(
        Some.Cluster("ape"),
        0xcafebabe,
        new(new SourceEpoch(0x1122334455667788), 1000, 0xffeeddccbbaa9988),
        1001,
        new("cilium/cluster-config/ape", """{"id":7}"""u8.ToArray(), 7, 2),
        [
            new(ResourceKind.Endpoints, new SourceEpoch(0x1122334455667788), 1000, true, new(999, [1, 2])),
            new(ResourceKind.Services, new SourceEpoch(0), 9, false, null),
        ]);

    [Fact]
    public void What_version_1_wrote_can_be_read() =>
        Assert.Equivalent(Checkpoint, CheckpointFormat.Read(Checkpoint.Cluster, Convert.FromHexString(Version1)), strict: true);

    [Fact]
    public void This_version_writes_what_version_1_wrote() =>
        Assert.Equal(Version1, Convert.ToHexStringLower(CheckpointFormat.Write(Checkpoint)));

    [Fact]
    public void Fields_that_a_later_version_appends_are_ignored()
    {
        var bytes = CheckpointFormat.Write(Checkpoint);
        byte[] extended = [(byte)(bytes[0] + 1), .. bytes[1..^8], 0xA3, .. "new"u8];
        var sum = SourceFingerprint.Of(new(ResourceKind.ClusterConfig, "ape"), extended, 0, 0);
        Assert.Equivalent(Checkpoint, CheckpointFormat.Read(Checkpoint.Cluster, [.. extended, .. BitConverter.GetBytes(sum)]), strict: true);
    }

    [Fact]
    public void Every_changed_or_missing_byte_is_noticed()
    {
        var bytes = CheckpointFormat.Write(Checkpoint);
        for (var i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => CheckpointFormat.Read(Checkpoint.Cluster, changed));
            Assert.Throws<InvalidDataException>(() => CheckpointFormat.Read(Checkpoint.Cluster, bytes[..i]));
        }
    }

    [Fact]
    public void Another_clusters_checkpoint_is_refused() =>
        Assert.Throws<InvalidDataException>(() => CheckpointFormat.Read(Some.Cluster("bee"), CheckpointFormat.Write(Checkpoint)));

    [Fact]
    public void It_is_plain_MessagePack() =>
        Assert.StartsWith("[1,3405691582,", MessagePackSerializer.ConvertToJson(CheckpointFormat.Write(Checkpoint)), StringComparison.Ordinal);
}
