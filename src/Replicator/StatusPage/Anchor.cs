using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>Ids of elements. A cluster's name may be any file name, so it is percent-encoded.</summary>
internal static class Anchor
{
    /// <summary>The id of a source's row.</summary>
    public static string Of(SourceRow source) => $"cluster-{Uri.EscapeDataString(source.Name)}";

    /// <summary>The id of an agent's row.</summary>
    public static string Of(AgentRow agent) => $"agent-{agent.Model.Session}";
}
