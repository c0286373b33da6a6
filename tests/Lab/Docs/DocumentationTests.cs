using System.Text.RegularExpressions;
using KvStoreMesh.Lab.World;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Lab.Docs;

/// <summary>What the pages say is what happens: their commands run, and their tables are complete.</summary>
public sealed partial class DocumentationTests
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [ToolFact("etcd", "jq", "curl")]
    public Task Commands_of_the_operations_page_give_the_output_shown() => RunAsync("operations.md");

    [ToolFact("etcd", "jq", "curl")]
    public Task Exercises_of_the_lab_page_show_what_they_promise() => RunAsync("lab.md");

    [EtcdFact]
    public async Task Every_metric_is_in_the_tables_and_every_name_in_the_tables_is_a_metric()
    {
        await using var world = await LabWorld.StartAsync(remotes: 1, agents: 0);
        world.StartAgent("node1", 0, "--prometheus-serve-addr", world.AgentHttp(0));
        await world.ReadyAsync(agents: 1);
        await world.PutAsync("b", LabValues.Service("b", 2, 1));
        var exposed = new HashSet<string>();
        await Eventually.HoldsAsync(
            "counters and the histogram have begun",
            async () =>
            {
                exposed = [.. Names(await world.GetAsync("/metrics")), .. Names(await Http.GetStringAsync($"http://{world.AgentHttp(0)}/metrics"))];
                return exposed.Contains("kvstoremesh_apply_lag_seconds") && exposed.Contains("kvstoremesh_agent_silent_seconds");
            });

        // Those of options that are not given here, and counters of what has not happened here, are only exposed when they are needed.
        var page = Repository.ReadText("docs", "operations.md");
        var told = Row().Matches(page).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Equal([], exposed.Except(told).Where(name => !name.StartsWith("dotnet_", StringComparison.Ordinal)).Order());
        var dormant = Optional().Matches(page).SelectMany(section => Row().Matches(section.Value)).Select(match => match.Groups[1].Value).Concat(
            ["kvstoremesh_nacks_total", "kvstoremesh_replica_divergence_total", "kvstoremesh_resyncs_total", "kvstoremesh_sessions_ended_total"]);
        Assert.Equal([], told.Except(exposed).Except(dormant).Order());
    }

    private static async Task RunAsync(string page)
    {
        await using var world = await LabWorld.StartAsync(remotes: 2, agents: 2);
        var blocks = ConsoleBlock.Of(page, Repository.ReadText("docs", page));
        Assert.NotEmpty(blocks);
        foreach (var block in blocks)
        {
            if (await world.ActAsync(block.Command))
            {
                continue;
            }

            var output = "";
            await Eventually.HoldsAsync(
                $"{block.Where}: $ {block.Command}\n{block.Expected}",
                async () =>
                {
                    output = await world.ShellAsync(block.Command);
                    return block.Matches(output);
                },
                () => $"it gave:\n{output}");
        }
    }

    private static IEnumerable<string> Names(string metrics) => Type().Matches(metrics).Select(match => match.Groups[1].Value);

    [GeneratedRegex("^# TYPE ([a-z0-9_]+) ", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex(@"^\| `([a-z0-9_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^With `--[^\n]*\n\n(?:\|[^\n]*\n)+", RegexOptions.Multiline)]
    private static partial Regex Optional();
}
