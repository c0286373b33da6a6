using Google.Protobuf;
using Grpc.Core;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.NodeAgent.Subscription;

/// <summary>The call, with the size of each received frame: the generated client does not tell it.</summary>
internal static class MeshMethods
{
    public static readonly Method<ClientFrame, ReceivedFrame> Subscribe = new(
        MethodType.DuplexStreaming,
        Mesh.Descriptor.FullName,
        nameof(Subscribe),
        Marshallers.Create<ClientFrame>(Write, _ => throw new InvalidOperationException("an agent receives no client frames")),
        Marshallers.Create<ReceivedFrame>(
            (_, _) => throw new InvalidOperationException("an agent sends no server frames"), Read));

    private static void Write(ClientFrame frame, SerializationContext context)
    {
        context.SetPayloadLength(frame.CalculateSize());
        frame.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static ReceivedFrame Read(DeserializationContext context) =>
        new(ServerFrame.Parser.ParseFrom(context.PayloadAsReadOnlySequence()), context.PayloadLength);
}
