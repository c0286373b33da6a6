namespace KvStoreMesh.MeshBench.Wire;

/// <summary>Takes what arrives on a <see cref="GrpcStream"/>.</summary>
internal interface IMessageReader
{
    /// <summary>A whole message, valid during the call only.</summary>
    void OnMessage(ReadOnlySpan<byte> message);
}
