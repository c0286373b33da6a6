using System.Text.Json;
using System.Text.Json.Nodes;
using KvStoreMesh.Lab.Browser;
using KvStoreMesh.Lab.World;

namespace KvStoreMesh.Lab.StatusPage;

/// <summary>The status page as a person meets it: real daemon, real etcds, real agents, Debian's Chromium.</summary>
public sealed class StatusPageTests : IAsyncLifetime
{
    private LabWorld _world = null!;
    private Chromium _chromium = null!;

    public async Task InitializeAsync()
    {
        if (ToolFactAttribute.Find("chromium") is not null && ToolFactAttribute.Find("etcd") is not null)
        {
            _world = await LabWorld.StartAsync();
            _chromium = await Chromium.StartAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
            await _world.DisposeAsync();
        }
    }

    [ToolFact("chromium", "etcd")]
    public async Task The_page_shows_what_the_status_says_and_follows_a_killed_etcd()
    {
        await using var tab = await _chromium.OpenAsync();
        await tab.LookAsync(1200, 900, dark: false);
        await tab.GoAsync(_world.Page);
        await LiveAsync(tab);
        await EqualsStatusAsync(tab);
        Assert.Equal("5", await TextAsync(tab, "#figure-connections"));
        Assert.Equal("6", await TextAsync(tab, "#figure-direct"));
        Assert.Contains("live", await AttributeAsync(tab, "#link-cluster-b", "class"), StringComparison.Ordinal);
        await tab.ScreenshotAsync(Path.Combine(Repository.Artefacts, "status-live.png"));

        // The daemon notices at once: the connection is refused. The page is promised to say so within an interval of it.
        await tab.EvaluateAsync("document.querySelector('#pause').focus()");
        await _world.Etcd("b").KillAsync();
        await Eventually.HoldsAsync("the daemon calls b lost", async () => (await SourceAsync("b"))["state"]!.GetValue<string>() == "stale");
        var told = await Eventually.HoldsAsync(
            "the line of b turns", async () => (await AttributeAsync(tab, "#link-cluster-b", "class")).Contains("stale", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(Repository.Artefacts, "status-page.txt"), $"line turned {told.TotalMilliseconds:0} ms after /v1/status\n");
        await Eventually.HoldsAsync(
            "its error is shown", async () => (await TextAsync(tab, "#why-cluster-b")).Contains("connection refused", StringComparison.Ordinal));
        Assert.Equal("pause", (string?)await tab.EvaluateAsync("document.activeElement.id"));
        await EqualsStatusAsync(tab);
        await tab.ScreenshotAsync(Path.Combine(Repository.Artefacts, "status-lost.png"));

        await _world.Etcd("b").StartAgainAsync();
        await Eventually.HoldsAsync(
            "the line of b is live again", async () => (await AttributeAsync(tab, "#link-cluster-b", "class")).Contains("live", StringComparison.Ordinal));
        Assert.Empty(tab.Complaints);
        Assert.All(tab.Requests, url => Assert.StartsWith(_world.Page, url.Replace("data:,", _world.Page, StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [ToolFact("chromium", "etcd")]
    public async Task A_daemon_that_is_gone_is_said_and_what_was_shown_stays()
    {
        await using var tab = await _chromium.OpenAsync();
        await tab.GoAsync(_world.Page);
        await LiveAsync(tab);
        _world.Kill("kvstoremesh");
        await Eventually.HoldsAsync(
            "the page says so", async () => (await TextAsync(tab, "#live")).StartsWith("The daemon has not answered since", StringComparison.Ordinal));
        Assert.Equal("3", ((int)(await tab.EvaluateAsync("document.querySelectorAll('#clusters tr[data-cluster]').length"))!).ToString());
        _world.StartDaemon();
        await LiveAsync(tab);
    }

    [ToolFact("chromium", "etcd")]
    public async Task Without_a_script_the_tables_say_it_all()
    {
        await using var tab = await _chromium.OpenAsync();
        await tab.ScriptAsync(enabled: false);
        await tab.LookAsync(390, 844, dark: false);
        await tab.GoAsync(_world.Page);
        await EqualsStatusAsync(tab);
        Assert.Equal("Reload for newer values.", await TextAsync(tab, "#live"));
    }

    [ToolFact("chromium", "etcd")]
    public async Task It_can_be_read_in_both_schemes_on_a_phone_and_with_the_keyboard()
    {
        await _world.Etcd("c").KillAsync();
        await Eventually.HoldsAsync("the daemon calls c lost", async () => (await SourceAsync("c"))["state"]!.GetValue<string>() == "stale");
        await using var tab = await _chromium.OpenAsync();
        foreach (var (width, dark) in new[] { (1200, false), (1200, true), (390, false), (390, true) })
        {
            await tab.LookAsync(width, 844, dark);
            await tab.GoAsync(_world.Page);
            await LiveAsync(tab);
            await tab.ScreenshotAsync(Path.Combine(Repository.Artefacts, $"status-{width}-{(dark ? "dark" : "light")}.png"));
            var faint = (await tab.EvaluateAsync(PageProbes.FaintTexts))!.AsArray();
            Assert.True(faint.Count == 0, $"{width} {(dark ? "dark" : "light")}: {faint.ToJsonString()}");
            Assert.True((bool)(await tab.EvaluateAsync("document.documentElement.scrollWidth <= innerWidth"))!, $"wider than a screen of {width}");
        }

        // Tab reaches the skip link, the button, the tables that scroll and the links, in that order, each visibly.
        await tab.EvaluateAsync("document.activeElement.blur()");
        var order = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            await tab.PressAsync("Tab", 9);
            order.Add((string)(await tab.EvaluateAsync(PageProbes.Focused))!);
        }

        Assert.Equal(["skip", "pause", "clusters-title", "agents-title", "v1/cluster", "v1/status", "metrics", "readyz"], order);
        await tab.EvaluateAsync("document.querySelector('#pause').focus()");
        await tab.PressAsync(" ", 32);
        await Eventually.HoldsAsync("the page is paused", async () => await TextAsync(tab, "#live") == "Paused");
        Assert.Equal("true", await AttributeAsync(tab, "#pause", "aria-pressed"));
    }

    private async Task EqualsStatusAsync(BrowserTab tab) => await Eventually.HoldsAsync("the page equals /v1/cluster", async () =>
    {
        var clusters = (await _world.GetJsonAsync("/v1/cluster")).AsArray();
        var rows = (await tab.EvaluateAsync(PageProbes.ClusterRows))!.AsArray();
        var said = clusters.Select(cluster => Row(cluster!)).ToList();
        var shown = rows.Select(row => row!.ToJsonString()).Where(row => !row.StartsWith("[\"a\"", StringComparison.Ordinal)).ToList();
        return said.Count > 0 && said.SequenceEqual(shown);
    });

    private static string Row(JsonNode cluster)
    {
        // What is zero or false is left out there.
        string Number(string name) => $"{(long?)cluster[name] ?? 0}";
        return JsonSerializer.Serialize((string[])[
            (string)cluster["name"]!, (bool?)cluster["ready"] == true ? "true" : "false", Number("num-nodes"), Number("num-endpoints"),
            Number("num-identities"), Number("num-shared-services"), Number("num-failures")]);
    }

    private static Task<TimeSpan> LiveAsync(BrowserTab tab) =>
        Eventually.HoldsAsync("the page is live", async () => await TextAsync(tab, "#live") == "Live");

    private static async Task<string> TextAsync(BrowserTab tab, string selector) =>
        (string?)await tab.EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.textContent ?? ''") ?? "";

    private static async Task<string> AttributeAsync(BrowserTab tab, string selector, string name) =>
        (string?)await tab.EvaluateAsync($"document.querySelector({JsonSerializer.Serialize(selector)})?.getAttribute('{name}') ?? ''") ?? "";

    private async Task<JsonNode> SourceAsync(string name) =>
        (await _world.GetJsonAsync("/v1/status"))["sources"]!.AsArray().Single(source => (string)source!["name"]! == name)!;
}
