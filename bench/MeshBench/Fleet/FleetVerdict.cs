namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>How the subscribers' content compares to that of the sources.</summary>
/// <param name="Keys">Keys of the sources.</param>
/// <param name="Matching">Readers whose digest equals the sources'.</param>
/// <param name="Lost">Over all other readers, keys that they hold otherwise than the sources, or not, or too many.</param>
internal sealed record FleetVerdict(int Keys, int Matching, long Lost);
