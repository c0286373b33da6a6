namespace KvStoreMesh.MeshBench.Results;

/// <summary>A budget and what was measured.</summary>
/// <param name="What">The budget, in words.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Measured">What was measured, in the limit's unit.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Met">It holds.</param>
public sealed record BudgetLine(string What, double Limit, double Measured, string Unit, bool Met);
