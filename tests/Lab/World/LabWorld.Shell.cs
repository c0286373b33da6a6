using System.Text.RegularExpressions;

namespace KvStoreMesh.Lab.World;

/// <summary>The commands of the documentation, in this world: where the pages have containers, it has processes.</summary>
internal sealed partial class LabWorld
{
    private const string DocumentedDirectory = "/var/lib/cilium/clustermesh";

    /// <summary>Does what a <c>docker compose kill|start|pause|unpause SERVICE</c> does; false for any other command.</summary>
    public async Task<bool> ActAsync(string command)
    {
        if (Action().Match(command) is not { Success: true } action)
        {
            return false;
        }

        var (verb, service) = (action.Groups[1].Value, action.Groups[2].Value);
        var etcd = service.StartsWith("etcd-", StringComparison.Ordinal) ? Etcd(service["etcd-".Length..]) : null;
        switch (verb)
        {
            case "kill" when etcd is not null:
                await etcd.KillAsync();
                break;
            case "start" when etcd is not null:
                await etcd.StartAgainAsync();
                break;
            case "pause" when etcd is not null:
                await etcd.FreezeAsync();
                break;
            case "unpause" when etcd is not null:
                etcd.Thaw();
                break;
            case "kill":
                Kill("kvstoremesh");
                break;
            case "start":
                StartDaemon();
                break;
            default:
                throw new NotSupportedException(command);
        }

        return true;
    }

    /// <summary>Runs a line of shell with the pages' programs, addresses and directories; what it writes, both streams.</summary>
    public async Task<string> ShellAsync(string command)
    {
        var line = Exec().Replace(command, match => match.Groups[1].Value == "kvstoremesh" ? "kvstoremesh" : $"node-agent --socket {Socket(match.Groups[0].Value.Split(' ')[3])}");
        line = Daemon().Replace(line, match => $"{Repository.Daemon} {match.Groups[1].Value} --http {HttpAddress}");
        line = Agent().Replace(line, match => $"{Repository.Agent} {match.Groups[2].Value} --socket {match.Groups[1].Value}");
        line = line.Replace("http://localhost:9964", Page.TrimEnd('/'), StringComparison.Ordinal)
            .Replace("/certificates/mesh-a/", $"{Clusters}/", StringComparison.Ordinal)
            .Replace("/certificates/", $"{_directory}/", StringComparison.Ordinal);
        var (_, output, errors) = await LabProgram.RunAsync("sh", "-c", line);
        return (output + errors).Replace(Clusters, DocumentedDirectory, StringComparison.Ordinal);
    }

    private string Socket(string node) => Path.Combine(_directory, node + ".sock");

    [GeneratedRegex("^docker compose (kill|start|pause|unpause) ([a-z0-9-]+)$")]
    private static partial Regex Action();

    [GeneratedRegex("docker compose exec [a-z0-9-]+ /app/(kvstoremesh|node-agent)")]
    private static partial Regex Exec();

    [GeneratedRegex(@"^kvstoremesh ([^|]*[^| ])")]
    private static partial Regex Daemon();

    [GeneratedRegex(@"^node-agent --socket (\S+) ([^|]*[^| ])")]
    private static partial Regex Agent();
}
