using System.Globalization;
using KvStoreMesh.MeshBench.Mock;

namespace KvStoreMesh.MeshBench.Processes;

/// <summary>The writer of the mock clusters in a process of its own.</summary>
internal sealed class MockProcess : ChildProcess
{
    private MockProcess(IEnumerable<string> arguments)
        : base("mock", Programs.MeshBench, arguments, isConversing: true)
    {
    }

    /// <summary>Starts it; nothing is written before <see cref="FillAsync"/>.</summary>
    public static MockProcess Start(IEnumerable<string> etcdConfigs, int clusters, MockShape shape, MockLayout layout) => new(
    [
        "mock", "--control", "--clusters", Text(clusters), "--layout", layout.ToString(),
        "--nodes", Text(shape.Nodes), "--identities", Text(shape.Identities), "--endpoints", Text(shape.Endpoints), "--services", Text(shape.Services),
        .. etcdConfigs.SelectMany(config => (string[])["--etcd-config", config]),
    ]);

    /// <summary>Writes the initial content.</summary>
    public Task<MockStatus> FillAsync(CancellationToken cancellationToken) => AskAsync<MockStatus>("fill", cancellationToken);

    /// <summary>Begins to change at a rate; <see cref="RestAsync"/> ends it.</summary>
    public Task<MockStatus> ChurnAsync(double eventsPerSecond, CancellationToken cancellationToken) =>
        AskAsync<MockStatus>(string.Create(CultureInfo.InvariantCulture, $"churn {eventsPerSecond}"), cancellationToken);

    /// <summary>Ends the changes and waits until all are written.</summary>
    public Task<MockStatus> RestAsync(CancellationToken cancellationToken) => AskAsync<MockStatus>("rest", cancellationToken);

    /// <summary>Updates so many endpoints as fast as the etcds take them.</summary>
    public Task<MockStatus> BurstAsync(int events, CancellationToken cancellationToken) => AskAsync<MockStatus>($"burst {Text(events)}", cancellationToken);

    /// <summary>Updates so many endpoints, one Put after the other.</summary>
    public Task<MockStatus> PutInSequenceAsync(int events, CancellationToken cancellationToken) => AskAsync<MockStatus>($"sequence {Text(events)}", cancellationToken);

    /// <summary>Updates so many different endpoints of the first cluster in one transaction.</summary>
    public Task<MockStatus> TransactAsync(int events, CancellationToken cancellationToken) => AskAsync<MockStatus>($"transact {Text(events)}", cancellationToken);

    /// <summary>Hands over so many mixed changes without waiting for the etcds.</summary>
    public Task<MockStatus> IssueAsync(int events, CancellationToken cancellationToken) => AskAsync<MockStatus>($"issue {Text(events)}", cancellationToken);

    public Task<MockStatus> StatusAsync(CancellationToken cancellationToken) => AskAsync<MockStatus>("status", cancellationToken);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
