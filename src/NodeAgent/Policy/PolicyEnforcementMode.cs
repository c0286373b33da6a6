namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>When what no rule allows is dropped (Cilium's <c>enable-policy</c>).</summary>
public enum PolicyEnforcementMode
{
    /// <summary>At endpoints that a rule applies to, in its direction.</summary>
    Default,

    /// <summary>At every endpoint.</summary>
    Always,

    /// <summary>Nowhere: no policy is applied.</summary>
    Never,
}
