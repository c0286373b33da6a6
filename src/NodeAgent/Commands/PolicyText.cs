using System.Globalization;
using System.Text;
using KvStoreMesh.NodeAgent.Manifests;
using KvStoreMesh.NodeAgent.Status;

namespace KvStoreMesh.NodeAgent.Commands;

/// <summary>Policy as a person reads it.</summary>
internal static class PolicyText
{
    /// <summary>A line for status.</summary>
    public static string Summary(PolicyStatus policy) => string.Create(
        CultureInfo.InvariantCulture,
        $"{policy.Mode}, {policy.Specs.Count} specs of {policy.PolicyFiles.Count} files; {policy.ReadyEndpoints}/{policy.Endpoints} endpoints ready");

    /// <summary>What is wrong, a line each.</summary>
    public static IEnumerable<string> Problems(PolicyStatus policy)
    {
        if (policy.DirectoryProblem is { } directory)
        {
            yield return directory;
        }

        foreach (var file in policy.PolicyFiles.Concat(policy.EndpointFiles).Where(file => file.Problem is not null))
        {
            yield return Problem(file);
        }

        if (policy.Frozen)
        {
            yield return "policy maps of an earlier run stay as they are until every policy file can be used";
        }
    }

    /// <summary><c>policy get</c>.</summary>
    public static string Render(PolicyStatus policy)
    {
        var text = new StringBuilder(Summary(policy)).Append('\n');
        foreach (var problem in Problems(policy))
        {
            text.Append(CultureInfo.InvariantCulture, $"{problem}\n");
        }

        foreach (var spec in policy.Specs)
        {
            var enforced = (spec.EnforcesIngress, spec.EnforcesEgress) switch
            {
                (true, true) => "ingress and egress",
                (true, false) => "ingress",
                (false, true) => "egress",
                _ => "nothing by default",
            };
            text.Append(CultureInfo.InvariantCulture, $"\n{spec.File}: {spec.Policy} {spec.Path}\n   endpoints: {spec.Subject}\n   enforces:  {enforced}\n");
            foreach (var rule in spec.Rules)
            {
                text.Append(CultureInfo.InvariantCulture, $"   {rule}\n");
            }
        }

        if (policy.Traffic.Count > 0)
        {
            var table = new TextTable();
            table.Add("REASON", "DIRECTION", "PACKETS", "BYTES");
            foreach (var traffic in policy.Traffic)
            {
                table.Add(
                    traffic.Reason,
                    traffic.Direction,
                    traffic.Packets.ToString(CultureInfo.InvariantCulture),
                    traffic.Bytes.ToString(CultureInfo.InvariantCulture));
            }

            text.Append('\n').Append(table);
        }

        return text.ToString();
    }

    /// <summary><c>policy trace</c>.</summary>
    public static string Render(TraceStatus trace)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"From:    {trace.Source}\nTo:      {trace.Destination}\nTraffic: {trace.Traffic}\n");
        Side("Egress", trace.Egress);
        Side("Ingress", trace.Ingress);
        return text.Append(CultureInfo.InvariantCulture, $"\nFinal verdict: {trace.Verdict}\n").ToString();

        void Side(string name, TraceSideStatus side)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{name}: {(side.IsAllowed ? "allowed" : "denied")}: {side.Reason}\n");
            foreach (var rule in side.Rules)
            {
                text.Append(CultureInfo.InvariantCulture, $"   {rule}\n");
            }

            if (side.Map is { } map)
            {
                text.Append(CultureInfo.InvariantCulture, $"   {map}\n");
            }
        }
    }

    private static string Problem(ManifestFileStatus file) =>
        $"{file.File}: {file.Problem}; {(file.HasLastGood ? "what it held before is in force" : "nothing of it is in force")}";
}
