using System.Diagnostics;
using System.Text.Json;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Bench.Tests;

/// <summary>The scenarios run, verify their content, and write the JSON that others script against. Their times are nobody's business here.</summary>
public sealed class ScenarioSmokeTests
{
    [EtcdFact]
    public Task Connections_are_counted_and_nothing_is_lost() => RunAsync("connections", results =>
    {
        foreach (var ours in results.Where(result => Text(result, "system") == "kvstoremesh"))
        {
            var clusters = ours.GetProperty("details").GetProperty("clusters").GetInt32();
            Assert.Equal(clusters, ours.GetProperty("connections").GetInt32());
        }
    });

    [EtcdFact]
    public Task Fanout_delivers_to_everybody_by_every_system() => RunAsync("fanout", results =>
    {
        Assert.Equal(["etcd-direct", "etcd-grpc-proxy", "kvstoremesh"], results.Select(result => Text(result, "system")).Distinct().Order());
        Assert.All(results, result =>
        {
            Assert.True(result.GetProperty("deliveries").GetInt64() > 0);
            Assert.True(result.GetProperty("lag_ms").GetProperty("p99").GetDouble() > 0);
            Assert.True(result.GetProperty("cpu_seconds").GetDouble() > 0);
        });
    });

    private static async Task RunAsync(string scenario, Action<List<JsonElement>> check)
    {
        var json = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo(Program, [scenario, "--quick", "--json", json]) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var run = Process.Start(start) ?? throw new InvalidOperationException($"{Program} cannot be started");
            var (output, errors) = (run.StandardOutput.ReadToEndAsync(), run.StandardError.ReadToEndAsync());
            await run.WaitForExitAsync();
            Assert.True(run.ExitCode == 0, $"exit code {run.ExitCode}\n{await errors}\n{await output}");

            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(json));
            var root = report.RootElement;
            Assert.Equal(scenario, Text(root, "scenario"));
            Assert.NotEmpty(root.GetProperty("parameters").EnumerateObject());
            Assert.NotEmpty(root.GetProperty("ratios").EnumerateObject());
            Assert.Contains("etcd", root.GetProperty("machine").GetProperty("etcd").GetString());
            var results = root.GetProperty("results").EnumerateArray().ToList();
            Assert.NotEmpty(results);
            Assert.All(results, result => Assert.Equal(0, result.GetProperty("lost").GetInt64()));
            check(results);
        }
        finally
        {
            File.Delete(json);
        }
    }

    private static string Text(JsonElement element, string property) => element.GetProperty(property).GetString()!;

    // artifacts/bin/<project>/<configuration>/
    private static string Program
    {
        get
        {
            var configuration = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(configuration.Parent!.Parent!.FullName, "MeshBench", configuration.Name, "MeshBench");
        }
    }
}
