using System.Buffers;
using System.Net.WebSockets;

namespace Arena.HostApi.Serving;

/// <summary>One socket: messages in turn, agents by the ids the game gives them. Its agents leave with it.</summary>
internal sealed class ServedGame(WebSocket socket, BatchPlayer player, AgentStep step, ServeOptions options)
{
    private const int FirstBuffer = 4096;

    private readonly Dictionary<uint, int> rowOf = [];
    private readonly HashSet<uint> named = [];
    private readonly List<int> places = [];
    private readonly ArrayBufferWriter<byte> answer = new();
    private readonly Turn turn = new(step);
    private readonly int longest = ServeMessages.LongestMessage(step.Network, options.Agents);
    private byte[] buffer = new byte[FirstBuffer];

    /// <summary>Answers messages until the game leaves, or breaks the protocol.</summary>
    internal async Task Run(byte[] hello, CancellationToken stop)
    {
        try
        {
            await socket.SendAsync(hello, WebSocketMessageType.Text, endOfMessage: true, stop);
            while (await Receive(stop) is { } message)
            {
                await Answer(message);
                await socket.SendAsync(answer.WrittenMemory, message.Binary ? WebSocketMessageType.Binary : WebSocketMessageType.Text, endOfMessage: true, stop);
            }
        }
        catch (WebSocketException)
        {
            // The game is gone in the middle of a message, or sent what no WebSocket sends. Only its own agents go with it.
        }
        finally
        {
            foreach (int row in rowOf.Values) player.Return(row);
            rowOf.Clear();
        }
    }

    private readonly record struct Message(int Length, bool Binary);

    // Null: the socket is closed.
    private async Task<Message?> Receive(CancellationToken stop)
    {
        ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(), stop);
        int length = part.Count;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (!part.EndOfMessage) late.CancelAfter(options.MessageTime);
        while (!part.EndOfMessage)
        {
            if (length == longest) return await Close(WebSocketCloseStatus.MessageTooBig, $"a message is at most {longest} bytes", stop);
            if (length == buffer.Length) Array.Resize(ref buffer, Math.Min(longest, 2 * buffer.Length));
            try
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), late.Token);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return null; // a receive that was called off leaves the socket aborted: nothing more can be said
            }

            length += part.Count;
        }

        if (part.MessageType == WebSocketMessageType.Close) return await Close(WebSocketCloseStatus.NormalClosure, "", stop);
        return new Message(length, part.MessageType == WebSocketMessageType.Binary);
    }

    private async Task<Message?> Close(WebSocketCloseStatus status, string why, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(options.MessageTime); // a game that never answers the close must not hold its place
        try
        {
            await socket.CloseOutputAsync(status, why, late.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            socket.Abort();
        }

        return null;
    }

    private async Task Answer(Message message)
    {
        answer.ResetWrittenCount();
        try
        {
            if (message.Binary) ServeMessages.ReadBinary(buffer.AsSpan(0, message.Length), step);
            else ServeMessages.ReadJson(buffer.AsMemory(0, message.Length), step);
            await Play();
            if (message.Binary) ServeMessages.WriteBinary(step, answer);
            else ServeMessages.WriteJson(step, answer);
        }
        catch (FormatException problem)
        {
            ServeMessages.WriteError($"{problem.Message}; nothing of this message was played", message.Binary, answer);
        }
    }

    // All of a message is checked, and has its places, before any of it counts.
    private async Task Play()
    {
        int joining = Check();
        places.Clear();
        foreach (uint id in step.Leaving.Distinct())
            if (rowOf.TryGetValue(id, out int row)) places.Add(row);
        if (joining > places.Count && !player.TryTake(joining - places.Count, places))
            throw new FormatException($"all {options.Agents} places for agents are taken; let others leave first");
        foreach (uint id in step.Leaving) rowOf.Remove(id);
        for (int at = 0; at < step.Count; at++)
        {
            bool known = rowOf.TryGetValue(step.Ids[at], out int row);
            if (!known)
            {
                row = places[--joining];
                rowOf.Add(step.Ids[at], row);
                places.RemoveAt(joining);
            }

            if (!known || step.Starts[at]) player.Forget(row);
            step.Rows[at] = row;
        }

        foreach (int row in places) player.Return(row);
        player.Enqueue(turn);
        await turn.Played.WaitAsync(CancellationToken.None); // even where the game is gone: its rows are still in use until then
        if (turn.Failure is { } failure) throw new FormatException($"the server failed: {failure.Message}");
    }

    // Agents that join.
    private int Check()
    {
        named.Clear();
        int joining = 0;
        for (int at = 0; at < step.Count; at++)
        {
            if (!named.Add(step.Ids[at])) throw new FormatException($"agent {step.Ids[at]} is named twice");
            if (player.Problem(step, at) is { } problem) throw new FormatException($"agent {step.Ids[at]}: {problem}");
            if (!rowOf.ContainsKey(step.Ids[at])) joining++;
        }

        foreach (uint id in step.Leaving)
            if (named.Contains(id)) throw new FormatException($"agent {id} steps and leaves");
        return joining;
    }
}
