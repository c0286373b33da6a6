using System.Globalization;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>Reads metrics in Prometheus' text form.</summary>
internal static class Prometheus
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The text of a page, or null if nobody answers.</summary>
    public static async Task<string?> TryGetAsync(string url)
    {
        try
        {
            using var answer = await Http.GetAsync(url);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>The sum over all labels of a metric; 0 if there is none.</summary>
    public static double Sum(string page, string metric) => page.Split('\n')
        .Where(line => line.StartsWith(metric, StringComparison.Ordinal) && line.Length > metric.Length && line[metric.Length] is ' ' or '{')
        .Sum(Value);

    // After name and labels: the value, and maybe a timestamp.
    private static double Value(string line)
    {
        var rest = line[(Math.Max(line.LastIndexOf('}'), line.IndexOf(' ', StringComparison.Ordinal)) + 1)..].Trim();
        return double.Parse(rest.Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
