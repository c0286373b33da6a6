using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Authpb;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.TestSupport.Sources;

namespace KvStoreMesh.TestSupport.Etcd;

/// <summary>Writes to a real etcd, and sets up its users as Cilium does. Any thread.</summary>
public sealed class EtcdWriter : IDisposable
{
    private readonly GrpcChannel _channel;
    private readonly KV.KVClient _kv;
    private readonly Auth.AuthClient _auth;

    /// <summary>Creates a client; with TLS it trusts the authority and shows the certificate.</summary>
    public EtcdWriter(string url, string? caFile = null, (string CertFile, string KeyFile)? certificate = null)
    {
        var handler = new SocketsHttpHandler();
        if (caFile is not null && certificate is { } files)
        {
            handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(caFile) },
            };
            handler.SslOptions.ClientCertificateContext =
                SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(files.CertFile, files.KeyFile), null, offline: true);
        }

        _channel = GrpcChannel.ForAddress(url, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        _kv = new KV.KVClient(_channel);
        _auth = new Auth.AuthClient(_channel);
    }

    /// <summary>Puts a key; returns the revision.</summary>
    public Task<long> PutAsync(string key, string value) => WriteAsync(SourceWrite.Put(key, value));

    /// <summary>Deletes a key; returns the revision.</summary>
    public Task<long> DeleteAsync(string key) => WriteAsync(SourceWrite.Delete(key));

    /// <summary>Writes in one transaction, at most 128 operations; returns the revision.</summary>
    public Task<long> WriteAsync(params IEnumerable<SourceWrite> writes) => WriteBytesAsync(
        writes.Select(write => (ByteString.CopyFromUtf8(write.Key), write.Value is null ? null : ByteString.CopyFrom(write.Value))));

    /// <summary>Writes keys of any bytes in one transaction; a null value deletes.</summary>
    public async Task<long> WriteBytesAsync(IEnumerable<(ByteString Key, ByteString? Value)> writes)
    {
        var transaction = new TxnRequest();
        foreach (var (key, value) in writes)
        {
            transaction.Success.Add(value is null
                ? new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key } }
                : new RequestOp { RequestPut = new PutRequest { Key = key, Value = value } });
        }

        return (await _kv.TxnAsync(transaction)).Header.Revision;
    }

    /// <summary>Writes many keys, 128 a transaction, some transactions at once.</summary>
    public async Task WriteManyAsync(IEnumerable<SourceWrite> writes) =>
        await Parallel.ForEachAsync(
            writes.Chunk(128), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (chunk, _) => await WriteAsync(chunk));

    /// <summary>Forgets the history before a revision.</summary>
    public async Task CompactAsync(long revision) => await _kv.CompactAsync(new CompactionRequest { Revision = revision, Physical = true });

    /// <summary>
    /// Users and roles as Cilium's etcdinit makes them: <c>root</c>, and <c>remote</c> without password, which reads what a
    /// remote cluster may. Then requires authentication: by certificate, whose common name is the user.
    /// </summary>
    /// <param name="cluster">The cluster whose etcd it is.</param>
    /// <param name="password">Of a further user <c>mesh</c> with the role <c>remote</c>; null = no such user.</param>
    public async Task EnableAuthAsync(string cluster, string? password = null)
    {
        await AddRoleAsync("remote", write: false, Remote(cluster));
        if (password is not null)
        {
            await _auth.UserAddAsync(new AuthUserAddRequest { Name = "mesh", Password = password });
            await _auth.UserGrantRoleAsync(new AuthUserGrantRoleRequest { User = "mesh", Role = "remote" });
        }

        await EnableAuthAsync();
    }

    /// <summary>What the role <c>remote</c> of a cluster's etcd may read.</summary>
    public static SourceRange[] Remote(string cluster) =>
    [
        new("cilium/.heartbeat", "cilium/.heartbeau"),
        new("cilium/state/", "cilium/state0"),
        new($"cilium/cluster-config/{cluster}", string.Empty),
        new($"cilium/synced/{cluster}/", $"cilium/synced/{cluster}0"),
    ];

    /// <summary>Adds a role and a user of the same name, who has it.</summary>
    /// <param name="name">Of both.</param>
    /// <param name="write">The ranges may be written, too.</param>
    /// <param name="ranges">What is granted.</param>
    /// <param name="password">Null = by certificate only.</param>
    public async Task AddRoleAsync(string name, bool write, IEnumerable<SourceRange> ranges, string? password = null)
    {
        await _auth.RoleAddAsync(new AuthRoleAddRequest { Name = name });
        foreach (var range in ranges)
        {
            await _auth.RoleGrantPermissionAsync(new AuthRoleGrantPermissionRequest
            {
                Name = name,
                Perm = new Permission
                {
                    PermType = write ? Permission.Types.Type.Readwrite : Permission.Types.Type.Read,
                    Key = ByteString.CopyFromUtf8(range.Start),
                    RangeEnd = ByteString.CopyFromUtf8(range.End),
                },
            });
        }

        await _auth.UserAddAsync(password is null
            ? new AuthUserAddRequest { Name = name, Options = new UserAddOptions { NoPassword = true } }
            : new AuthUserAddRequest { Name = name, Password = password });
        await _auth.UserGrantRoleAsync(new AuthUserGrantRoleRequest { User = name, Role = name });
    }

    /// <summary>Adds the user <c>root</c>, who may do everything, and requires authentication from now on.</summary>
    public async Task EnableAuthAsync()
    {
        await AddRoleAsync("root", write: true, []);
        await _auth.AuthEnableAsync(new AuthEnableRequest());
    }

    /// <summary>Adds a user who may do nothing.</summary>
    public async Task AddUserAsync(string name) =>
        await _auth.UserAddAsync(new AuthUserAddRequest { Name = name, Options = new UserAddOptions { NoPassword = true } });

    public void Dispose() => _channel.Dispose();
}
