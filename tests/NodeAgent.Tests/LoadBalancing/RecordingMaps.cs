using KvStoreMesh.NodeAgent.Datapath;
using KvStoreMesh.NodeAgent.LoadBalancing;

namespace KvStoreMesh.NodeAgent.Tests.LoadBalancing;

/// <summary>Maps in memory that call after every single write, and fail where told.</summary>
internal sealed class RecordingMaps(DatapathLimits? limits = null) : ILoadBalancerMaps
{
    private readonly ILoadBalancerMaps _maps = new MemoryDatapath(limits ?? new DatapathLimits()).LoadBalancer;

    public LoadBalancerContents Contents { get; private set; } = new();

    public Action<LoadBalancerOperation> AfterEach { get; set; } = _ => { };

    public Func<LoadBalancerOperation, bool> Fails { get; set; } = _ => false;

    public LoadBalancerContents Read() => _maps.Read();

    public WriteResult Write(IReadOnlyList<LoadBalancerOperation> operations)
    {
        for (var i = 0; i < operations.Count; i++)
        {
            var result = Fails(operations[i]) ? new(0, "told to fail") : _maps.Write([operations[i]]);
            if (result.Error is not null)
            {
                return new(i, result.Error);
            }

            Contents.Apply(operations[i]);
            AfterEach(operations[i]);
        }

        return new(operations.Count, null);
    }
}
