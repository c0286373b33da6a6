using KvStoreMesh.Protos.V1;

namespace KvStoreMesh.Replicator.Fanout;

/// <summary>A nack as one line for an operator. Every part comes from the peer: cut, and freed of control characters.</summary>
internal static class NackText
{
    private const int MaxPart = 200;

    /// <summary>The line.</summary>
    public static string Of(Nack nack) =>
        $"{nack.Kind} '{Part(nack.Name)}' of cluster '{Part(nack.Cluster)}': {Part(nack.Reason)}";

    public static string Part(string text)
    {
        var cut = text.Length <= MaxPart ? text : text[..MaxPart] + "…";
        return string.Create(cut.Length, cut, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
            {
                target[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }
}
