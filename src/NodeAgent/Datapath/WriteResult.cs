namespace KvStoreMesh.NodeAgent.Datapath;

/// <summary>How far a sequence of writes came.</summary>
/// <param name="Applied">Writes that took effect, from the first on; the one after them failed, the rest was not tried.</param>
/// <param name="Error">Null if all took effect, else one line: which map, what, the way out.</param>
public readonly record struct WriteResult(int Applied, string? Error);
