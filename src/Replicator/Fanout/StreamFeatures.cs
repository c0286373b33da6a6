using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>The optional parts of the protocol that both sides speak.</summary>
/// <param name="Bits">As in <c>Hello.features</c>.</param>
internal readonly record struct StreamFeatures(ulong Bits)
{
    /// <summary>What this daemon speaks.</summary>
    public static StreamFeatures Known { get; } = new((ulong)(Feature.Resume | Feature.Brotli));

    /// <summary>The subscriber takes diffs, brings tokens, and asks for what is not right.</summary>
    public bool Resume => (Bits & (ulong)Feature.Resume) != 0;

    /// <summary>The subscriber reads compressed chunks.</summary>
    public bool Brotli => (Bits & (ulong)Feature.Brotli) != 0;

    /// <summary>What both speak.</summary>
    public StreamFeatures And(ulong wished) => new(Bits & wished);
}
