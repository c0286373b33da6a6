namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>Where desired state goes.</summary>
internal enum DatapathKind
{
    /// <summary>The kernel.</summary>
    Bpf,

    /// <summary>Memory: nothing is steered.</summary>
    Memory,
}
