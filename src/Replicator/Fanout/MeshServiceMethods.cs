using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>
/// Binds <c>kvstoremesh.v1.Mesh/Subscribe</c> with a response type that is bytes already: the generated base class would
/// parse and encode every record again for every subscriber.
/// </summary>
internal sealed class MeshServiceMethods : IServiceMethodProvider<MeshService>
{
    private static readonly Method<ClientFrame, OutboundFrame> Subscribe = new(
        MethodType.DuplexStreaming,
        Mesh.Descriptor.FullName,
        nameof(Subscribe),
        Marshallers.Create<ClientFrame>(
            static (_, _) => throw new InvalidOperationException("a server sends no client frames"), ParseClientFrame),
        Marshallers.Create<OutboundFrame>(
            WriteServerFrame, static _ => throw new InvalidOperationException("a server reads no server frames")));

    /// <inheritdoc />
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<MeshService> context) =>
        context.AddDuplexStreamingMethod(
            Subscribe, [], static (service, requests, responses, call) => service.Subscribe(requests, responses, call));

    private static ClientFrame ParseClientFrame(DeserializationContext context)
    {
        try
        {
            return ClientFrame.Parser.ParseFrom(context.PayloadAsReadOnlySequence());
        }
        catch (InvalidProtocolBufferException)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the bytes are not a ClientFrame"));
        }
    }

    private static void WriteServerFrame(OutboundFrame frame, SerializationContext context)
    {
        // The length first: without it the frame is copied into a buffer of its own to learn it.
        context.SetPayloadLength(frame.Length);
        frame.WriteTo(context.GetBufferWriter());
        context.Complete();
    }
}
