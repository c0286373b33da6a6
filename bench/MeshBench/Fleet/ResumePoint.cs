using Google.Protobuf;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>Where a subscriber stands in one cluster, as the last heartbeat said: what it shows when it comes back.</summary>
internal sealed class ResumePoint
{
    // Field 6 of ResumeToken, a varint.
    private const int SeqTag = 6 << 3;

    private FreshnessReading _reading = new(0, 0, [], 0, 0);

    public ulong Epoch { get; set; }

    /// <summary>Nothing of the cluster has come since the heartbeat.</summary>
    private bool IsExact { get; set; }

    /// <summary>Takes what a heartbeat says of the cluster, everything before which has arrived.</summary>
    public void Observe(in FreshnessReading reading) => (_reading, IsExact) = (reading, true);

    /// <summary>Something of the cluster has arrived.</summary>
    public void Change() => IsExact = false;

    /// <summary>The bytes of a ResumeToken.</summary>
    public byte[] ToToken(string cluster)
    {
        var token = new ResumeToken { Cluster = cluster, Epoch = Epoch, Revision = _reading.Revision, Fingerprint = _reading.Fingerprint };
        if (IsExact)
        {
            token.Digest = ByteString.CopyFrom(_reading.Digest);
        }

        return [.. token.ToByteArray(), SeqTag, .. Varint((ulong)_reading.Seq)];
    }

    /// <summary>A number as protobuf writes it.</summary>
    public static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
