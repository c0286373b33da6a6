using System.Globalization;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>
/// The mesh as an SVG picture: sources on the left, the daemon, agents on the right. A line's thickness is its rate, its
/// colour and its dashes are how current it is. Pure. The tables say the same in words, so readers of screens skip it.
/// </summary>
internal static class MeshPicture
{
    /// <summary>So many of each side are drawn; what is not well comes first.</summary>
    public const int MaxDrawn = 16;

    private const int Width = 480;
    private const int BoxWidth = 132;
    private const int BoxHeight = 34;
    private const int RowHeight = 44;
    private const int HubWidth = 76;
    private const int NameLength = 15;

    /// <summary>Adds the picture.</summary>
    public static void Draw(HtmlText html, MeshOverview overview)
    {
        var sources = Drawn(overview.Sources, source => source.Freshness == SourceFreshness.Live ? 0 : 1);
        var agents = Drawn(overview.Agents, agent => agent.Model.Following ? agent.Model.Behind : long.MaxValue);
        var rows = Math.Max(1, Math.Max(Rows(sources.Count, overview.Sources.Count), Rows(agents.Count, overview.Agents.Count)));
        var height = (rows * RowHeight) + 10;
        var middle = height / 2;

        html.Add($"""<svg id="picture" viewBox="0 0 {Width} {height}" aria-hidden="true" focusable="false">""");
        for (var i = 0; i < sources.Count; i++)
        {
            var source = sources[i];
            var y = Top(i, Rows(sources.Count, overview.Sources.Count), height);
            Link(html, $"link-{Anchor.Of(source)}", BoxWidth, y, (Width - HubWidth) / 2, middle, source.RevisionsPerSecond, DisplayText.Of(source.Freshness));
            Box(html, 0, y, source.Name, $"{DisplayText.Of(source.Freshness)} {DisplayText.Rate(source.RevisionsPerSecond)}", DisplayText.Of(source.Freshness));
        }

        for (var i = 0; i < agents.Count; i++)
        {
            var agent = agents[i];
            var (state, note) = agent.IsUpToDate ? ("live", "up to date") : agent.Model.Following ? ("syncing", $"{agent.Model.Behind} behind") : ("syncing", "loading");
            var y = Top(i, Rows(agents.Count, overview.Agents.Count), height);
            Link(html, $"link-agent-{agent.Model.Session}", (Width + HubWidth) / 2, middle, Width - BoxWidth, y, agent.RecordsPerSecond, state);
            Box(html, Width - BoxWidth, y, agent.Model.Node, $"{note} {DisplayText.Rate(agent.RecordsPerSecond)}", state);
        }

        More(html, 0, sources.Count, overview.Sources.Count, height);
        More(html, Width - BoxWidth, agents.Count, overview.Agents.Count, height);
        html.Add($"""
            <g class="hub"><rect x="{(Width - HubWidth) / 2}" y="{middle - 24}" width="{HubWidth}" height="48" rx="8"/>
            <text x="{Width / 2}" y="{middle - 4}" class="name">daemon</text><text x="{Width / 2}" y="{middle + 13}" class="note">{DisplayText.Short(overview.Cluster, 9)}</text></g></svg>
            """);
    }

    /// <summary>The thickness of a line; the eye compares orders of magnitude.</summary>
    public static double Thickness(double? perSecond) => Math.Min(9, 1.5 + (1.5 * Math.Log10(1 + (perSecond ?? 0))));

    // Each keeps its place among those drawn: what moves is hard to follow.
    private static List<T> Drawn<T>(IReadOnlyList<T> all, Func<T, long> urgency) =>
        [.. all.Index().OrderByDescending(entry => urgency(entry.Item)).Take(MaxDrawn).OrderBy(entry => entry.Index).Select(entry => entry.Item)];

    private static int Rows(int drawn, int all) => drawn + (drawn < all ? 1 : 0);

    private static int Top(int index, int rows, int height) => ((height - (rows * RowHeight)) / 2) + (index * RowHeight) + (RowHeight / 2);

    private static void Link(HtmlText html, string id, int fromX, int fromY, int toX, int toY, double? rate, string state)
    {
        var bend = (fromX + toX) / 2;
        html.Add($"""<path id="{id}" class="link {state}" stroke-width="{Thickness(rate).ToString("0.0", CultureInfo.InvariantCulture)}" d="M{fromX} {fromY}C{bend} {fromY} {bend} {toY} {toX} {toY}"/>""");
    }

    private static void Box(HtmlText html, int x, int y, string name, string note, string state) => html.Add($"""
        <g class="box {state}"><title>{name}</title><rect x="{x + 1}" y="{y - (BoxHeight / 2)}" width="{BoxWidth - 2}" height="{BoxHeight}" rx="6"/>
        <text x="{x + (BoxWidth / 2)}" y="{y - 2}" class="name">{DisplayText.Short(name, NameLength)}</text><text x="{x + (BoxWidth / 2)}" y="{y + 12}" class="note">{note}</text></g>
        """);

    private static void More(HtmlText html, int x, int drawn, int all, int height)
    {
        if (drawn < all)
        {
            html.Add($"""<text x="{x + (BoxWidth / 2)}" y="{Top(drawn, drawn + 1, height)}" class="note">and {all - drawn} more</text>""");
        }
    }
}
