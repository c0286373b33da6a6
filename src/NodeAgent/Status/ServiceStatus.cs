namespace KvStoreMesh.NodeAgent.Status;

/// <summary>One frontend.</summary>
/// <param name="Id">Its id in the datapath; 0 if it is not there yet.</param>
/// <param name="Frontend"><c>10.0.0.1:80/TCP</c>.</param>
/// <param name="Service"><c>namespace/name</c>.</param>
/// <param name="Backends">As in the datapath, by slot.</param>
public sealed record ServiceStatus(int Id, string Frontend, string Service, IReadOnlyList<string> Backends);
