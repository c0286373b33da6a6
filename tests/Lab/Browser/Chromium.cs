using System.Text.Json.Nodes;
using KvStoreMesh.Lab.World;

namespace KvStoreMesh.Lab.Browser;

/// <summary>Debian's Chromium without a window, driven by the DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly string _profile = Directory.CreateTempSubdirectory("kvstoremesh-chromium-").FullName;
    private readonly LabProgram _process;
    private string _address = "";

    // No sandbox: tests run as root, and look at their own page only.
    private Chromium() => _process = new LabProgram(
        ToolFactAttribute.Find("chromium") ?? throw new InvalidOperationException("chromium is not installed: apt-get install chromium"),
        "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
        "--disable-extensions", "--disable-component-update", "--force-color-profile=srgb", "--remote-debugging-port=0", $"--user-data-dir={_profile}", "about:blank");

    public static async Task<Chromium> StartAsync()
    {
        var chromium = new Chromium();
        var portFile = Path.Combine(chromium._profile, "DevToolsActivePort");
        await Eventually.HoldsAsync("chromium answers", async () =>
        {
            Assert.False(chromium._process.HasEnded, chromium._process.Output);
            if (!File.Exists(portFile) || await File.ReadAllLinesAsync(portFile) is not [var port, ..])
            {
                return false;
            }

            chromium._address = $"http://127.0.0.1:{port}";
            return true;
        });
        return chromium;
    }

    /// <summary>A new tab.</summary>
    public async Task<BrowserTab> OpenAsync()
    {
        using var answer = await Http.PutAsync(new Uri($"{_address}/json/new?about:blank"), null);
        var tab = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        return await BrowserTab.ConnectAsync(new Uri((string)tab["webSocketDebuggerUrl"]!));
    }

    public async ValueTask DisposeAsync()
    {
        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A child that is still ending writes there; the rest is the temporary folder's.
            await Task.Yield();
        }
    }
}
