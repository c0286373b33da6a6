namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>Something to be measured, with its baselines.</summary>
internal interface IScenario
{
    string Name { get; }

    string Description { get; }

    IReadOnlyList<ScenarioParameter> Parameters { get; }

    /// <summary>Measures and writes into the run's report.</summary>
    Task RunAsync(ScenarioRun run);
}
