using System.CommandLine;
using System.Diagnostics;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.MeshBench.Processes;

namespace KvStoreMesh.MeshBench.Commands;

/// <summary><c>list</c>: the baseline of the bootstrap, asked by it.</summary>
internal static class ListCommand
{
    // The page size at which etcd 3.4 is about as quick as without pages.
    private const int PageKeys = 10_000;

    public static Command Create()
    {
        var sources = new Option<string[]>("--source") { Required = true };
        var command = new Command("list", "Lists all keys of mirrors, page by page") { sources };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var channels = parsed.GetValue(sources)!
                .Select(source => GrpcChannel.ForAddress(source, new GrpcChannelOptions { MaxReceiveMessageSize = 64 << 20 }))
                .ToList();
            await ControlLoop.RunAsync(
                async words => words[0] == "list" ? await ListAsync(channels, cancellationToken) : await ConnectAsync(channels, cancellationToken),
                cancellationToken);
            channels.ForEach(channel => channel.Dispose());
            return 0;
        });
        return command;
    }

    // Everything compiled and connected: only the list is measured.
    private static async Task<object> ConnectAsync(List<GrpcChannel> channels, CancellationToken cancellationToken)
    {
        foreach (var channel in channels)
        {
            await PageAsync(channel, new RangeRequest { Key = ByteString.CopyFromUtf8(CiliumKeys.Heartbeat) }, [], cancellationToken);
        }

        return true;
    }

    private static async Task<object> ListAsync(List<GrpcChannel> channels, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var content = new Dictionary<string, byte[]>();
        foreach (var channel in channels)
        {
            var request = new RangeRequest
            {
                Key = ByteString.CopyFromUtf8(CiliumKeys.Cache),
                RangeEnd = ByteString.CopyFromUtf8(CiliumKeys.Cache[..^1] + "0"),
                Limit = PageKeys,
            };
            while (await PageAsync(channel, request, content, cancellationToken) is { } next)
            {
                request.Key = next;
            }
        }

        return new ListOutcome(content.Count, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static async Task<ByteString?> PageAsync(
        GrpcChannel channel, RangeRequest request, Dictionary<string, byte[]> content, CancellationToken cancellationToken)
    {
        var page = await new KV.KVClient(channel).RangeAsync(request, cancellationToken: cancellationToken);
        request.Revision = page.Header.Revision;
        foreach (var pair in page.Kvs)
        {
            content[pair.Key.ToStringUtf8()] = pair.Value.ToByteArray();
        }

        return page.More ? ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]) : null;
    }
}
