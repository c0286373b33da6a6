using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>One rendering, shared by everybody who looks within the same moment.</summary>
/// <param name="Overview">What it shows.</param>
/// <param name="Content">The changing part as HTML.</param>
/// <param name="Event">The same as a server-sent event.</param>
internal sealed record PageFrame(MeshOverview Overview, string Content, ReadOnlyMemory<byte> Event);
