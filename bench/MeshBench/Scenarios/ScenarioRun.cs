using System.Diagnostics;
using System.Globalization;
using KvStoreMesh.MeshBench.Processes;
using KvStoreMesh.MeshBench.Results;

namespace KvStoreMesh.MeshBench.Scenarios;

/// <summary>One run of a scenario: its parameters, its files, its report.</summary>
internal sealed class ScenarioRun(ScenarioReport report, Workspace workspace, CancellationToken cancellationToken)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public ScenarioReport Report => report;

    public Workspace Workspace => workspace;

    public CancellationToken CancellationToken => cancellationToken;

    public int Int(string name) => int.Parse(report.Parameters[name], CultureInfo.InvariantCulture);

    public double Double(string name) => double.Parse(report.Parameters[name], CultureInfo.InvariantCulture);

    public TimeSpan Seconds(string name) => TimeSpan.FromSeconds(Double(name));

    public int[] Ints(string name) => [.. report.Parameters[name].Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];

    public string[] Words(string name) => report.Parameters[name].Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The progress line.</summary>
    public void Progress(string what) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{Stopwatch.GetElapsedTime(_started).TotalSeconds,6:0.0} s] {report.Scenario}: {what}"));

    public Task DelayAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System, cancellationToken);

    public void Add(BenchResult result)
    {
        report.Results.Add(result);
        Progress(string.Join(", ", Line(result)));
    }

    public void Ratio(string name, double? ours, double? baseline)
    {
        if (ours is { } value && baseline is { } other && other > 0)
        {
            report.Ratios[name] = Math.Round(value / other, 4);
        }
    }

    public void AtMost(string what, double limit, double measured, string unit) =>
        report.Budgets.Add(new(what, limit, Math.Round(measured, 4), unit, measured <= limit));

    public void AtLeast(string what, double limit, double measured, string unit) =>
        report.Budgets.Add(new(what, limit, Math.Round(measured, 4), unit, measured >= limit));

    public void Note(string note)
    {
        if (!report.Notes.Contains(note))
        {
            report.Notes.Add(note);
        }
    }

    private static IEnumerable<string> Line(BenchResult result)
    {
        yield return result.System;
        if (result.Phase is not null)
        {
            yield return result.Phase;
        }

        (string Name, double? Value)[] numbers =
        [
            ("subscribers", result.Subscribers), ("events/s", result.EventsPerS), ("deliveries", result.Deliveries), ("CPU s", result.CpuSeconds),
            ("µs/delivery", result.CpuUsPerDelivery), ("p50 ms", result.LagMs?.P50), ("p99 ms", result.LagMs?.P99), ("RSS MB", result.RssMb),
            ("connections", result.Connections), ("watchers", result.Watchers), ("lost", result.Lost),
            .. result.Details.Select(detail => (detail.Key, (double?)detail.Value)),
        ];
        foreach (var (name, value) in numbers.Where(number => number.Value is not null))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.###}");
        }
    }
}
