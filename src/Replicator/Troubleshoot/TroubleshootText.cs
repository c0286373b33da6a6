using System.Text;

namespace KvStoreMesh.Replicator.Troubleshoot;

/// <summary>The report as Cilium's <c>troubleshoot clustermesh</c> looks. Pure.</summary>
internal static class TroubleshootText
{
    /// <summary>All of it.</summary>
    public static string Of(TroubleshootReport report)
    {
        var text = new StringBuilder();
        text.Append($"Found {report.Clusters.Count} cluster configurations in {report.Directory}\n");
        foreach (var cluster in report.Clusters)
        {
            text.Append($"\nCluster \"{Printable(cluster.Cluster)}\":\n📄 Configuration path: {Printable(cluster.Path)}\n");
            cluster.Findings.ForEach(finding => Line(text, finding));
        }

        text.Append("\nMesh:\n");
        foreach (var finding in report.Mesh)
        {
            Line(text, finding);
        }

        var (errors, warnings) = (report.Count(Severity.Error), report.Count(Severity.Warning));
        return text.Append(errors + warnings == 0 ? "\nNo problem found\n" : $"\n{errors} errors, {warnings} warnings\n").ToString();
    }

    private static void Line(StringBuilder text, Finding finding)
    {
        var mark = finding.Severity switch { Severity.Fine => "✅", Severity.Warning => "⚠️ ", Severity.Error => "❌", _ => "ℹ️ " };
        text.Append($"   {mark} {finding.Step}: {Printable(finding.Text)}\n");
        if (finding.WayOut is not null)
        {
            text.Append($"      💡 {Printable(finding.WayOut)}\n");
        }
    }

    // Names of files and nodes come from strangers; a terminal obeys what it is sent.
    private static string Printable(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = char.IsControl(from[i]) ? ' ' : from[i];
        }
    });
}
