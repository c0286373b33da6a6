using System.Text.Json.Nodes;
using KvStoreMesh.Lab.World;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Lab.Prometheus;

/// <summary>Debian's Prometheus with the lab's rules, scraping every second.</summary>
internal sealed class PrometheusServer : IDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-prometheus-").FullName;
    private readonly LabProgram _process;
    private readonly string _address = $"127.0.0.1:{EtcdProcess.FreePorts(1)[0]}";

    public PrometheusServer(params IEnumerable<(string Job, string[] Targets)> jobs)
    {
        var config = Path.Combine(_directory, "prometheus.yml");
        var scrapes = jobs.Select(job => $"- job_name: {job.Job}\n  static_configs:\n  - targets: [{string.Join(", ", job.Targets.Select(target => $"'{target}'"))}]\n");
        File.WriteAllText(
            config,
            $"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{Repository.File("lab", "prometheus", "rules")}/*.yml']\nscrape_configs:\n{string.Concat(scrapes)}");
        _process = new LabProgram(
            ToolFactAttribute.Find("prometheus")!, $"--config.file={config}", $"--storage.tsdb.path={_directory}/data", $"--web.listen-address={_address}", "--log.level=warn");
    }

    /// <summary>The expression has at least one series, and no value that is not a number.</summary>
    public async Task<bool> HasDataAsync(string expression)
    {
        try
        {
            var answer = JsonNode.Parse(await Http.GetStringAsync($"http://{_address}/api/v1/query?query={Uri.EscapeDataString(expression)}"))!;
            var series = answer["data"]!["result"]!.AsArray();
            return series.Count > 0 && series.All(entry => (string?)entry!["value"]![1] is not ("NaN" or "+Inf" or "-Inf"));
        }
        catch (HttpRequestException failure) when (failure.StatusCode is null or System.Net.HttpStatusCode.ServiceUnavailable)
        {
            Assert.False(_process.HasEnded, _process.Output);
            return false;
        }
    }

    public void Dispose()
    {
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
