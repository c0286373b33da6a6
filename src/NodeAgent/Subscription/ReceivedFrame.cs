using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>A frame and what it took on the wire, which is the unit of credit.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Bytes">Its encoded size.</param>
internal sealed record ReceivedFrame(ServerFrame Frame, int Bytes);
