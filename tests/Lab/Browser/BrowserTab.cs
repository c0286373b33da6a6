using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KvStoreMesh.Lab.Browser;

/// <summary>One tab: commands of the DevTools protocol, and what the page complained of.</summary>
internal sealed class BrowserTab : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _calls = new();
    private readonly ConcurrentQueue<string> _complaints = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private Task _reader = Task.CompletedTask;
    private int _lastCall;

    /// <summary>Errors on the console, violations of the policy included, and exceptions.</summary>
    public IReadOnlyCollection<string> Complaints => _complaints;

    /// <summary>Every address the page asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    public static async Task<BrowserTab> ConnectAsync(Uri address)
    {
        var tab = new BrowserTab();
        await tab._socket.ConnectAsync(address, CancellationToken.None);
        tab._reader = tab.ReadAsync();
        foreach (var domain in (string[])["Page", "Runtime", "Log", "Network", "Accessibility"])
        {
            await tab.CallAsync($"{domain}.enable");
        }

        return tab;
    }

    public async Task GoAsync(string url)
    {
        await CallAsync("Page.navigate", new JsonObject { ["url"] = url });
        await World.Eventually.HoldsAsync($"{url} is loaded", async () => (string?)await EvaluateAsync("document.readyState + location.href") == $"complete{url}");
    }

    /// <summary>The value of an expression, awaited.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var result = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        Assert.True(result["exceptionDetails"] is null, $"{expression}: {result}");
        return result["result"]!["value"];
    }

    public Task ScriptAsync(bool enabled) => CallAsync("Emulation.setScriptExecutionDisabled", new JsonObject { ["value"] = !enabled });

    public async Task LookAsync(int width, int height, bool dark)
    {
        await CallAsync("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 500 });
        await CallAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" }),
        });
    }

    public async Task PressAsync(string key, int code)
    {
        foreach (var type in (string[])["rawKeyDown", "keyUp"])
        {
            await CallAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code });
        }
    }

    /// <summary>The whole page as PNG.</summary>
    public async Task ScreenshotAsync(string file)
    {
        var picture = await CallAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["captureBeyondViewport"] = true });
        await File.WriteAllBytesAsync(file, Convert.FromBase64String((string)picture["data"]!));
    }

    /// <summary>Calls a method; fails with what the browser says.</summary>
    public async Task<JsonNode> CallAsync(string method, JsonObject? parameters = null)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answer = _calls.GetOrAdd(id, _ => new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously));
        var call = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(call), WebSocketMessageType.Text, true, CancellationToken.None);
        var message = await answer.Task.WaitAsync(Limit);
        Assert.True(message["error"] is null, $"{method}: {message["error"]}");
        return message["result"]!;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reader;
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[1 << 16];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                message.SetLength(0);
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    message.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);
                Take(JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException or JsonException)
        {
            foreach (var call in _calls.Values)
            {
                call.TrySetException(new InvalidOperationException("chromium is gone", failure));
            }
        }
    }

    private void Take(JsonNode message)
    {
        if ((int?)message["id"] is { } id)
        {
            if (_calls.TryRemove(id, out var call))
            {
                call.SetResult(message);
            }

            return;
        }

        var what = message["params"];
        switch ((string?)message["method"])
        {
            case "Runtime.exceptionThrown":
            case "Log.entryAdded" when (string?)what!["entry"]!["level"] is "error" or "warning":
            case "Runtime.consoleAPICalled" when (string?)what!["type"] is "error" or "assert":
                _complaints.Enqueue(what!.ToJsonString());
                break;
            case "Network.requestWillBeSent":
                _requests.Enqueue((string)what!["request"]!["url"]!);
                break;
        }
    }
}
