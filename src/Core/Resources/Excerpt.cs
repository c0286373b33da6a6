namespace KvStoreMesh.Core.Resources;

/// <summary>Foreign text on its way into a message: one line, of bounded length.</summary>
internal static class Excerpt
{
    private const int MaxNameLength = 80;
    private const int MaxMessageLength = 400;

    /// <summary>A name or another part of a value.</summary>
    public static string Of(string text) => Of(text, MaxNameLength);

    /// <summary>A whole message that has foreign text in it.</summary>
    public static string OfMessage(string text) => Of(text, MaxMessageLength);

    private static string Of(string text, int maxLength)
    {
        var end = Math.Min(text.Length, maxLength);
        var cut = text.Length > maxLength ? "…" : string.Empty;
        return string.Concat(string.Create(end, text, static (line, text) =>
        {
            for (var i = 0; i < line.Length; i++)
            {
                line[i] = IsPlain(text, i) ? text[i] : '\uFFFD';
            }
        }), cut);
    }

    // U+2028 and U+2029 end a line for some readers of logs.
    private static bool IsPlain(string text, int i) =>
        !char.IsControl(text[i]) && text[i] is not ('\u2028' or '\u2029') && !char.IsSurrogate(text[i]);
}
