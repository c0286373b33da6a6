using Authpb;
using Etcdserverpb;
using Google.Protobuf;

namespace KvStoreMesh.MeshLab;

/// <summary>Fills an etcd, and gives it the users and the roles that Cilium's etcdinit makes: certificates' common names are the users.</summary>
internal static class EtcdUsers
{
    /// <summary>Does so; an etcd that has users already is only filled again.</summary>
    public static async Task InitAsync(string directory, LabCluster cluster, CancellationToken cancellationToken)
    {
        using var channel = EtcdChannel.Open(directory, cluster.Name, "root");
        var (kv, auth) = (new KV.KVClient(channel), new Auth.AuthClient(channel));
        foreach (var (key, value) in LabValues.Of(cluster))
        {
            await kv.PutAsync(new PutRequest { Key = ByteString.CopyFromUtf8(key), Value = ByteString.CopyFromUtf8(value) }, cancellationToken: cancellationToken);
        }

        if ((await auth.AuthStatusAsync(new AuthStatusRequest(), cancellationToken: cancellationToken)).Enabled)
        {
            return;
        }

        foreach (var user in (string[])["root", "remote"])
        {
            await auth.UserAddAsync(new AuthUserAddRequest { Name = user, Options = new UserAddOptions { NoPassword = true } }, cancellationToken: cancellationToken);
            await auth.RoleAddAsync(new AuthRoleAddRequest { Name = user }, cancellationToken: cancellationToken);
            await auth.UserGrantRoleAsync(new AuthUserGrantRoleRequest { User = user, Role = user }, cancellationToken: cancellationToken);
        }

        (string From, string To)[] readable =
        [
            ("cilium/.heartbeat", "cilium/.heartbeau"),
            ("cilium/state/", "cilium/state0"),
            ($"cilium/cluster-config/{cluster.Name}", ""),
            ($"cilium/synced/{cluster.Name}/", $"cilium/synced/{cluster.Name}0"),
        ];
        foreach (var (from, to) in readable)
        {
            await auth.RoleGrantPermissionAsync(
                new AuthRoleGrantPermissionRequest
                {
                    Name = "remote",
                    Perm = new Permission { PermType = Permission.Types.Type.Read, Key = ByteString.CopyFromUtf8(from), RangeEnd = ByteString.CopyFromUtf8(to) },
                },
                cancellationToken: cancellationToken);
        }

        await auth.AuthEnableAsync(new AuthEnableRequest(), cancellationToken: cancellationToken);
        Console.WriteLine($"{cluster.Name}: filled, users root and remote");
    }
}
