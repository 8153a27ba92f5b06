using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>A test that needs a browser: skipped, with the reason, where there is none.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    /// <summary>Skips without a Chromium.</summary>
    public BrowserFactAttribute()
    {
        if (Chromium.Find() is null) Skip = "There is no chromium, chromium-browser or google-chrome on the PATH: the page was NOT tested (Debian: apt-get install chromium).";
    }
}

/// <summary>A headless Chromium with one page, driven over the DevTools protocol.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private readonly CancellationTokenSource ending = new();
    private readonly Dictionary<int, TaskCompletionSource<JsonElement>> waiting = [];
    private readonly List<string> complaints = [];
    private Task receiving = Task.CompletedTask;
    private Task draining = Task.CompletedTask;
    private int last;

    private Chromium(Process process, string profile) => (this.process, this.profile) = (process, profile);

    /// <summary>Errors and warnings on the page's console, failed loads, and exceptions nobody caught.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (complaints) return [.. complaints];
        }
    }

    /// <summary>The program, or null.</summary>
    public static string? Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Join(folder, name)))
            .FirstOrDefault(File.Exists);

    /// <summary>Starts it on <paramref name="url"/>.</summary>
    public static async Task<Chromium> Open(string url)
    {
        string profile = Directory.CreateTempSubdirectory("arena-chromium-").FullName;
        var start = new ProcessStartInfo(Find()!, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank"])
        {
            RedirectStandardError = true,
        };
        var browser = new Chromium(Process.Start(start)!, profile);
        try
        {
            int port = await browser.DebuggingPort();
            using var http = new HttpClient();
            using JsonDocument pages = JsonDocument.Parse(await http.GetStringAsync($"http://127.0.0.1:{port}/json"));
            string page = pages.RootElement.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page").GetProperty("webSocketDebuggerUrl").GetString()!;
            await browser.socket.ConnectAsync(new Uri(page), browser.ending.Token);
            browser.receiving = browser.Receive();
            foreach (string domain in new[] { "Runtime", "Log", "Page" }) await browser.Call($"{domain}.enable", new { });
            await browser.Call("Page.navigate", new { url });
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of a JavaScript expression.</summary>
    public async Task<JsonElement> Evaluate(string expression)
    {
        JsonElement answer = await Call("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        if (answer.TryGetProperty("exceptionDetails", out JsonElement fault)) throw new InvalidOperationException($"{expression}: {fault}");
        return answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>Waits until a JavaScript expression is true.</summary>
    public async Task Until(string expression)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await Evaluate($"Boolean({expression})") is { ValueKind: JsonValueKind.True }) return;
            if (clock.Elapsed > Patience) throw new TimeoutException($"Not true after {Patience.TotalSeconds} s: {expression}; on the console: {string.Join(" | ", Complaints)}");
            await Task.Delay(30);
        }
    }

    /// <summary>Presses or lets go a key.</summary>
    public Task Key(string type, string code, string key) => Call("Input.dispatchKeyEvent", new { type, code, key });

    /// <summary>Moves the pointer to a place of the window.</summary>
    public Task Move(double x, double y) => Call("Input.dispatchMouseEvent", new { type = "mouseMoved", x, y });

    /// <summary>Clicks at a place of the window.</summary>
    public async Task Click(double x, double y)
    {
        foreach (string type in new[] { "mousePressed", "mouseReleased" }) await Call("Input.dispatchMouseEvent", new { type, x, y, button = "left", clickCount = 1 });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await receiving;
        socket.Dispose();
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        await draining;
        process.Dispose();
        ending.Dispose();
        for (int attempt = 0; attempt < 20 && Directory.Exists(profile); attempt++)
        {
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (IOException) when (attempt < 19)
            {
                await Task.Delay(50); // its helpers are still closing their files
            }
        }
    }

    private async Task<int> DebuggingPort()
    {
        using var limit = new CancellationTokenSource(Patience);
        var heard = new List<string>();
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            heard.Add(line);
            Match match = Regex.Match(line, @"DevTools listening on ws://127\.0\.0\.1:(\d+)/");
            if (!match.Success) continue;
            draining = process.StandardError.BaseStream.CopyToAsync(Stream.Null); // so that it never waits for a reader
            return int.Parse(match.Groups[1].Value);
        }

        throw new InvalidOperationException($"Chromium did not start: {string.Join(" | ", heard)}");
    }

    private async Task<JsonElement> Call(string method, object parameters)
    {
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        int id = ++last;
        lock (waiting) waiting[id] = answer;
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, ending.Token);
        return await answer.Task.WaitAsync(Patience);
    }

    private async Task Receive()
    {
        var message = new MemoryStream();
        var buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, ending.Token);
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                using (JsonDocument document = JsonDocument.Parse(message.ToArray())) Sort(document.RootElement);
                message.SetLength(0);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or WebSocketException)
        {
            lock (waiting)
                foreach (TaskCompletionSource<JsonElement> open in waiting.Values) open.TrySetException(end);
        }
    }

    private void Sort(JsonElement message)
    {
        if (message.TryGetProperty("id", out JsonElement id))
        {
            lock (waiting)
            {
                waiting.Remove(id.GetInt32(), out TaskCompletionSource<JsonElement>? open);
                if (message.TryGetProperty("result", out JsonElement result)) open!.TrySetResult(result.Clone());
                else open!.TrySetException(new InvalidOperationException(message.ToString()));
            }

            return;
        }

        string method = message.GetProperty("method").GetString()!;
        bool bad = method == "Runtime.exceptionThrown"
            || (method == "Runtime.consoleAPICalled" && message.GetProperty("params").GetProperty("type").GetString() is "error" or "warning" or "assert")
            || (method == "Log.entryAdded" && message.GetProperty("params").GetProperty("entry").GetProperty("level").GetString() is "error" or "warning");
        if (!bad) return;
        lock (complaints) complaints.Add(message.GetProperty("params").ToString());
    }
}
