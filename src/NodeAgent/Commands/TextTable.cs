using System.Text;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>Columns as Go's tabwriter sets them for Cilium: at least 5 wide, 3 blanks between; no blanks at the end of a line.</summary>
internal sealed class TextTable
{
    private const int MinWidth = 5;
    private const int Padding = 3;

    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row, as many cells in each.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <inheritdoc />
    public override string ToString()
    {
        var columns = _rows.Count == 0 ? 0 : _rows.Max(row => row.Length);
        var widths = new int[columns];
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], Math.Max(MinWidth, row[i].Length + Padding));
            }
        }

        var text = new StringBuilder();
        foreach (var row in _rows)
        {
            var line = new StringBuilder();
            for (var i = 0; i < row.Length; i++)
            {
                line.Append(row[i].PadRight(widths[i]));
            }

            text.Append(line.ToString().TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
