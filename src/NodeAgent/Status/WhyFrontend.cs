namespace KvStoreMesh.NodeAgent.Status;

/// <summary>A frontend and every backend that anybody offers.</summary>
/// <param name="Frontend">Address, and the port's name in brackets.</param>
/// <param name="Problem">Why it is another service's; null if it is not.</param>
/// <param name="Backends">Those that are in come first.</param>
public sealed record WhyFrontend(string Frontend, string? Problem, IReadOnlyList<WhyBackend> Backends);
