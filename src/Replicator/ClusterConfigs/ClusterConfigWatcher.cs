using System.Collections.Immutable;
using KvStoreMesh.Actors.Mesh;
using KvStoreMesh.Core.Clusters;
using KvStoreMesh.Core.Sources;
using KvStoreMesh.Replicator.Signals;

namespace KvStoreMesh.Replicator.ClusterConfigs;

/// <summary>
/// Looks at the configuration when the file system hints at a change and every <see cref="ClusterConfigOptions.RescanInterval"/>,
/// and tells the mesh what to replicate. The first look is done when <see cref="StartAsync"/> returns, so that
/// nobody is served before it is known which clusters there are.
/// </summary>
internal sealed class ClusterConfigWatcher(
    ClusterConfigOptions options,
    ClusterConfigBoard board,
    Action<object> tellMesh,
    TimeProvider time,
    ILogger<ClusterConfigWatcher> logger)
    : BackgroundService
{
    private readonly ConfigDirectoryScan _scan = new(options.LocalCluster, options.RemovalConfirmation);
    private readonly WakeSignal _wake = new();
    private readonly long _start = time.GetTimestamp();
    private FileSystemWatcher? _hints;
    private string? _localText;
    private bool _read;

    /// <inheritdoc />
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        Look();
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _hints?.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var rescan = time.CreateTimer(_ => _wake.Set(), null, options.RescanInterval, options.RescanInterval);
        try
        {
            // Once more at once: what changed between the first look and the start of the hints.
            for (var again = true; ;)
            {
                if (!again)
                {
                    await _wake.WaitAsync(stoppingToken);
                    await Task.Delay(options.Settling, time, stoppingToken);
                }

                again = Look();
                if (again)
                {
                    await Task.Delay(options.RemovalConfirmation, time, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <returns>True if it has to look again soon.</returns>
    private bool Look()
    {
        ConfigurationProblem? failure = null;
        IReadOnlyList<ConfigFileReading>? files = [];
        if (options.Directory is { } directory)
        {
            WatchForHints(directory);
            files = ConfigFiles.ReadDirectory(directory, options.MaxFileBytes, out failure);
            if (files is null)
            {
                // A watch on a directory that was removed and made again would never fire.
                _hints?.Dispose();
                _hints = null;
            }
        }

        var diff = _scan.Look(files, failure, time.GetElapsedTime(_start));
        var problems = LookAtLocal(diff.Problems);
        Report(problems);
        board.Publish(options.LocalStateFile is null ? _scan.Clusters : _scan.Clusters.Add(options.LocalCluster), problems);
        foreach (var source in diff.Configured)
        {
            ClusterConfigsLog.Configured(logger, source);
            tellMesh(new ConfigureCluster(source));
        }

        if (!_read && files is not null)
        {
            _read = true;
            tellMesh(new ConfigurationRead(Present(problems)));
        }

        foreach (var cluster in diff.Removed)
        {
            ClusterConfigsLog.Removed(logger, cluster.Value, options.Directory);
            tellMesh(new RemoveCluster(cluster));
        }

        return diff.LookAgain;
    }

    // With those whose file is there and not usable.
    private HashSet<ClusterName> Present(ImmutableArray<ConfigurationProblem> problems)
    {
        HashSet<ClusterName> present = [.. _scan.Clusters];
        if (options.LocalStateFile is not null)
        {
            present.Add(options.LocalCluster);
        }

        foreach (var problem in problems)
        {
            if (ClusterName.TryParse(problem.Cluster, out var name, out _))
            {
                present.Add(name);
            }
        }

        return present;
    }

    private ImmutableArray<ConfigurationProblem> LookAtLocal(ImmutableArray<ConfigurationProblem> problems)
    {
        if (options.LocalStateFile is not { } path)
        {
            return problems;
        }

        var reading = ConfigFiles.Read(path, options.MaxFileBytes) ?? new ConfigFileReading(path, null, "the file does not exist");
        if (reading.Text is null)
        {
            return problems.Add(new ConfigurationProblem(
                path, options.LocalCluster.Value, $"{reading.Failure}; the local cluster keeps its last configuration"));
        }

        if (reading.Text != _localText)
        {
            _localText = reading.Text;
            var source = new SourceDefinition(options.LocalCluster, SourceRole.Local, path, reading.Text);
            ClusterConfigsLog.Configured(logger, source);
            tellMesh(new ConfigureCluster(source));
        }

        return problems;
    }

    private void Report(ImmutableArray<ConfigurationProblem> problems)
    {
        foreach (var problem in problems.Except(board.Problems))
        {
            ClusterConfigsLog.Problem(logger, problem.File, problem.Text);
        }

        foreach (var file in board.Problems.Select(problem => problem.File).Except(problems.Select(problem => problem.File)))
        {
            ClusterConfigsLog.Solved(logger, file);
        }
    }

    private void WatchForHints(string directory)
    {
        if (_hints is not null || !Directory.Exists(directory))
        {
            return;
        }

        try
        {
            _hints = new FileSystemWatcher(directory);
            _hints.Created += (_, _) => _wake.Set();
            _hints.Changed += (_, _) => _wake.Set();
            _hints.Deleted += (_, _) => _wake.Set();
            _hints.Renamed += (_, _) => _wake.Set();
            _hints.Error += (_, _) => _wake.Set();
            _hints.EnableRaisingEvents = true;
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The limit on inotify instances or watches, most often.
            ClusterConfigsLog.NotWatched(logger, directory, error.Message, options.RescanInterval.TotalSeconds);
        }
    }
}
