using System.Buffers;
using System.Buffers.Binary;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.Core.Sources;
using MessagePack;

namespace KvStoreMesh.Actors.Persistence;

/// <summary>
/// <see cref="SourceCheckpoint"/> as bytes: a MessagePack array and 8 bytes that check it. Fields are only ever appended, so that a later
/// version reads what an earlier one wrote, and an earlier one ignores what it does not know.
/// </summary>
public static class CheckpointFormat
{
    private const int Version = 1;
    private const int Fields = 11;

    /// <summary>Writes one.</summary>
    public static byte[] Write(SourceCheckpoint checkpoint)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Fields);
        writer.Write(Version);
        writer.Write(checkpoint.EtcdClusterId);
        writer.Write(checkpoint.Position.Epoch.Value);
        writer.Write(checkpoint.Position.Revision);
        writer.Write(checkpoint.Position.Fingerprint);
        writer.Write(checkpoint.ReachedRevision);
        writer.Write(checkpoint.Config.Key);
        writer.Write(checkpoint.Config.Value);
        writer.Write(checkpoint.Config.ModRevision);
        writer.Write(checkpoint.Config.CreateRevision);
        writer.WriteArrayHeader(checkpoint.Resources.Count);
        foreach (var resource in checkpoint.Resources)
        {
            Write(ref writer, resource);
        }

        writer.Flush();
        BinaryPrimitives.WriteUInt64LittleEndian(buffer.GetSpan(sizeof(ulong)), Sum(checkpoint.Cluster, buffer.WrittenSpan.ToArray()));
        buffer.Advance(sizeof(ulong));
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads one back.</summary>
    /// <exception cref="InvalidDataException">The bytes are not those of a checkpoint of this cluster.</exception>
    public static SourceCheckpoint Read(ClusterName cluster, byte[] bytes)
    {
        var length = bytes.Length - sizeof(ulong);
        if (length <= 0 || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(length)) != Sum(cluster, bytes[..length]))
        {
            throw new InvalidDataException($"{cluster}: its checkpoint is damaged");
        }

        try
        {
            return Read(cluster, new MessagePackReader(bytes.AsMemory(0, length)));
        }
        catch (Exception error) when (error is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            throw new InvalidDataException($"{cluster}: its checkpoint cannot be read: {error.Message}", error);
        }
    }

    private static SourceCheckpoint Read(ClusterName cluster, MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        if (fields < Fields || reader.ReadInt32() < Version)
        {
            throw new InvalidDataException($"{cluster}: its checkpoint is of no version that ever was");
        }

        var etcdClusterId = reader.ReadUInt64();
        var position = new SourcePosition(new SourceEpoch(reader.ReadUInt64()), reader.ReadInt64(), reader.ReadUInt64());
        var reached = reader.ReadInt64();
        var config = new SourceEntry(reader.ReadString()!, Bytes(ref reader), reader.ReadInt64(), reader.ReadInt64());
        var resources = new ResourceCheckpoint[reader.ReadArrayHeader()];
        for (var i = 0; i < resources.Length; i++)
        {
            resources[i] = ReadResource(ref reader);
        }

        return new(cluster, etcdClusterId, position, reached, config, resources);
    }

    private static void Write(ref MessagePackWriter writer, ResourceCheckpoint resource)
    {
        writer.WriteArrayHeader(resource.LastChange is null ? 4 : 6);
        writer.Write((int)resource.Kind);
        writer.Write(resource.Epoch.Value);
        writer.Write(resource.CompleteTo);
        writer.Write(resource.IsSynced);
        if (resource.LastChange is { } change)
        {
            writer.Write(change.Revision);
            writer.WriteArrayHeader(change.Events.Count);
            foreach (var fingerprint in change.Events)
            {
                writer.Write(fingerprint);
            }
        }
    }

    private static ResourceCheckpoint ReadResource(ref MessagePackReader reader)
    {
        var fields = reader.ReadArrayHeader();
        var resource = new ResourceCheckpoint(
            (ResourceKind)reader.ReadInt32(), new SourceEpoch(reader.ReadUInt64()), reader.ReadInt64(), reader.ReadBoolean(), null);
        if (fields >= 6)
        {
            var revision = reader.ReadInt64();
            var events = new ulong[reader.ReadArrayHeader()];
            for (var i = 0; i < events.Length; i++)
            {
                events[i] = reader.ReadUInt64();
            }

            resource = resource with { LastChange = new(revision, events) };
        }

        for (var i = 6; i < fields; i++)
        {
            reader.Skip();
        }

        return resource;
    }

    private static byte[] Bytes(ref MessagePackReader reader) => reader.ReadBytes() is { } bytes ? bytes.ToArray() : [];

    private static ulong Sum(ClusterName cluster, byte[] bytes) =>
        SourceFingerprint.Of(new(ResourceKind.ClusterConfig, cluster.Value), bytes, 0, 0);
}
