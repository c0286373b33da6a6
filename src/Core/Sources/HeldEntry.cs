namespace KvStoreMesh.Core.Sources;

/// <summary>A key's value and revisions as last seen at the source.</summary>
internal readonly record struct HeldEntry(byte[] Value, long ModRevision, long CreateRevision)
{
    public bool HasSameRevisions(in HeldEntry other) => ModRevision == other.ModRevision && CreateRevision == other.CreateRevision;

    public bool HasSameValue(in HeldEntry other) =>
        ReferenceEquals(Value, other.Value) || Value.AsSpan().SequenceEqual(other.Value);
}
