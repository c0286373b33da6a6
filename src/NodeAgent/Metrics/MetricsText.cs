using System.Globalization;
using System.Text;

namespace KvStoreMesh.NodeAgent.Metrics;

/// <summary>
/// Prometheus' text format, version 0.0.4, written by hand: the client libraries rely on reflection, and the agent must publish as
/// Native AOT. Each metric's samples follow its own heading.
/// </summary>
internal sealed class MetricsText
{
    /// <summary>The media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();
    private string _name = string.Empty;

    /// <summary>Begins a value that goes up and down.</summary>
    public MetricsText Gauge(string name, string help) => Begin(name, help, "gauge");

    /// <summary>Begins a value that only goes up; its name ends with <c>_total</c>.</summary>
    public MetricsText Counter(string name, string help) => Begin(name, help, "counter");

    /// <summary>A sample of the metric begun last.</summary>
    /// <param name="value">The value, in the unit of the name.</param>
    /// <param name="labels">Their values are any text.</param>
    public MetricsText Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name);
        for (var i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            Escape(labels[i].Value);
            _text.Append('"');
        }

        _text.Append(labels.Length > 0 ? "} " : " ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
        return this;
    }

    /// <inheritdoc />
    public override string ToString() => _text.ToString();

    private MetricsText Begin(string name, string help, string type)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    private void Escape(string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append("\\\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append("\\n"),
                _ => _text.Append(c),
            };
        }
    }
}
