using KvStoreMesh.MeshBench.Wire;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>What a heartbeat says of one cluster, as far as a resuming subscriber needs it. A daemon without resume leaves most of it out.</summary>
internal readonly record struct FreshnessReading(uint Cluster, long Revision, byte[] Digest, long Seq, ulong Fingerprint)
{
    /// <summary>Reads a ClusterFreshness.</summary>
    public static FreshnessReading Parse(ReadOnlySpan<byte> bytes)
    {
        var reading = new FreshnessReading(0, 0, [], 0, 0);
        for (var field = new ProtoReader(bytes); field.Next();)
        {
            reading = field.Field switch
            {
                1 => reading with { Cluster = (uint)field.Number },
                4 => reading with { Revision = (long)field.Number },
                5 => reading with { Digest = field.Bytes.ToArray() },
                6 => reading with { Seq = (long)field.Number },
                7 => reading with { Fingerprint = field.Number },
                _ => reading,
            };
        }

        return reading;
    }
}
