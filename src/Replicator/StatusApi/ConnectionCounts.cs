namespace KvStoreMesh.Replicator.StatusApi;

/// <summary>What the mesh costs with this daemon, and what it would cost without.</summary>
/// <param name="Sources">M: configured sources, the local one included.</param>
/// <param name="Connected">Sources that are connected.</param>
/// <param name="Watches">Watches open at the sources.</param>
/// <param name="Agents">N: connected node agents.</param>
internal sealed record ConnectionCounts(int Sources, int Connected, int Watches, int Agents)
{
    // Cilium's agent: nodes, services, identities, endpoint IPs, and one of config, canaries or heartbeat at a time.
    private const int WatchesPerAgentAndSource = 5;

    /// <summary>Connections that are open: M + N when all is well.</summary>
    public int Here => Connected + Agents;

    /// <summary>Connections if each agent connected to each source: N × M.</summary>
    public long Direct => (long)Agents * Sources;

    /// <summary>Watches if each agent watched each source, about.</summary>
    public long DirectWatches => Direct * WatchesPerAgentAndSource;
}
