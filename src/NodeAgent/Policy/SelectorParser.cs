using KvStoreMesh.NodeAgent.Manifests;

namespace KvStoreMesh.NodeAgent.Policy;

/// <summary>Reads matchLabels and matchExpressions.</summary>
internal static class SelectorParser
{
    private const int MaxExpressions = 100;
    private const int MaxValues = 1000;

    /// <exception cref="ManifestException">It is no selector.</exception>
    public static LabelSelector Parse(ManifestFields selector)
    {
        List<LabelRequirement> requirements =
        [
            .. selector.TakeTextMapping("matchLabels").Select(label => LabelRequirement.Equal(LabelKey.Parse(label.Key), label.Value)),
        ];
        foreach (var (path, node) in selector.TakeList("matchExpressions", MaxExpressions) ?? [])
        {
            requirements.Add(ParseExpression(ManifestFields.Of(path, node)));
        }

        selector.RefuseRest();
        return new(requirements);
    }

    private static LabelRequirement ParseExpression(ManifestFields expression)
    {
        var key = LabelKey.Parse(expression.TakeText("key") ?? throw expression.Refuse("key", "must be there"));
        LabelOperator? op = expression.TakeText("operator") switch
        {
            nameof(LabelOperator.In) => LabelOperator.In,
            nameof(LabelOperator.NotIn) => LabelOperator.NotIn,
            nameof(LabelOperator.Exists) => LabelOperator.Exists,
            nameof(LabelOperator.DoesNotExist) => LabelOperator.DoesNotExist,
            _ => throw expression.Refuse("operator", "must be In, NotIn, Exists or DoesNotExist"),
        };
        var values = expression.TakeTexts("values", MaxValues) ?? [];
        expression.RefuseRest();
        return (values.Count > 0) == (op is LabelOperator.In or LabelOperator.NotIn)
            ? new(key, op.Value, values)
            : throw expression.Refuse("values", values.Count > 0 ? $"must be absent with {op}" : $"must be there with {op}");
    }
}
