using System.Globalization;
using System.Text.Json;
using Etcdserverpb;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Etcd.Rpc;

namespace KvStoreMesh.Golden.Kinds;

/// <summary>The guard of the etcd cluster ID, the directory of configurations, permissions.</summary>
internal sealed class ConnectionVectors(GoldenCase golden)
{
    public GoldenCheck? Check(string name) => name switch
    {
        "" => null,
        "sequences" => new(name, Guard),
        "reaction" => GoldenCheck.NotApplicable(name, "EtcdOutageTests of the adapter: another etcd behind the same connection"),
        "events" => new(name, () => new DirectoryVectors(golden).Events()),
        "is_config" => new(name, () => new DirectoryVectors(golden).IsConfig()),
        "own_cluster_file" => new(name, () => new DirectoryVectors(golden).OwnFileIsIgnored()),
        "missing_directory" => GoldenCheck.NotApplicable(name, "a directory that vanishes keeps its clusters, one that is missing at the start is refused: RunFlagsTests"),
        "add_remove_coalescing" => GoldenCheck.NotApplicable(name, "MeshMembershipTests hold these rules with random sequences"),
        "users" or "auth" => GoldenCheck.NotApplicable(name, "checked with 'roles', which makes these users"),
        "roles" => new(name, () => new RbacVectors(golden).RunAsync()),
        "users_yaml" => GoldenCheck.NotApplicable(name, "of the exporter, which manages the users"),
        _ => null,
    };

    private void Guard()
    {
        foreach (var sequence in golden.Expect.GetProperty("sequences").EnumerateArray())
        {
            var guard = new ClusterIdGuard("https://127.0.0.1:2379");
            foreach (var (answer, error) in sequence.GetProperty("seq").EnumerateArray().Zip(sequence.GetProperty("errors").EnumerateArray()))
            {
                var header = answer[0].GetString()!.Contains("without header", StringComparison.Ordinal)
                    ? null
                    : new ResponseHeader { ClusterId = Id(answer[1]) };
                var problem = (Record.Exception(() => guard.Check(header)) as SourceException)?.Message;
                Assert.Equal(error.ValueKind == JsonValueKind.Null, problem is null);
                if (problem is not null && header is not null)
                {
                    Assert.Contains(error.GetString()!, problem, StringComparison.Ordinal);
                }
            }
        }
    }

    private static ulong Id(JsonElement id) => id.ValueKind == JsonValueKind.Number
        ? id.GetUInt64()
        : ulong.Parse(id.GetString()!, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
