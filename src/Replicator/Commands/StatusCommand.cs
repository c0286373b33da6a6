using System.CommandLine;
using KvStoreMesh.Replicator.Options;
using KvStoreMesh.Replicator.StatusApi;

namespace KvStoreMesh.Replicator.Commands;

/// <summary><c>kvstoremesh status</c>: asks a running daemon, once, until all is ready, or again and again.</summary>
internal static class StatusCommand
{
    // Cilium's own, of `cilium clustermesh status --wait`.
    private const string DefaultWait = "15m";

    private const string ClearScreen = "\e[H\e[2J";

    private static readonly TimeSpan WaitInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>The command.</summary>
    public static Command Create(TimeProvider time)
    {
        var http = DaemonOption();
        var output = new Option<string>("--output", "-o") { Description = "text or json", DefaultValueFactory = _ => "text" };
        output.AcceptOnlyFromAmong("text", "json");
        var verbose = new Option<bool>("--verbose") { Description = "Details of what is well, too" };
        var wait = new Option<bool>("--wait") { Description = "Wait until every cluster is ready; exit code 1 if they are not in time" };
        var limit = new Option<string>("--wait-duration") { Description = "How long --wait waits", DefaultValueFactory = _ => DefaultWait };
        var watch = new Option<bool>("--watch") { Description = "Show it again and again, until interrupted" };
        var interval = new Option<string>("--interval") { Description = "The time between two looks of --watch", DefaultValueFactory = _ => "2s" };

        var command = new Command("status", "Show the remote clusters, the configuration's problems and the subscribers")
        {
            http, output, verbose, wait, limit, watch, interval,
        };
        command.SetAction((result, cancellationToken) =>
        {
            var options = new StatusOptions(
                result.GetRequiredValue(http),
                result.GetRequiredValue(output) == "json",
                result.GetValue(verbose),
                result.GetValue(wait) ? Duration("--wait-duration", result.GetRequiredValue(limit)) : null,
                result.GetValue(watch) ? Duration("--interval", result.GetRequiredValue(interval)) : null);
            return RunAsync(options, time, cancellationToken);
        });
        return command;
    }

    /// <summary>The option that names the daemon.</summary>
    public static Option<string> DaemonOption() => new("--http")
    {
        Description = "Address of the daemon's status",
        DefaultValueFactory = _ => DaemonOptions.DefaultHttp.ToString(),
    };

    /// <summary>A duration above zero, or a refusal by the option's name.</summary>
    public static TimeSpan Duration(string option, string text) => GoDuration.TryParse(text, out var duration) && duration > TimeSpan.Zero
        ? duration
        : throw new OptionException(option, $"'{text}' {GoDuration.Rule}");

    private static async Task<int> RunAsync(StatusOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var client = new DaemonClient(options.Address);
        try
        {
            if (options.Wait is { } limit && !await WaitAsync(client, limit, time, cancellationToken))
            {
                await ShowAsync(client, options, time, cancellationToken);
                return 1;
            }

            if (options.Watch is { } interval)
            {
                await WatchAsync(client, options, interval, time, cancellationToken);
            }
            else
            {
                await ShowAsync(client, options, time, cancellationToken);
            }

            return 0;
        }
        catch (DaemonException failure)
        {
            await Console.Error.WriteLineAsync($"Failed to retrieve status information: {failure.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return options.Watch is null ? 1 : 0;
        }
    }

    private static async Task ShowAsync(DaemonClient client, StatusOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Json)
        {
            await Console.Out.WriteAsync(await client.StatusTextAsync(cancellationToken) + "\n");
            return;
        }

        await Console.Out.WriteAsync(StatusText.Of(await client.StatusAsync(cancellationToken), options.Verbose, time.GetUtcNow()));
    }

    // A daemon that restarts while it is watched is one more thing to see.
    private static async Task WatchAsync(
        DaemonClient client, StatusOptions options, TimeSpan interval, TimeProvider time, CancellationToken cancellationToken)
    {
        var screen = !options.Json && !Console.IsOutputRedirected;
        while (true)
        {
            string text;
            try
            {
                text = options.Json
                    ? await client.StatusTextAsync(cancellationToken) + "\n"
                    : StatusText.Of(await client.StatusAsync(cancellationToken), options.Verbose, time.GetUtcNow());
            }
            catch (DaemonException failure)
            {
                text = options.Json ? "" : $"{failure.Message}\n";
            }

            await Console.Out.WriteAsync((screen ? ClearScreen : "") + text);
            await Task.Delay(interval, time, cancellationToken);
        }
    }

    /// <returns>False if the time is over.</returns>
    private static async Task<bool> WaitAsync(DaemonClient client, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var said = "";
        while (true)
        {
            string waiting;
            try
            {
                waiting = Waiting(await client.StatusAsync(cancellationToken));
            }
            catch (DaemonException failure)
            {
                waiting = failure.Message;
            }

            if (waiting.Length == 0)
            {
                return true;
            }

            if (waiting != said)
            {
                await Console.Error.WriteLineAsync($"⌛ {said = waiting}");
            }

            if (time.GetElapsedTime(started) >= limit)
            {
                await Console.Error.WriteLineAsync($"Not ready within {GoDuration.Format(limit)}");
                return false;
            }

            await Task.Delay(WaitInterval, time, cancellationToken);
        }
    }

    private static string Waiting(StatusModel status)
    {
        var clusters = status.RemoteClusters.Append(status.Configuration.LocalCluster).Where(cluster => cluster is { Ready: false }).ToList();
        return clusters.Count == 0 ? "" : $"waiting for {string.Join(", ", clusters.Select(cluster => cluster!.Name))}";
    }
}
