using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>One condition of a selector.</summary>
/// <param name="Key">The label asked about.</param>
/// <param name="Operator">What is asked.</param>
/// <param name="Values">For <see cref="LabelOperator.In"/> and <see cref="LabelOperator.NotIn"/>.</param>
public sealed record LabelRequirement(LabelKey Key, LabelOperator Operator, IReadOnlyList<string> Values)
{
    /// <summary>The label has this value.</summary>
    public static LabelRequirement Equal(LabelKey key, string value) => new(key, LabelOperator.In, [value]);

    /// <summary>The label is there.</summary>
    public static LabelRequirement Exists(LabelKey key) => new(key, LabelOperator.Exists, []);

    /// <summary>The labels meet it.</summary>
    public bool Matches(IReadOnlyList<IdentityLabel> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var (exists, isOne) = (false, false);
        foreach (var label in labels)
        {
            if (Key.Matches(label))
            {
                exists = true;
                isOne |= Values.Contains(label.Value);
            }
        }

        return Operator switch
        {
            LabelOperator.In => isOne,
            LabelOperator.NotIn => !isOne,
            LabelOperator.Exists => exists,
            _ => !exists,
        };
    }

    /// <summary>As people write it, and equal for equal conditions.</summary>
    public override string ToString() => Operator switch
    {
        LabelOperator.In when Values.Count == 1 => $"{Key}={Values[0]}",
        LabelOperator.In => $"{Key} in ({string.Join(',', Values)})",
        LabelOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        LabelOperator.Exists => $"{Key}",
        _ => $"!{Key}",
    };
}
