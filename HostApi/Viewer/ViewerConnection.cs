using System.Net.WebSockets;
using System.Threading.Channels;

namespace Arena.HostApi.Viewer;

/// <summary>One page: what it is still to be sent, and which agent it looks at.</summary>
/// <remarks>A page that reads slowly loses the oldest pictures; the show never waits for it.</remarks>
internal sealed class ViewerConnection(WebSocket socket)
{
    private const int Waiting = 8;

    private readonly Channel<(byte[] Bytes, WebSocketMessageType Type)> outgoing = Channel.CreateBounded<(byte[], WebSocketMessageType)>(
        new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Match and agent whose details it gets; only the show's thread touches it.</summary>
    internal (int Match, int Agent)? Selection { get; set; }

    internal void Send(byte[] frame) => outgoing.Writer.TryWrite((frame, WebSocketMessageType.Binary));

    internal void SendText(byte[] text) => outgoing.Writer.TryWrite((text, WebSocketMessageType.Text));

    /// <summary>Serves the page until it leaves or the server stops.</summary>
    /// <param name="show">What it looks at.</param>
    /// <param name="hello">The first message.</param>
    /// <param name="stopping">The server stops.</param>
    internal async Task Run(LiveShow show, byte[] hello, CancellationToken stopping)
    {
        SendText(hello);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Task sending = SendAll(ended.Token);
        show.Post(() => show.Join(this));
        try
        {
            await ReceiveAll(show, ended.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // A closed laptop or browser says nothing; the show goes on for the others.
        }
        finally
        {
            show.Post(() => show.Leave(this));
            await ended.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }
    }

    private async Task SendAll(CancellationToken ended)
    {
        try
        {
            await foreach ((byte[] bytes, WebSocketMessageType type) in outgoing.Reader.ReadAllAsync(ended).ConfigureAwait(false))
                await socket.SendAsync(bytes, type, endOfMessage: true, ended).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // The receiving side learns of it too and ends the connection.
        }
    }

    private async Task ReceiveAll(LiveShow show, CancellationToken ended)
    {
        var buffer = new byte[Messages.MaxRequestBytes];
        while (true)
        {
            int length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), ended).ConfigureAwait(false);
                length += part.Count;
                if (!part.EndOfMessage && length == buffer.Length)
                {
                    await socket.CloseAsync(WebSocketCloseStatus.MessageTooBig, $"at most {buffer.Length} bytes", ended).ConfigureAwait(false);
                    return;
                }
            }
            while (!part.EndOfMessage && part.MessageType != WebSocketMessageType.Close);

            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, ended).ConfigureAwait(false);
                return;
            }

            string? wrong = part.MessageType == WebSocketMessageType.Text ? Messages.Handle(buffer.AsMemory(0, length), show, this) : "requests are texts";
            if (wrong is not null) SendText(Messages.Error(wrong));
        }
    }
}
