namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>What is asked of a label, as in Kubernetes' matchExpressions.</summary>
public enum LabelOperator
{
    /// <summary>The value is one of these.</summary>
    In,

    /// <summary>The value is none of these, or the label is missing.</summary>
    NotIn,

    /// <summary>The label is there.</summary>
    Exists,

    /// <summary>The label is missing.</summary>
    DoesNotExist,
}
