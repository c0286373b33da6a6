namespace KvStoreMesh.Bpf.Maps;

/// <summary>Whether an update may create or overwrite; must match <c>BPF_ANY</c> and its neighbours. Batches know only <see cref="Any"/>.</summary>
public enum BpfUpdateMode
{
    /// <summary>Create or overwrite.</summary>
    Any = 0,

    /// <summary>Create only; EEXIST otherwise.</summary>
    OnlyNew = 1,

    /// <summary>Overwrite only; ENOENT otherwise.</summary>
    OnlyExisting = 2,
}
