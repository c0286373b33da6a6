using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;
using KvStoreMesh.Core.Keys;

namespace KvStoreMesh.MeshBench.Fleet;

/// <summary>All content of the sources as of now, read by plain lists: what every subscriber must hold in the end.</summary>
internal sealed class SourceContent
{
    private const int PageKeys = 10_000;

    private readonly List<(string? Cluster, byte[] Key, ulong Value, long Revision)> _pairs = [];
    private readonly Dictionary<int, RecordNote> _notes = [];

    public IReadOnlyCollection<RecordNote> Notes => _notes.Values;

    public ulong Digest { get; private set; }

    /// <summary>The hash of a key's value; 0 = there is none.</summary>
    public ulong ValueOf(int key) => _notes.TryGetValue(key, out var note) ? note.Value : 0;

    /// <summary>Lists the sources.</summary>
    /// <param name="sources">Each <c>URL</c> of a mirror, or <c>CLUSTER=URL</c> of a cluster's own etcd.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<SourceContent> LoadAsync(IEnumerable<string> sources, CancellationToken cancellationToken)
    {
        var content = new SourceContent();
        foreach (var source in sources)
        {
            var equals = source.IndexOf('=', StringComparison.Ordinal);
            var cluster = equals < 0 ? null : source[..equals];
            await content.LoadAsync(source[(equals + 1)..], cluster, cancellationToken);
        }

        return content;
    }

    /// <summary>Gives the keys their numbers: by whoever owns the table, once, before anything else is asked.</summary>
    public void Number(KeyTable keys)
    {
        foreach (var (cluster, key, value, revision) in _pairs)
        {
            var number = EtcdKeys.NumberOf(keys, key, cluster);
            if (number >= 0)
            {
                _notes[number] = new(number, value, revision, 0, 0, 0);
                Digest += ContentHash.Mix(keys.HashOf(number), value);
            }
        }

        _pairs.Clear();
    }

    private async Task LoadAsync(string url, string? cluster, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions { MaxReceiveMessageSize = 64 << 20 });
        var client = new KV.KVClient(channel);
        var prefix = cluster is null ? CiliumKeys.Cache : CiliumKeys.State;
        var request = new RangeRequest
        {
            Key = ByteString.CopyFromUtf8(prefix),
            RangeEnd = ByteString.CopyFromUtf8(prefix[..^1] + "0"),
            Limit = PageKeys,
        };
        while (true)
        {
            var page = await client.RangeAsync(request, cancellationToken: cancellationToken);
            request.Revision = page.Header.Revision;
            foreach (var pair in page.Kvs)
            {
                _pairs.Add((cluster, pair.Key.ToByteArray(), ContentHash.Of(pair.Value.Span), pair.ModRevision));
            }

            if (!page.More)
            {
                return;
            }

            request.Key = ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]);
        }
    }
}
