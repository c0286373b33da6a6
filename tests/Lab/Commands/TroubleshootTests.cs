using System.Text.Json.Nodes;
using KvStoreMesh.Lab.World;
using KvStoreMesh.TestSupport.Etcd;

namespace KvStoreMesh.Lab.Commands;

/// <summary><c>kvstoremesh troubleshoot</c>, <c>status</c> and <c>diagnose</c> against real etcds with TLS and users.</summary>
public sealed class TroubleshootTests : IDisposable
{
    private const string Secret = "hunter2-not-in-any-report";

    private readonly string _directory = Directory.CreateTempSubdirectory("kvstoremesh-troubleshoot-").FullName;

    [EtcdFact]
    public async Task Every_cause_has_its_finding_and_its_way_out()
    {
        using var authority = new TestCertificates();
        using var stranger = new TestCertificates("other-ca");
        await using var good = await StartAsync("good", 2, authority);
        await using var twin = await StartAsync("twin", 2, authority, podCidr: "10.2.0.0", canaries: false);
        await using var shut = await StartAsync("shut", 3, authority, users: true);
        var client = authority.Issue("reader");

        Write("good", good, authority, client);
        Write("twin", twin, authority, client);
        Write("shut", shut, authority, authority.Issue("nobody"));
        Write("stranger", good, stranger, client);
        Write("expired", good, authority, authority.Issue("reader", TimeSpan.FromMinutes(-5)));
        Write("misnamed", good, authority, client);
        await File.WriteAllTextAsync(Path.Combine(_directory, "down"), "endpoints:\n- http://127.0.0.1:1\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "unresolved"), "endpoints:\n- http://no-such-host.invalid:2379\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "broken"), "endpoints: [\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "Bad_Name"), "endpoints:\n- http://127.0.0.1:1\n");

        var (code, output, errors) = await LabProgram.RunAsync(
            Repository.Daemon, "troubleshoot", "--clustermesh-config", _directory, "--cluster-name", "a", "--cluster-id", "1", "--http", "127.0.0.1:1", "-o", "json");

        Assert.True(code == 1, output + errors);
        var report = JsonNode.Parse(output)!;
        Assert.Empty(Errors(report, "good"));
        Assert.Contains(Findings(report, "good", "fine"), text => text.StartsWith("permission: cilium/state/nodes/v1/good/ can be read: 1", StringComparison.Ordinal));
        Assert.Contains(Findings(report, "good", "fine"), text => text.StartsWith("heartbeat: ", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "shut"), text => text.StartsWith("auth: ", StringComparison.Ordinal) || text.StartsWith("permission: ", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "twin"), text => text.StartsWith("canaries: not complete at the source: ", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "stranger"), text => text.Contains("is signed by 'CN=test-ca', which", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "expired"), text => text.Contains("expired on ", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "misnamed"), text => text.Contains("cilium/cluster-config/misnamed does not exist", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "down"), text => text.StartsWith("tcp: ", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "unresolved"), text => text.StartsWith("dns: ", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "broken"), text => text.StartsWith("configuration: ", StringComparison.Ordinal));
        Assert.Contains(Errors(report, "Bad_Name"), text => text.Contains("rename", StringComparison.Ordinal) || text.Contains("cannot name", StringComparison.Ordinal));
        var mesh = report["mesh"]!.AsArray().Select(Text).ToList();
        Assert.Contains(mesh, text => text.Contains("good and twin have the same cluster id 2", StringComparison.Ordinal));
        Assert.Contains(mesh, text => text.StartsWith("podcidr: ", StringComparison.Ordinal) && text.Contains("overlap", StringComparison.Ordinal));

        var (fine, text, _) = await LabProgram.RunAsync(
            Repository.Daemon, "troubleshoot", "good", "--clustermesh-config", _directory, "--cluster-name", "a", "--cluster-id", "1", "--http", "127.0.0.1:1");
        Assert.True(fine == 0, text);

        // The certificates of the test end in less than a month.
        Assert.Contains("expires in ", text, StringComparison.Ordinal);
        Assert.EndsWith("\n0 errors, 3 warnings\n", text, StringComparison.Ordinal);
    }

    [EtcdFact]
    public async Task With_a_daemon_it_says_how_old_the_copy_is_and_status_waits_for_it()
    {
        await using var world = await LabWorld.StartAsync(remotes: 1, agents: 1);
        var (code, output, _) = await world.CommandAsync("troubleshoot");
        Assert.True(code == 0, output);
        Assert.Contains("lag: the daemon is current", output, StringComparison.Ordinal);
        Assert.Contains("lag: 1 of 1 node agents are up to date", output, StringComparison.Ordinal);

        await world.Etcd("b").KillAsync();
        await Eventually.HoldsAsync("b is not ready", async () => !(bool)(await world.GetJsonAsync("/v1/status"))["remote-clusters"]![0]!["ready"]!);
        var (late, _, said) = await world.CommandAsync("status", "--wait", "--wait-duration", "1s");
        Assert.Equal(1, late);
        Assert.Contains("waiting for b", said, StringComparison.Ordinal);
        Assert.Equal(1, (await world.CommandAsync("troubleshoot", "b")).ExitCode);

        var waiting = world.CommandAsync("status", "--wait", "-o", "json");
        await world.Etcd("b").StartAgainAsync();
        var (ready, json, _) = await waiting;
        Assert.Equal(0, ready);
        var status = JsonNode.Parse(json)!;
        Assert.True((bool)status["remote-clusters"]![0]!["ready"]!);
        Assert.Equal("a", (string?)status["configuration"]!["local-cluster"]!["name"]);
        Assert.Equal("node1", (string?)Assert.Single(status["subscribers"]!.AsArray())!["node"]);
    }

    [EtcdFact]
    public async Task A_diagnosis_holds_no_key_and_no_password()
    {
        using var authority = new TestCertificates();
        await using var good = await StartAsync("good", 2, authority);
        Write("good", good, authority, authority.Issue("reader"), $"username: root\npassword: {Secret}\n");
        await File.WriteAllTextAsync(Path.Combine(_directory, "broken"), $"endpoints:\n- http://user:{Secret}@127.0.0.1:1\npassword: [{Secret}\n");
        var file = Path.Combine(_directory, "bundle.tar.gz");

        var (code, output, errors) = await LabProgram.RunAsync(
            Repository.Daemon, "diagnose", "--clustermesh-config", _directory, "--http", "127.0.0.1:1", "--file", file);

        Assert.True(code == 0, output + errors);
        var (_, names, _) = await LabProgram.RunAsync("tar", "-tzf", file);
        Assert.Equal(["configuration", "metrics", "readyz", "troubleshoot", "v1-cluster", "v1-status", "version"],
            names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(name => Path.GetFileNameWithoutExtension(name)).Order(StringComparer.Ordinal));
        var (_, content, _) = await LabProgram.RunAsync("tar", "-xzOf", file);
        Assert.Contains("a user with a password", content, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, content, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", content, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static async Task<EtcdProcess> StartAsync(string name, int id, TestCertificates authority, string? podCidr = null, bool canaries = true, bool users = false)
    {
        var etcd = await EtcdProcess.StartAsync(new EtcdProcessOptions { ClusterToken = name, Tls = authority });
        using var writer = etcd.Writer();
        foreach (var (key, value) in LabValues.Of(name, id, podCidr: podCidr).Where(pair => canaries || !pair.Key.StartsWith("cilium/synced/", StringComparison.Ordinal)))
        {
            await writer.PutAsync(key, value);
        }

        if (users)
        {
            await writer.EnableAuthAsync(name);
        }

        return etcd;
    }

    private void Write(string cluster, EtcdProcess etcd, TestCertificates authority, (string CertFile, string KeyFile) client, string more = "") => File.WriteAllText(
        Path.Combine(_directory, cluster),
        $"endpoints:\n- {etcd.Url}\ntrusted-ca-file: {authority.CaFile}\ncert-file: {client.CertFile}\nkey-file: {client.KeyFile}\n{more}");

    private static List<string> Errors(JsonNode report, string cluster) => Findings(report, cluster, "error");

    private static List<string> Findings(JsonNode report, string cluster, string severity) => [.. report["clusters"]!.AsArray()
        .Single(entry => (string)entry!["cluster"]! == cluster)!["findings"]!.AsArray().Where(finding => (string)finding!["severity"]! == severity).Select(Text)];

    private static string Text(JsonNode? finding) => $"{finding!["step"]}: {finding["text"]}";
}
