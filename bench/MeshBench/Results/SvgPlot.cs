using System.Globalization;
using System.Text;

namespace KvStoreMesh.MeshBench.Results;

/// <summary>Lines over logarithmic axes as SVG.</summary>
internal sealed class SvgPlot(string title, string xName, string yName)
{
    private const double Left = 70, Right = 560, Top = 40, Bottom = 360, Width = 820, Height = 420;
    private static readonly string[] Colours = ["#c0392b", "#e67e22", "#d4ac0d", "#a04000", "#1f618d", "#148f77", "#6c3483", "#2e4053"];

    private readonly List<(string Name, bool Dashed, IReadOnlyList<(double X, double Y)> Points)> _lines = [];

    public void Add(string name, bool dashed, IEnumerable<(double X, double Y)> points) => _lines.Add((name, dashed, [.. points]));

    public override string ToString()
    {
        var points = _lines.SelectMany(line => line.Points).ToList();
        var (x0, x1) = (points.Min(p => p.X), points.Max(p => p.X));
        var (y0, y1) = (points.Min(p => p.Y), points.Max(p => p.Y));
        double X(double x) => Left + ((Right - Left) * Place(x, x0, x1));
        double Y(double y) => Bottom - ((Bottom - Top) * Place(y, y0, y1));

        var svg = new StringBuilder();
        Line(svg, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        Line(svg, $"<text x=\"{Left}\" y=\"20\" font-size=\"15\">{title}</text>");
        Line(svg, $"<text x=\"{(Left + Right) / 2}\" y=\"{Bottom + 40}\" text-anchor=\"middle\">{xName}</text>");
        Line(svg, $"<text x=\"18\" y=\"{(Top + Bottom) / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {(Top + Bottom) / 2})\">{yName}</text>");
        foreach (var x in points.Select(p => p.X).Distinct())
        {
            Line(svg, $"<line x1=\"{X(x):0.#}\" y1=\"{Top}\" x2=\"{X(x):0.#}\" y2=\"{Bottom}\" stroke=\"#ddd\"/><text x=\"{X(x):0.#}\" y=\"{Bottom + 18}\" text-anchor=\"middle\">{x}</text>");
        }

        for (var y = Math.Pow(10, Math.Ceiling(Math.Log10(y0))); y <= y1; y *= 10)
        {
            Line(svg, $"<line x1=\"{Left}\" y1=\"{Y(y):0.#}\" x2=\"{Right}\" y2=\"{Y(y):0.#}\" stroke=\"#ddd\"/><text x=\"{Left - 6}\" y=\"{Y(y) + 4:0.#}\" text-anchor=\"end\">{y}</text>");
        }

        for (var i = 0; i < _lines.Count; i++)
        {
            var (name, dashed, line) = _lines[i];
            var style = $"stroke=\"{Colours[i % Colours.Length]}\" stroke-width=\"2\"{(dashed ? " stroke-dasharray=\"6 4\"" : string.Empty)}";
            var path = string.Join(' ', line.Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.X):0.#},{Y(p.Y):0.#}")));
            Line(svg, $"<polyline points=\"{path}\" fill=\"none\" {style}/>");
            Line(svg, $"<line x1=\"{Right + 20}\" y1=\"{Top + (20 * i)}\" x2=\"{Right + 50}\" y2=\"{Top + (20 * i)}\" {style}/><text x=\"{Right + 56}\" y=\"{Top + 4 + (20 * i)}\">{name}</text>");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static double Place(double value, double low, double high) => high <= low ? 0.5 : Math.Log(value / low) / Math.Log(high / low);

    private static void Line(StringBuilder svg, FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));
}
