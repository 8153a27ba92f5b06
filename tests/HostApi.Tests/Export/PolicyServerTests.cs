using System.Buffers.Binary;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Arena.HostApi.Serving;
using Arena.Policy;
using Arena.Policy.Networks;
using Arena.Policy.Weights;
using Arena.Tests;

namespace Arena.HostApi.Tests.Export;

/// <summary>The policy server: what it plays, whom it refuses, and that it survives every game.</summary>
public sealed class PolicyServerTests : IAsyncLifetime
{
    private static readonly NetworkSpec Network = ExportCases.Network("mixed-lstm"); // 7 floats, 2 components, heads of 4 and 3, remembers
    private static readonly float[] Weights = ExportCases.Weights(Network);

    private readonly ServeOptions options = new() { Agents = 16, Games = 8, Deterministic = true, MessageTime = TimeSpan.FromSeconds(0.5) };
    private PolicyServer server = null!;

    public async Task InitializeAsync() => server = await PolicyServer.Start(new PolicyDescription("tag", Network, [], 0, 1), Weights, options);

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task Actions_are_those_of_the_policy_with_a_memory_per_agent()
    {
        using PolicyAgent expected = new(Network, Weights, new PolicyAgentOptions { Rows = 3, Deterministic = true });
        using ClientWebSocket json = await Connect(), binary = await Connect();
        var components = new float[6];
        var choices = new int[6];
        for (int step = 0; step < 4; step++)
        {
            float[] seen = Observations(3, step);
            if (step == 2) expected.Reset(1);
            expected.Step(seen, [], components, choices);
            string agents = string.Join(',', Enumerable.Range(0, 3).Select(row => Agent(10 + row, seen.AsSpan(row * 7, 7), step == 2 && row == 1 ? ",\"start\":true" : "")));
            JsonElement actions = (await Ask(json, $"{{\"agents\":[{agents}]}}")).GetProperty("actions");
            byte[] reply = await Ask(binary, Binary(seen, 3, starts: step == 2 ? 1 : -1));
            for (int row = 0; row < 3; row++)
            {
                Assert.Equal(10 + row, actions[row].GetProperty("id").GetInt32());
                Assert.Equal(components.AsSpan(row * 2, 2).ToArray(), actions[row].GetProperty("continuous").EnumerateArray().Select(one => one.GetSingle()));
                Assert.Equal(choices.AsSpan(row * 2, 2).ToArray(), actions[row].GetProperty("discrete").EnumerateArray().Select(one => one.GetInt32()));
                Assert.Equal(expected.Values[row], actions[row].GetProperty("value").GetSingle());
                ReadOnlySpan<byte> one = reply.AsSpan(4 + row * 24, 24);
                Assert.Equal((uint)row, BinaryPrimitives.ReadUInt32LittleEndian(one));
                Assert.Equal(components.AsSpan(row * 2, 2).ToArray(), MemoryMarshal.Cast<byte, float>(one[4..12]).ToArray());
                Assert.Equal(choices.AsSpan(row * 2, 2).ToArray(), MemoryMarshal.Cast<byte, int>(one[12..20]).ToArray());
            }
        }

        Assert.Equal(6, server.Agents);
    }

    [Fact]
    public async Task Agents_come_and_go_and_places_are_limited()
    {
        using ClientWebSocket game = await Connect();
        float[] seen = Observations(16, 1);
        string All(int first, int count) => string.Join(',', Enumerable.Range(0, count).Select(row => Agent(first + row, seen.AsSpan(row * 7, 7))));
        await Ask(game, $"{{\"agents\":[{All(0, 16)}]}}");
        Assert.Contains("places", await Error(game, $"{{\"agents\":[{All(15, 2)}]}}"));
        JsonElement fresh = (await Ask(game, $"{{\"agents\":[{All(100, 1)}],\"leave\":[0]}}")).GetProperty("actions")[0];
        using PolicyAgent expected = new(Network, Weights, new PolicyAgentOptions { Deterministic = true });
        var components = new float[2];
        expected.Step(seen.AsSpan(0, 7), [], components, new int[2]);
        Assert.Equal(components, fresh.GetProperty("continuous").EnumerateArray().Select(one => one.GetSingle())); // nothing of agent 0 is left
        await Ask(game, "{\"leave\":[1,2,3,4,4,999]}");
        Assert.Equal(12, server.Agents);
        await game.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
        await Until(() => server.Agents == 0 && server.Games == 0);
    }

