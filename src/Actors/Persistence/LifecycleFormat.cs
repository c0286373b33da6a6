using System.Buffers;
using System.Collections.Immutable;
using KvStoreMesh.Core.Clusters;
using MessagePack;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// The journal's payloads: MessagePack arrays under a manifest with a version. Extend only: fields are appended and never change their
/// meaning, a reader skips what it does not know, and every manifest that was ever written can be read for ever.
/// </summary>
internal static class LifecycleFormat
{
    private const string Minted = "epoch-minted/1";
    private const string Seen = "config-seen/1";
    private const string Draining = "draining/1";
    private const string Removed = "removed/1";
    private const string Snapshot = "clusters/1";

    /// <summary>The name of an object's form.</summary>
    public static string Manifest(object payload) => payload switch
    {
        EpochMinted => Minted,
        ConfigSeen => Seen,
        ClusterDraining => Draining,
        ClusterRemoved => Removed,
        LifecycleState => Snapshot,
        _ => throw new ArgumentException($"{payload.GetType()} is nothing that the journal keeps", nameof(payload)),
    };

    /// <summary>Writes one.</summary>
    public static byte[] Write(object payload)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(buffer);
        switch (payload)
        {
            case EpochMinted minted:
                Header(ref writer, 5, minted);
                writer.Write(minted.Epoch);
                writer.Write(minted.Revision);
                writer.Write(minted.Reason);
                break;
            case ConfigSeen seen:
                Header(ref writer, 4, seen);
                writer.Write(seen.Value);
                writer.Write(seen.Revision);
                break;
            case ClusterDraining draining:
                Header(ref writer, 4, draining);
                writer.Write(draining.Epoch);
                writer.Write(draining.Revision);
                break;
            case ClusterRemoved removed:
                Header(ref writer, 2, removed);
                break;
            case LifecycleState state:
                Write(ref writer, state);
                break;
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads one back.</summary>
    /// <exception cref="InvalidDataException">The manifest is of a later version, or the bytes are not what it says.</exception>
    public static object Read(string manifest, byte[] bytes)
    {
        try
        {
            return Read(manifest, new MessagePackReader(bytes));
        }
        catch (Exception error) when (error is MessagePackSerializationException or EndOfStreamException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"a journal entry '{manifest}' cannot be read: {error.Message}", error);
        }
    }

    private static object Read(string manifest, MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        if (manifest == Snapshot)
        {
            return ReadSnapshot(ref reader, fields);
        }

        var (cluster, at) = (ClusterName.Parse(reader.ReadString()!), At(reader.ReadInt64()));
        return manifest switch
        {
            Minted => new EpochMinted(cluster, at, reader.ReadUInt64(), reader.ReadInt64(), reader.ReadString()!),
            Seen => new ConfigSeen(cluster, at, Bytes(ref reader) ?? [], reader.ReadInt64()),
            Draining => new ClusterDraining(cluster, at, reader.ReadUInt64(), reader.ReadInt64()),
            Removed => new ClusterRemoved(cluster, at),
            _ => throw new InvalidDataException($"a journal entry '{manifest}' is of a later kvstoremesh"),
        };
    }

    private static void Header(ref MessagePackWriter writer, int fields, LifecycleEvent happened)
    {
        writer.WriteArrayHeader(fields);
        writer.Write(happened.Cluster.Value);
        writer.Write(happened.At.ToUnixTimeMilliseconds());
    }

    private static void Write(ref MessagePackWriter writer, LifecycleState state)
    {
        writer.WriteArrayHeader(state.Clusters.Count);
        foreach (var (cluster, life) in state.Clusters)
        {
            writer.WriteArrayHeader(8);
            writer.Write(cluster.Value);
            writer.Write(life.At.ToUnixTimeMilliseconds());
            writer.Write(life.Epoch);
            writer.Write(life.Revision);
            writer.Write(life.Reason);
            writer.Write(life.Config);
            writer.Write(life.ConfigRevision);
            writer.Write(life.IsDraining);
        }
    }

    private static LifecycleState ReadSnapshot(ref MessagePackReader reader, int clusters)
    {
        var lives = ImmutableSortedDictionary.CreateBuilder<ClusterName, ClusterLife>();
        for (var i = 0; i < clusters; i++)
        {
            var fields = reader.ReadArrayHeader();
            var (cluster, at) = (ClusterName.Parse(reader.ReadString()!), At(reader.ReadInt64()));
            lives[cluster] = new ClusterLife(
                reader.ReadUInt64(), reader.ReadInt64(), reader.ReadString()!, Bytes(ref reader), reader.ReadInt64(), reader.ReadBoolean(), at);
            for (var field = 8; field < fields; field++)
            {
                reader.Skip();
            }
        }

        return new(lives.ToImmutable());
    }

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static byte[]? Bytes(ref MessagePackReader reader) => reader.ReadBytes() is { } bytes ? bytes.ToArray() : null;
}
