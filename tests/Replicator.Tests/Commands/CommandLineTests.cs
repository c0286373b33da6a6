using System.Diagnostics;

namespace KvStoreMesh.Replicator.Tests.Commands;

/// <summary>The built program, as a person or a script calls it.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("run", "--cluster-name")]
    [InlineData("run --cluster-name=b --cluster-id=0", "--cluster-id")]
    [InlineData("run --cluster-name=b --cluster-id=2 --clustermesh-config /does/not/exist", "--clustermesh-config")]
    [InlineData("run --no-such-flag=1", "--no-such-flag")]
    [InlineData("run --cluster-name= --cluster-id=2", "--cluster-name")]
    [InlineData("run --cluster-name=b --max-connected-clusters= --cluster-id=999", "--cluster-id: must be a number from 1 to 255")]
    [InlineData("run --listen", "--listen")]
    public async Task A_wrong_call_ends_with_one_line_and_exit_code_1(string arguments, string named)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((1, ""), (code, output));
        var line = Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("kvstoremesh: ", line, StringComparison.Ordinal);
        Assert.Contains(named, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_of_no_daemon_fails_and_says_where_it_looked()
    {
        var (code, output, error) = await RunAsync("status --http 127.0.0.1:1");
        Assert.Equal((1, ""), (code, output));
        Assert.StartsWith("Failed to retrieve status information: ", error, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:1", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version")]
    [InlineData("--version")]
    [InlineData("run --help")]
    public async Task Help_and_version_succeed(string arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal((0, ""), (code, error));
        Assert.NotEmpty(output);
    }

    [Fact]
    public async Task The_daemon_starts_tells_its_status_and_stops_when_asked()
    {
        var directory = Directory.CreateTempSubdirectory("kvstoremesh-exe-");
        try
        {
            using var daemon = Start(
                $"run --cluster-name=a --cluster-id=1 --clustermesh-config={directory.FullName} --listen=127.0.0.1:0 --http=127.0.0.1:0 --controller-group-metrics=all");
            var lines = new List<string>();
            while (await daemon.StandardOutput.ReadLineAsync() is { } line)
            {
                lines.Add(line);
                if (line.Contains("Accepted, without effect yet: --controller-group-metrics", StringComparison.Ordinal))
                {
                    break;
                }
            }

            Assert.Contains(lines, line => line.Contains("of cluster a: stream on 127.0.0.1:0 (plain text)", StringComparison.Ordinal));
            using var kill = Process.Start("kill", ["-TERM", $"{daemon.Id}"]);
            var rest = await daemon.StandardOutput.ReadToEndAsync();
            await daemon.WaitForExitAsync();
            Assert.Equal(0, daemon.ExitCode);
            Assert.Contains("Stopped", rest, StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static Process Start(string arguments) => Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "kvstoremesh"), arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task<(int Code, string Output, string Error)> RunAsync(string arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
