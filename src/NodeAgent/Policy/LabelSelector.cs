using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Conditions that must all hold; without any, everything is selected.</summary>
/// <param name="Requirements">The conditions.</param>
public sealed record LabelSelector(IReadOnlyList<LabelRequirement> Requirements)
{
    /// <summary>It asks about a label of this key, from Kubernetes or any source.</summary>
    public bool Mentions(string key) => Requirements.Any(requirement =>
        requirement.Key.Key == key && requirement.Key.Source is LabelKey.Any or IdentityLabel.Kubernetes);

    /// <summary>It asks about a reserved label.</summary>
    public bool MentionsReserved => Requirements.Any(requirement => requirement.Key.Source == IdentityLabel.Reserved);

    /// <summary>It asks for the pod's namespace, by name or by labels.</summary>
    public bool MentionsNamespace => Mentions(LabelKey.Namespace)
        || Requirements.Any(requirement => requirement.Key.Key.StartsWith(LabelKey.NamespaceLabels, StringComparison.Ordinal));

    /// <summary>The selector with one condition more.</summary>
    public LabelSelector And(LabelRequirement requirement) => new([.. Requirements, requirement]);

    /// <summary>The labels meet all conditions.</summary>
    public bool Matches(IReadOnlyList<IdentityLabel> labels) => Requirements.All(requirement => requirement.Matches(labels));

    /// <summary>As people write it, and equal for equal conditions in equal order.</summary>
    public override string ToString() => Requirements.Count == 0 ? "{}" : string.Join(' ', Requirements);
}
