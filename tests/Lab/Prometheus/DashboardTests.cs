using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KvStoreMesh.Lab.World;

namespace KvStoreMesh.Lab.Prometheus;

/// <summary>Rules and dashboards against a real Prometheus that scrapes the real daemon, agents and etcds.</summary>
public sealed partial class DashboardTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private static readonly string[] Dashboards = Directory.GetFiles(Repository.File("lab", "grafana", "dashboards"), "*.json");

    [ToolFact("promtool")]
    public async Task Rules_hold_on_recorded_series()
    {
        foreach (var (kind, folder) in new[] { ("check", "rules"), ("test", "tests") })
        {
            var (code, output, errors) = await LabProgram.RunAsync(
                "promtool", [kind, "rules", .. Directory.GetFiles(Repository.File("lab", "prometheus", folder), "*.yml")]);
            Assert.True(code == 0, output + errors);
        }
    }

    [ToolFact("prometheus", "promtool", "etcd")]
    public async Task Every_panel_of_every_dashboard_shows_data_and_every_metric_is_clean()
    {
        await using var world = await LabWorld.StartAsync(remotes: 2, agents: 0);
        world.StartAgent("node1", 0, "--prometheus-serve-addr", world.AgentHttp(0));
        world.StartAgent("node2", 1, "--prometheus-serve-addr", world.AgentHttp(1));
        await world.ReadyAsync(agents: 2);
        await CleanAsync(await world.GetAsync("/metrics"), "daemon");
        await CleanAsync(await Http.GetStringAsync($"http://{world.AgentHttp(0)}/metrics"), "agent");

        using var server = new PrometheusServer(
            ("kvstoremesh", [world.HttpAddress]),
            ("node-agent", [world.AgentHttp(0), world.AgentHttp(1)]),
            ("etcd", [.. new[] { "a", "b", "c" }.Select(cluster => new Uri(world.Etcd(cluster).MetricsUrl).Authority)]));
        var queries = Dashboards.SelectMany(Queries).ToList();
        Assert.InRange(queries.Count, 40, 200);

        // Something has to happen while it looks: rates and the histogram of the lag need it.
        var round = 0;
        List<string> empty = [];
        await Eventually.HoldsAsync(
            "every panel has data",
            async () =>
            {
                await world.PutAsync("b", LabValues.Service("b", 2, 1 + (++round % 5)));
                empty.Clear();
                foreach (var (panel, expression) in queries)
                {
                    if (!await server.HasDataAsync(expression))
                    {
                        empty.Add($"{panel}: {expression}");
                    }
                }

                return empty.Count == 0;
            },
            () => string.Join('\n', empty));
    }

    [ToolFact("npm")]
    public async Task Dashboards_agree_with_the_types_of_Grafanas_schema()
    {
        var (code, output, errors) = await LabProgram.RunAsync(
            Repository.File("lab", "grafana", "typecheck.sh"), Path.Combine(Path.GetTempPath(), "kvstoremesh-grafana-schema"));

        // Without a package registry there are no types to agree with; the other tests of this class read the dashboards themselves.
        Assert.True(code is 0 or 3, output + errors);
    }

    [Fact]
    public void Every_panel_explains_itself_and_names_its_unit_and_runbook()
    {
        var anchors = Heading().Matches(Repository.ReadText("docs", "operations.md")).Select(match => Anchor(match.Groups[1].Value)).ToHashSet();
        Assert.Equal(5, Dashboards.Length);
        foreach (var file in Dashboards)
        {
            var dashboard = JsonNode.Parse(File.ReadAllText(file))!;
            Assert.Equal(Path.GetFileNameWithoutExtension(file), (string?)dashboard["uid"]);
            foreach (var panel in dashboard["panels"]!.AsArray())
            {
                var name = $"{dashboard["title"]}, {panel!["title"]}";
                Assert.True(((string?)panel["description"])?.EndsWith('.') == true, $"{name} has no description");
                Assert.True((string?)panel["fieldConfig"]!["defaults"]!["unit"] is { Length: > 0 }, $"{name} has no unit");
                Assert.True((string?)panel["datasource"]!["uid"] == "prometheus", $"{name} has another datasource");
                var link = (string)Assert.Single(panel["links"]!.AsArray())!["url"]!;
                Assert.True(anchors.Contains(link[(link.IndexOf('#', StringComparison.Ordinal) + 1)..]), $"{name} links to {link}, which docs/operations.md does not have");
            }
        }
    }

    [Fact]
    public void Every_alert_has_its_section_in_the_runbook_and_every_section_its_alert()
    {
        var alerts = Alert().Matches(Repository.ReadText("lab", "prometheus", "rules", "alerts.yml")).Select(match => match.Groups[1].Value).ToList();
        var sections = AlertHeading().Matches(Repository.ReadText("docs", "operations.md")).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(alerts.Order(StringComparer.Ordinal), sections.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<(string Panel, string Expression)> Queries(string file)
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(file))!;
        return from panel in dashboard["panels"]!.AsArray()
               from target in panel["targets"]!.AsArray()
               select ($"{dashboard["title"]}, {panel["title"]}",
                   ((string)target["expr"]!).Replace("$__rate_interval", "20s", StringComparison.Ordinal).Replace("$instance", ".+", StringComparison.Ordinal));
    }

    private static async Task CleanAsync(string metrics, string of)
    {
        var file = Path.Combine(Repository.Artefacts, $"metrics-{of}.txt");
        await File.WriteAllTextAsync(file, metrics);
        var (code, output, errors) = await LabProgram.RunAsync("sh", "-c", $"promtool check metrics < '{file}'");
        Assert.True(code == 0, $"{of}: {output}{errors}");
    }

    private static string Anchor(string heading) => NotInAnchor().Replace(heading.ToLower(CultureInfo.InvariantCulture), "").Replace(' ', '-');

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^### ((?:KvStoreMesh|NodeAgent)[A-Z][A-Za-z]+)$", RegexOptions.Multiline)]
    private static partial Regex AlertHeading();

    [GeneratedRegex("- alert: ([A-Za-z]+)")]
    private static partial Regex Alert();

    [GeneratedRegex("[^a-z0-9 -]")]
    private static partial Regex NotInAnchor();
}
