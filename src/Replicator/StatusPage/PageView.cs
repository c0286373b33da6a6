using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.StatusPage;

/// <summary>The page. Pure: the same overview gives the same text.</summary>
internal static class PageView
{
    private const string Heading = "{{heading}}";
    private const string Content = "{{content}}";

    private static readonly string Shell = PageAsset.ReadText("status.html");

    /// <summary>What changes from second to second.</summary>
    public static string ContentOf(MeshOverview overview)
    {
        var html = new HtmlText();
        html.Add($"""<p class="taken">As of <time datetime="{overview.Taken:yyyy-MM-dd'T'HH:mm:ss'Z'}">{overview.Taken:yyyy-MM-dd HH:mm:ss} UTC</time></p>""");
        MeshTables.Counters(html, overview);
        MeshPicture.Draw(html, overview);
        MeshTables.Problems(html, overview);
        MeshTables.Sources(html, overview);
        MeshTables.Agents(html, overview);
        MeshTables.Mirror(html, overview);
        return html.ToString();
    }

    /// <summary>The whole page around it.</summary>
    public static string Of(string cluster, string content)
    {
        var heading = new HtmlText();
        heading.Add($"{cluster}");

        // In one pass: a name may look like a placeholder.
        return string.Join(
            content, Shell.Split(Content).Select(part => part.Replace(Heading, heading.ToString(), StringComparison.Ordinal)));
    }
}
