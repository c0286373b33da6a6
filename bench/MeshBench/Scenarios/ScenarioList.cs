namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>All scenarios.</summary>
internal static class ScenarioList
{
    public static IReadOnlyList<IScenario> All { get; } = 
    [
        new ConnectionsScenario(),
        new FanoutScenario(),
        new SlowReadersScenario(),
        new BootstrapScenario(),
        new RestartScenario(),
        new ThroughputScenario(),
        new AgentSyncScenario(),
    ];
}
