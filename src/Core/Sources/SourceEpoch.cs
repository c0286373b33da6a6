namespace KvStoreMesh.Core.Sources;

/// <summary>
/// Names one history of a source. Revisions compare only within an epoch; a wiped, restored or replaced etcd starts another.
/// </summary>
/// <param name="Value">Random, minted by the daemon that met the history first; 0 = none.</param>
public readonly record struct SourceEpoch(ulong Value)
{
    /// <inheritdoc />
    public override string ToString() => $"{Value:x16}";
}
