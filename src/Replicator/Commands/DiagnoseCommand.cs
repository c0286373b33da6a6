using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using KvStoreMesh.Etcd.Configuration;
using KvStoreMesh.Replicator.ClusterConfigs;
using KvStoreMesh.Replicator.Diagnose;
using KvStoreMesh.Replicator.Hosting;
using KvStoreMesh.Replicator.Troubleshoot;

namespace KvStoreMesh.Replicator.Commands;

/// <summary><c>kvstoremesh diagnose</c>: one file for a bug report, without keys and passwords.</summary>
internal static class DiagnoseCommand
{
    private static readonly string[] Paths = ["/v1/status", "/v1/cluster", "/metrics", "/readyz"];

    /// <summary>The command.</summary>
    public static Command Create(TimeProvider time)
    {
        var http = StatusCommand.DaemonOption();
        var directory = new Option<string>("--clustermesh-config") { Description = "Directory of remote clusters (default: the running daemon's)" };
        var file = new Option<string>("--file") { Description = "The file to write (default kvstoremesh-diagnose-TIME.tar.gz)" };
        var command = new Command("diagnose", "Gather status, metrics, configuration and a troubleshooting report in one file, without keys and passwords")
        {
            http, directory, file,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetRequiredValue(http), result.GetValue(directory), result.GetValue(file), time, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string daemon, string? directory, string? file, TimeProvider time, CancellationToken cancellationToken)
    {
        file ??= $"kvstoremesh-diagnose-{time.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}.tar.gz";
        await using var bundle = new DiagnoseBundle(time);
        bundle.Add("version.txt", $"kvstoremesh {VersionCommand.Version}\n{RuntimeInformation.FrameworkDescription}\n{RuntimeInformation.OSDescription}\n"
            + $"{Environment.ProcessorCount} processors, at most {OpenFiles.Limit()} open files\n");
        using var client = new DaemonClient(daemon);
        foreach (var path in Paths)
        {
            string text;
            try
            {
                text = await client.AskAsync(path, cancellationToken);
            }
            catch (DaemonException failure)
            {
                text = $"{failure.Message}\n";
            }

            bundle.Add($"{path.Trim('/').Replace('/', '-')}.txt", text);
        }

        var report = await new Troubleshooter(new TroubleshootOptions { Directory = directory, Daemon = daemon }, time).RunAsync(cancellationToken);
        bundle.Add("troubleshoot.txt", TroubleshootText.Of(report));
        var files = ConfigFiles.ReadDirectory(report.Directory ?? Troubleshooter.DefaultDirectory, EtcdClientConfig.MaxLength, out var unreadable);
        bundle.Add("configuration.txt", files is null ? $"{unreadable!.File}: {unreadable.Text}\n" : ConfigurationListing.Of(files));
        try
        {
            await bundle.WriteAsync(file, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"kvstoremesh: --file: cannot write {file}: {error.Message}");
            return 1;
        }

        await Console.Out.WriteLineAsync($"Wrote {file}");
        return 0;
    }
}
