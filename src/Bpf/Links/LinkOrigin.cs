namespace KvStoreMesh.Bpf.Links;

/// <summary>How the attachment of a program came about.</summary>
public enum LinkOrigin
{
    /// <summary>Nothing was pinned; the program was attached anew.</summary>
    Created,

    /// <summary>A pinned link of an earlier run was there; its program was swapped in one step, nothing went without.</summary>
    Adopted,

    /// <summary>The pinned link was of another cgroup or interface, or of one that is gone; a new one took its place.</summary>
    Recreated,
}
