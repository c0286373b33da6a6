using System.Text;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Keys;
using KvStoreMesh.NodeAgent.Agent;
using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.Subscription;
using Microsoft.Extensions.Logging.Abstractions;

namespace KvStoreMesh.Integration;

/// <summary>The node agent's own subscription, with maps in memory: what an agent holds of each cluster.</summary>
internal sealed class StreamReader : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryDatapath _datapath = new(new DatapathLimits());
    private readonly ApplyLoop _loop;
    private readonly Task _running;

    public StreamReader(int port)
    {
        var agent = new MeshAgent(
            new MeshAgentOptions { NodeName = "reader" }, _datapath, TimeProvider.System, new Random(1), NullLogger<MeshAgent>.Instance);
        _loop = new ApplyLoop(agent, TimeProvider.System);
        var options = new SubscriptionOptions
        {
            Servers = [new Uri($"http://127.0.0.1:{port}")],
            NodeName = "reader",
            FirstBackoff = TimeSpan.FromMilliseconds(50),
            MaxBackoff = TimeSpan.FromMilliseconds(500),
        };
        var subscription = new MeshSubscription(options, _loop, TimeProvider.System, new Random(1), NullLogger<MeshSubscription>.Instance);
        _running = Task.WhenAll(_loop.RunAsync(_stop.Token), subscription.RunAsync(_stop.Token));
    }

    /// <summary>The data held of a cluster, under the keys of its own etcd.</summary>
    public Task<SortedDictionary<string, string>> ContentAsync(string cluster, CancellationToken cancellationToken) => _loop.AskAsync(
        agent =>
        {
            var content = new SortedDictionary<string, string>(StringComparer.Ordinal);
            if (agent.Replica.TryGet(ClusterName.Parse(cluster), out var replica))
            {
                foreach (var (key, entry) in replica.Entries.Where(entry => entry.Key.Kind != ResourceKind.ClusterConfig))
                {
                    content.Add($"{Prefix(key.Kind, cluster)}{key.Name}", Encoding.UTF8.GetString(entry.Value.Span));
                }
            }

            return content;
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _datapath.Dispose();
    }

    private static string Prefix(ResourceKind kind, string cluster) => kind switch
    {
        ResourceKind.Identities => $"{ResourcePrefixes.State(kind)}/id/",
        ResourceKind.Endpoints => $"{ResourcePrefixes.State(kind)}/default/",
        _ => $"{ResourcePrefixes.State(kind)}/{cluster}/",
    };
}
