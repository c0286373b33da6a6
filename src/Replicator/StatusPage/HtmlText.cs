using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>
/// HTML under construction. What is written in the source is markup; what is put into it is text, always encoded, line
/// ends included: names of clusters, nodes and files, and errors, come from strangers.
/// </summary>
internal sealed class HtmlText
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds markup with values.</summary>
#pragma warning disable CA1822 // The handler writes into this instance.
    public void Add([InterpolatedStringHandlerArgument("")] ref Values values) => _ = values;
#pragma warning restore CA1822

    /// <inheritdoc />
    public override string ToString() => _text.ToString();

    /// <summary>Writes the literal parts as they are, the values encoded.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Values
    {
        private readonly StringBuilder _text;

        /// <summary>Called by the compiler.</summary>
        public Values(int literalLength, int formattedCount, HtmlText html)
        {
            _text = html._text;
            _text.EnsureCapacity(_text.Length + literalLength + (8 * formattedCount));
        }

        /// <summary>Markup.</summary>
        public void AppendLiteral(string markup) => _text.Append(markup);

        /// <summary>A value.</summary>
        public void AppendFormatted<T>(T value) => AppendFormatted(value, null);

        /// <summary>A value, formatted.</summary>
        public void AppendFormatted<T>(T value, string? format) => _text.Append(HtmlEncoder.Default.Encode(
            value is IFormattable formattable ? formattable.ToString(format, CultureInfo.InvariantCulture) : value?.ToString() ?? ""));
    }
}
