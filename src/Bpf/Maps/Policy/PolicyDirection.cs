namespace KvStoreMesh.Bpf.Maps.Policy;

/// <summary>Where traffic goes, seen from the endpoint; bit 0 of the policy map's byte.</summary>
public enum PolicyDirection : byte
{
    /// <summary>To the endpoint.</summary>
    Ingress = 0,

    /// <summary>From the endpoint.</summary>
    Egress = 1,
}
