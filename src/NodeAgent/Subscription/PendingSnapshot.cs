using KvStoreMesh.Core.Cache;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>A snapshot between its begin and its end.</summary>
internal sealed class PendingSnapshot(long seq, long revision, uint keyCount, bool isDiff)
{
    /// <summary>The seq it holds everything up to.</summary>
    public long Seq { get; } = seq;

    /// <summary>The source revision.</summary>
    public long Revision { get; } = revision;

    /// <summary>It holds what changed only.</summary>
    public bool IsDiff { get; } = isDiff;

    /// <summary>Of what was received; null once something came that this version does not know.</summary>
    public ContentDigest? Digest { get; set; } = default(ContentDigest);

    /// <summary>Records of any kind so far.</summary>
    public int Received { get; set; }

    /// <summary>Records announced.</summary>
    public uint KeyCount { get; } = keyCount;

    /// <summary>The number of the next chunk.</summary>
    public uint NextChunk { get; set; }

    /// <summary>Bytes of names and values so far.</summary>
    public long Bytes { get; set; }

    /// <summary>Records so far.</summary>
    public List<MeshRecord> Records { get; } = [];
}
