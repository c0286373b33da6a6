using System.Text.RegularExpressions;
using KvStoreMesh.Lab.World;

namespace KvStoreMesh.Lab.Compose;

/// <summary>docker-compose.yml without an engine: what can be said of it by reading.</summary>
public sealed partial class ComposeTests
{
    private static readonly string Text = Repository.ReadText("docker-compose.yml");

    [Fact]
    public void Upstream_images_are_pinned_and_ours_are_built()
    {
        var images = Image().Matches(Text).Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(images);
        Assert.All(images, image => Assert.Matches("^[a-z0-9./-]+:(v?[0-9]+([.][0-9]+)+|local)$", image));
        Assert.All(From().Matches(Repository.ReadText("Dockerfile")).Select(match => match.Groups[1].Value), image => Assert.Matches(":10[.]0$", image));
    }

    [Fact]
    public void Ports_are_published_to_this_machine_only_and_no_container_is_privileged()
    {
        Assert.All(Port().Matches(Text).Select(match => match.Groups[1].Value), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.DoesNotContain("privileged", Text, StringComparison.Ordinal);
        Assert.Equal(["BPF, NET_ADMIN"], Added().Matches(Text).Select(match => match.Groups[1].Value));
    }

    [Fact]
    public void Prometheus_scrapes_services_that_exist()
    {
        var services = Service().Matches(Text[Text.IndexOf("\nservices:", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value).ToHashSet();
        var targets = Target().Matches(Repository.ReadText("lab", "prometheus", "prometheus.yml")).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(9, targets.Count);
        Assert.All(targets.Where(target => target != "localhost"), target => Assert.Contains(target, services));
    }

    [Fact]
    public async Task Compose_accepts_the_file()
    {
        var (there, _, _) = ToolFactAttribute.Find("docker") is null ? (1, "", "") : await LabProgram.RunAsync("docker", "compose", "version");
        if (there != 0)
        {
            // Debian 12 has no Compose 2: the rest of this class reads the file itself.
            return;
        }

        var (code, output, errors) = await LabProgram.RunAsync(
            "docker", "compose", "--project-directory", Repository.Root, "--profile", "direct", "--profile", "scale", "config", "--quiet");
        Assert.True(code == 0, output + errors);
    }

    [GeneratedRegex("^ +image: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Image();

    [GeneratedRegex("^FROM (mcr[^ ]+)", RegexOptions.Multiline)]
    private static partial Regex From();

    [GeneratedRegex("ports: \\[\"([^\"]+)\"")]
    private static partial Regex Port();

    [GeneratedRegex("cap_add: \\[([^]]+)\\]")]
    private static partial Regex Added();

    [GeneratedRegex("^  ([a-z0-9-]+):$", RegexOptions.Multiline)]
    private static partial Regex Service();

    [GeneratedRegex("[ \\[]([a-z0-9-]+):[0-9]{4}\\b")]
    private static partial Regex Target();
}