    [Fact]
    public async Task Masks_are_obeyed_and_mistakes_are_named()
    {
        using ClientWebSocket game = await Connect();
        string agent = Agent(1, Observations(1, 3));
        JsonElement played = (await Ask(game, $"{{\"agents\":[{Agent(1, Observations(1, 3), ",\"mask\":[0,0,1,0,0,1,0]")}]}}")).GetProperty("actions")[0];
        Assert.Equal([2, 1], played.GetProperty("discrete").EnumerateArray().Select(one => one.GetInt32()));
        foreach ((string message, string problem) in new[]
        {
            ("{", "JSON"), ("[]", "object"), ("{\"agents\":{}}", "lists"), ("{\"agents\":[{\"id\":1}]}", "observation"), ("{\"agents\":[{\"id\":-1,\"observation\":[]}]}", "id"),
            ("{\"agents\":[{\"id\":1,\"observation\":[1,2]}]}", "list of 7"), ($"{{\"agents\":[{agent},{agent}]}}", "twice"),
            ($"{{\"agents\":[{agent}],\"leave\":[1]}}", "steps and leaves"), ($"{{\"agents\":[{agent[..^1]},\"more\":1}}]}}", "besides"),
            ("{\"agents\":[{\"id\":1,\"observation\":[1,2,3,4,5,6,1e99]}]}", "finite"),
            ($"{{\"agents\":[{Agent(1, Observations(1, 3), ",\"mask\":[0,0,0,0,0,1,0]")}]}}", "head 0"),
        }) Assert.Contains(problem, await Error(game, message));
        Assert.Equal([1, 255], (await Ask(game, new byte[] { 1, 1, 1, 0, 9 }))[..2]);
        Assert.Equal([1, 255], (await Ask(game, new byte[] { 7 }))[..2]);
        await Ask(game, $"{{\"agents\":[{agent}]}}"); // the socket is as good as before
    }

    [Fact]
    public async Task Other_hosts_and_origins_are_refused()
    {
        using var client = new HttpClient();
        string http = server.Address.Replace("ws://", "http://", StringComparison.Ordinal);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, http) { Headers = { Host = "games.example" } };
        Assert.Equal(403, (int)(await client.SendAsync(foreign)).StatusCode);
        Assert.Equal(404, (int)(await client.GetAsync(http)).StatusCode);
        foreach ((string origin, bool allowed) in new[] { ("https://games.example", false), ("null", false), ("http://localhost.games.example", false), ("http://localhost:3000", true), ("http://127.0.0.1", true) })
        {
            using var socket = new ClientWebSocket();
            socket.Options.SetRequestHeader("Origin", origin);
            Exception? refused = await Record.ExceptionAsync(() => socket.ConnectAsync(new Uri(server.Address), CancellationToken.None));
            Assert.Equal(allowed, refused is null);
        }
    }

    [Fact]
    public async Task Messages_too_long_or_never_finished_end_their_socket_alone()
    {
        using ClientWebSocket good = await Connect(), large = await Connect(), slow = await Connect();
        await slow.SendAsync(Encoding.UTF8.GetBytes("{\"agents\":["), WebSocketMessageType.Text, endOfMessage: false, CancellationToken.None);
        var piece = new byte[1 << 16];
        Exception? thrown = await Record.ExceptionAsync(async () =>
        {
            for (int sent = 0; sent < 64; sent++) await large.SendAsync(piece, WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
            await large.ReceiveAsync(piece, CancellationToken.None);
        });
        Assert.True(thrown is WebSocketException || large.CloseStatus == WebSocketCloseStatus.MessageTooBig, $"{thrown} {large.CloseStatus}");
        await Until(() => server.Games == 1);
        await Ask(good, $"{{\"agents\":[{Agent(1, Observations(1, 3))}]}}");
    }

    [Fact]
    public async Task Games_that_come_and_go_leave_nothing_behind()
    {
        int rounds = TestSize.Of(50, 1000);
        byte[] step = Binary(Observations(2, 5), 2, -1);
        long before = 0;
        for (int round = 0; round < rounds; round++)
        {
            if (round == rounds / 2) before = await Memory();
            using ClientWebSocket game = await Connect();
            if (round % 3 > 0) await game.SendAsync(step.AsMemory(0, round % 2 == 0 ? 9 : step.Length), WebSocketMessageType.Binary, round % 2 != 0, CancellationToken.None);
            if (round % 5 == 0) await game.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
            else game.Abort();
            if (round % 4 == 3) await Until(() => server.Games == 0);
        }

        await Until(() => server.Games == 0);
        Assert.Equal(0, server.Agents);
        Assert.InRange(await Memory() - before, long.MinValue, 4 << 20);
        using ClientWebSocket last = await Connect();
        Assert.Equal(1, (await Ask(last, step))[1]);
    }

    [Fact]
    public async Task Any_bytes_get_an_answer()
    {
        using ClientWebSocket game = await Connect();
        var random = new Random(6);
        byte[] good = Binary(Observations(2, 5), 2, 0), text = Encoding.UTF8.GetBytes($"{{\"agents\":[{Agent(1, Observations(1, 3), ",\"start\":true")}],\"leave\":[3]}}");
        for (int run = 0; run < TestSize.Of(300, 10_000); run++)
        {
            bool json = run % 2 == 0;
            byte[] message = [.. json ? text : good];
            if (run % 3 == 0) message = message[..random.Next(message.Length)];
            for (int change = random.Next(4); change > 0 && message.Length > 0; change--) message[random.Next(message.Length)] = json ? (byte)random.Next(32, 127) : (byte)random.Next(256);
            byte[] reply = await Exchange(game, message, json ? WebSocketMessageType.Text : WebSocketMessageType.Binary);
            Assert.Contains(reply[json ? 0 : 1], json ? new[] { (byte)'{' } : [1, 255]);
            if (server.Agents > 8) await Exchange(game, Encoding.UTF8.GetBytes("{\"leave\":[" + string.Join(',', Enumerable.Range(0, 10)) + "]}"), WebSocketMessageType.Text);
        }

        Assert.InRange(server.Agents, 0, 16);
    }

    [Fact]
    public async Task Stopping_says_goodbye_and_frees_the_port()
    {
        using ClientWebSocket game = await Connect();
        await Ask(game, $"{{\"agents\":[{Agent(1, Observations(1, 3))}]}}");
        string address = server.Address;
        await server.DisposeAsync();
        Exception? ended = await Record.ExceptionAsync(async () =>
        {
            WebSocketReceiveResult result = await game.ReceiveAsync(new byte[64], CancellationToken.None);
            Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        });
        Assert.True(ended is null or WebSocketException, ended?.ToString());
        await using PolicyServer again = await PolicyServer.Start(new PolicyDescription("tag", Network, [], 0, 1), Weights, options with { Port = new Uri(address).Port });
        Assert.Equal(address, again.Address);
    }

    private static float[] Observations(int rows, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, rows * 7).Select(_ => 2f * random.NextSingle() - 1f)];
    }

    private static string Agent(int id, ReadOnlySpan<float> observation, string more = "") =>
        FormattableString.Invariant($"{{\"id\":{id},\"observation\":{JsonSerializer.Serialize(observation.ToArray())}{more}}}");

    private static byte[] Binary(float[] observations, int agents, int starts)
    {
        var message = new List<byte> { 1, 1, (byte)agents, 0 };
        for (int agent = 0; agent < agents; agent++)
        {
            message.AddRange([(byte)agent, 0, 0, 0, (byte)(agent == starts ? 1 : 0), 0, 0, 0]);
            message.AddRange(MemoryMarshal.AsBytes(observations.AsSpan(agent * 7, 7)).ToArray());
        }

        return [.. message];
    }

    private async Task<ClientWebSocket> Connect()
    {
        var socket = new ClientWebSocket();
        // A place that has just become free may take a moment.
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await socket.ConnectAsync(new Uri(server.Address), CancellationToken.None);
                break;
            }
            catch (WebSocketException) when (attempt < 100)
            {
                socket.Dispose();
                socket = new ClientWebSocket();
                await Task.Delay(20);
            }
        }

        using JsonDocument hello = JsonDocument.Parse(await Receive(socket));
        Assert.Equal(7, hello.RootElement.GetProperty("observations").GetInt32());
        return socket;
    }

    private static async Task<byte[]> Receive(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 16];
        int length = 0;
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(new ArraySegment<byte>(buffer, length, buffer.Length - length), late.Token);
            length += part.Count;
            if (part.EndOfMessage) return buffer[..length];
        }
    }

    private static async Task<byte[]> Exchange(ClientWebSocket socket, byte[] message, WebSocketMessageType type)
    {
        await socket.SendAsync(message, type, endOfMessage: true, CancellationToken.None);
        return await Receive(socket);
    }

    private static Task<byte[]> Ask(ClientWebSocket socket, byte[] message) => Exchange(socket, message, WebSocketMessageType.Binary);

    private static async Task<JsonElement> Ask(ClientWebSocket socket, string message)
    {
        JsonElement reply = JsonSerializer.Deserialize<JsonElement>(await Exchange(socket, Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text));
        Assert.False(reply.TryGetProperty("error", out JsonElement error), error.ToString());
        return reply;
    }

    private static async Task<string> Error(ClientWebSocket socket, string message) =>
        JsonSerializer.Deserialize<JsonElement>(await Exchange(socket, Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text)).GetProperty("error").GetString()!;

    private static async Task Until(Func<bool> condition)
    {
        for (int attempt = 0; attempt < 500 && !condition(); attempt++) await Task.Delay(20);
        Assert.True(condition());
    }

    private async Task<long> Memory()
    {
        await Until(() => server.Games == 0);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
