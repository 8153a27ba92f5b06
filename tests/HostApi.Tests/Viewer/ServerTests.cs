using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Viewer;
using Arena.Kernels;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>What the viewer's server answers, and what it refuses.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-server-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_page_and_its_files_are_served_and_load_nothing_from_elsewhere()
    {
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 1 });
        using var http = new HttpClient { BaseAddress = new Uri(rig.Url) };
        foreach (string path in new[] { "/", "/viewer.js", "/frames.js", "/draw.js", "/inspector.js", "/curves.js", "/readout.js", "/person.js", "/viewer.css", "/palette.css", "/icon.svg", "/charts.json" })
        {
            HttpResponseMessage answer = await http.GetAsync(path);
            string text = await answer.Content.ReadAsStringAsync();
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single());
            Assert.DoesNotContain("https://", text);
            Assert.DoesNotContain("http://", text.Replace("http://www.w3.org/2000/svg", ""));
        }
    }

    [Theory]
    [InlineData("GET /../../../etc/passwd HTTP/1.1\r\nHost: {host}", 404)]
    [InlineData("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: {host}", 404)]
    [InlineData("GET /run/metrics?from=0 HTTP/1.1\r\nHost: {host}", 404)]
    [InlineData("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0", 405)]
    [InlineData("GET / HTTP/1.1\r\nHost: evil.example", 403)]
    [InlineData("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example", 403)]
    [InlineData("GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: null", 403)]
    [InlineData("GET /live HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 403)]
    [InlineData("GET /live HTTP/1.1\r\nHost: {host}", 400)]
    [InlineData("GET / HTTP/1.1\r\nHost: {host}", 200)]
    public async Task Foreign_pages_and_paths_are_refused(string request, int status)
    {
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 1 });
        var place = new Uri(rig.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, place.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request.Replace("{host}", $"127.0.0.1:{place.Port}") + "\r\n\r\n"));
        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith($"HTTP/1.1 {status} ", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task Frames_follow_the_documented_layout()
    {
        await using PageRig rig = await PageRig.Open("soccer", new SoccerOptions { NumEnvs = 2, TeamSize = 2 });
        using ClientWebSocket socket = await Connect(rig);
        (byte[] hello, _) = await Receive(socket, WebSocketMessageType.Text);
        using (JsonDocument said = JsonDocument.Parse(hello))
        {
            Assert.Equal(("hello", 1, "soccer", 2), (said.RootElement.GetProperty("type").GetString(), said.RootElement.GetProperty("protocol").GetInt32(), said.RootElement.GetProperty("game").GetString(), said.RootElement.GetProperty("matches").GetInt32()));
        }

        (byte[] frame, _) = await Receive(socket, WebSocketMessageType.Binary);
        Assert.Equal((1, 1), (frame[0], frame[1]));
        Assert.Equal(2, BitConverter.ToUInt16(frame, 16));
        int at = FrameWriter.HeaderBytes, agents = 0;
        for (int match = 0; match < 2; match++)
        {
            Assert.True(BitConverter.ToSingle(frame, at) < BitConverter.ToSingle(frame, at + 8));
            int shapes = BitConverter.ToInt32(frame, at + 16), caption = BitConverter.ToUInt16(frame, at + 20);
            at += FrameWriter.MatchBytes;
            Assert.StartsWith("A 0 : 0 B", Encoding.UTF8.GetString(frame, at, caption));
            at += caption;
            for (int shape = 0; shape < shapes; shape++, at += FrameWriter.ShapeBytes)
                if (BitConverter.ToUInt16(frame, at + 2) != ushort.MaxValue) agents++;
        }

        Assert.Equal((frame.Length, 8), (at, agents));
    }

    [Theory]
    [InlineData("""{"do":"dance"}""", "there is no request 'dance'")]
    [InlineData("""{"do":"speed","value":-1}""", "speed must be 0..1000")]
    [InlineData("""{"do":"select","match":0,"agent":99}""", "is not shown")]
    [InlineData("""{"do":"input","x":1,"y":0,"button":false}""", "nobody plays here")]
    [InlineData("{", "not as docs/frame-protocol.md has it")]
    public async Task A_wrong_request_is_answered_and_the_connection_goes_on(string request, string expected)
    {
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 1 });
        using ClientWebSocket socket = await Connect(rig);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, default);
        string text;
        do text = Encoding.UTF8.GetString((await Receive(socket, WebSocketMessageType.Text)).Bytes);
        while (!text.Contains("\"error\"") || text.Contains("hello"));
        Assert.Contains(expected, JsonDocument.Parse(text).RootElement.GetProperty("text").GetString());
        await Receive(socket, WebSocketMessageType.Binary);
    }

    [Fact]
    public async Task A_request_that_is_too_long_ends_the_connection_alone()
    {
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 1 });
        using ClientWebSocket socket = await Connect(rig), other = await Connect(rig);
        await socket.SendAsync(new byte[Messages.MaxRequestBytes + 1], WebSocketMessageType.Text, true, default);
        WebSocketReceiveResult last;
        do last = await socket.ReceiveAsync(new byte[1 << 16], default);
        while (last.MessageType != WebSocketMessageType.Close);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, last.CloseStatus);
        await Receive(other, WebSocketMessageType.Binary);
    }

    [Fact]
    public async Task A_closed_browser_leaves_the_others_and_nothing_is_played_when_nobody_looks()
    {
        await using PageRig rig = await PageRig.Open("corridor", new CorridorOptions { NumEnvs = 1 });
        using (ClientWebSocket socket = await Connect(rig))
        {
            await Receive(socket, WebSocketMessageType.Binary);
            socket.Abort();
        }

        using ClientWebSocket next = await Connect(rig);
        uint tick = BitConverter.ToUInt32((await Receive(next, WebSocketMessageType.Binary)).Bytes, 8);
        uint later;
        do later = BitConverter.ToUInt32((await Receive(next, WebSocketMessageType.Binary)).Bytes, 8);
        while (later < tick + 2);
    }

    [Fact]
    public void A_port_in_use_is_one_paragraph()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        StringWriter output = new(), error = new();
        int code = CommandLine.Run(["watch", "corridor", "--no-browser", "--port", $"{port}"], output, error);
        Assert.Equal((ExitCode.Usage, 1), (code, error.ToString().Count(c => c == '\n')));
        Assert.Contains($"127.0.0.1:{port}: another program uses it", error.ToString());
        Assert.Contains("--port 0", error.ToString());
    }

    [Theory]
    [InlineData("watch corridor --matches 3", "Watching corridor, 3 matches")]
    [InlineData("watch snake --preset small", "Watching snake, 1 match")]
    [InlineData("play soccer --agent 2", "Playing soccer as agent 2 of side A")]
    public async Task Watch_and_play_serve_until_they_are_told_to_end(string line, string expected)
    {
        using var ending = new CancellationTokenSource();
        var output = new StringWriter();
        Task<int> running = Task.Run(() => CommandLine.Run([.. line.Split(' '), "--no-browser", "--port", "0"], Terminal.Plain(output, TextWriter.Null), ending.Token));
        string text = "";
        Assert.True(SpinWait.SpinUntil(() => (text = output.ToString()).Contains("Ctrl-C"), TimeSpan.FromSeconds(30)), text);
        Assert.Contains(expected, text);
        using (var http = new HttpClient()) Assert.Contains("<title>Arena</title>", await http.GetStringAsync(text.Split('\n')[1].Trim()));
        await ending.CancelAsync();
        Assert.Equal(ExitCode.Success, await running);
        Assert.EndsWith("Stopped." + Environment.NewLine, output.ToString());
    }

    [Fact]
    public void The_curves_of_a_run_name_its_game_and_only_whole_lines_are_read()
    {
        string run = RunFixture.Write(folder, updates: 5);
        var files = new RunFiles(run);
        MetricsPart all = files.Read(0);
        File.AppendAllText(Path.Join(run, "metrics.jsonl"), "{\"update\":5,\"agent");
        Assert.Equal(all.Bytes, files.Read(0).Bytes);
        Assert.Empty(files.Read(all.Bytes.Length).Bytes);
        Assert.Equal(0, files.Read(1 << 20).From); // shorter than what was read: begin again
        Assert.Equal(ExitCode.Usage, CommandLine.Run(["watch", "soccer", "--run", run], TextWriter.Null, TextWriter.Null)); // of another game
    }

    internal static async Task<ClientWebSocket> Connect(PageRig rig)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(rig.Url.Replace("http", "ws") + "live"), default);
        return socket;
    }

    // The next message of a kind; others are passed over.
    internal static async Task<(byte[] Bytes, WebSocketMessageType Type)> Receive(ClientWebSocket socket, WebSocketMessageType type)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[1 << 16];
        while (true)
        {
            var message = new MemoryStream();
            WebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer, limit.Token);
                message.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);

            if (part.MessageType == type) return (message.ToArray(), type);
        }
    }
}
