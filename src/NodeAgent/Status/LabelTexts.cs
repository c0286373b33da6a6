using KvStoreMesh.Core.Resources;

namespace KvStoreMesh.NodeAgent.Status;

/// <summary>Labels as Cilium prints them: without an equals sign where there is no value.</summary>
internal static class LabelTexts
{
    public static IReadOnlyList<string> Of(IEnumerable<IdentityLabel> labels) =>
    [
        .. labels.Select(label => label.Value.Length == 0 ? $"{label.Source}:{label.Key}" : $"{label.Source}:{label.Key}={label.Value}")
            .Order(StringComparer.Ordinal),
    ];
}
