namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>An option of a scenario.</summary>
/// <param name="Name">Without dashes.</param>
/// <param name="Description">For --help.</param>
/// <param name="Default">The value of a full run.</param>
/// <param name="Quick">The value with --quick.</param>
internal sealed record ScenarioParameter(string Name, string Description, string Default, string Quick);
