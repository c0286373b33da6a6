using KvStoreMesh.Core.Resources;
using KvStoreMesh.NodeAgent.Policy;

namespace KvStoreMesh.NodeAgent.Endpoints;

/// <summary>An endpoint at work.</summary>
internal sealed class EndpointRecord(ushort number, LocalEndpoint spec, PolicyMapWriter writer)
{
    /// <summary>Its number.</summary>
    public ushort Number => number;

    /// <summary>As its file describes it.</summary>
    public LocalEndpoint Spec { get; set; } = spec;

    /// <summary>Its labels.</summary>
    public IReadOnlyList<IdentityLabel> Labels { get; set; } = [];

    /// <summary>Its identity; 0 before it has one.</summary>
    public uint Identity { get; set; }

    /// <summary>The key by which it holds an identity of this node; null if its identity is the cluster's.</summary>
    public string? LocalIdentityKey { get; set; }

    /// <summary>What its policy map should hold; null before it is worked out.</summary>
    public EndpointPolicy? Policy { get; set; }

    /// <summary>Its policy map.</summary>
    public PolicyMapWriter Writer => writer;

    /// <summary>Why its traffic is not policed, or not as it should be; null if it is.</summary>
    public string? Problem { get; set; }

    /// <summary>The programs are on it.</summary>
    public bool IsAttached { get; set; }
}
