using System.Net;
using System.Net.Sockets;
using Arena.Kernels;
using Arena.Policy.Weights;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Arena.HostApi.Serving;

/// <summary>Plays a policy for outside games over WebSockets on the loopback address: one socket per game, agents by id (docs/export.md).</summary>
/// <remarks>Only this machine can reach it, and only programs and pages of this machine: other hosts and origins are refused.</remarks>
public sealed class PolicyServer : IAsyncDisposable
{
    /// <summary>Path of the socket.</summary>
    public const string SocketPath = "/play";

    private readonly WebApplication application;
    private readonly BatchPlayer player;
    private readonly PolicyDescription policy;
    private readonly ServeOptions options;
    private readonly byte[] hello;
    private readonly CancellationTokenSource stop = new();
    private int games;
    private bool stopped;

    private PolicyServer(PolicyDescription policy, float[] weights, ServeOptions options)
    {
        this.policy = policy;
        this.options = options;
        hello = ServeMessages.Hello(policy, options);
        player = new BatchPlayer(policy.Network, weights, options);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
        });
        application = builder.Build();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(20) });
        application.Run(Handle);
    }

    /// <summary>Where games connect: "ws://127.0.0.1:7777/play".</summary>
    public string Address { get; private set; } = "";

    /// <summary>Games that are connected.</summary>
    public int Games => Volatile.Read(ref games);

    /// <summary>Agents of all games.</summary>
    public int Agents => options.Agents - player.Free;

    /// <summary>Starts to listen.</summary>
    /// <param name="policy">Whose weights they are.</param>
    /// <param name="weights">(P).</param>
    /// <param name="options">Port, sampling, limits.</param>
    /// <exception cref="UsageException">an option is outside its range, or the port is in use or may not be used.</exception>
    public static async Task<PolicyServer> Start(PolicyDescription policy, ReadOnlyMemory<float> weights, ServeOptions options)
    {
        if (options.Port is < 0 or > 65_535) throw new UsageException($"The port is {options.Port}; allowed are 1..65535, or 0 for any that is free.");
        if (options.Games is < 1 or > 4096) throw new UsageException($"Games is {options.Games}; allowed are 1..4096.");
        var server = new PolicyServer(policy, weights.ToArray(), options);
        try
        {
            await server.application.StartAsync();
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            await server.DisposeAsync();
            string why = refused.InnerException is AddressInUseException ? "another program uses it" : refused.Message.TrimEnd('.');
            throw new UsageException($"The policy cannot be served at 127.0.0.1:{options.Port}: {why}. Give another port, as in --port {options.Port % 60000 + 1}, or --port 0 for any free one.");
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        server.Address = server.application.Urls.Single().Replace("http://", "ws://", StringComparison.Ordinal) + SocketPath;
        return server;
    }

    /// <summary>Closes all sockets and frees the port and all memory.</summary>
    public async ValueTask DisposeAsync()
    {
        if (stopped) return;
        stopped = true;
        await stop.CancelAsync();
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5))) await application.StopAsync(patience.Token);
        await application.DisposeAsync();
        player.Dispose();
        stop.Dispose();
    }

    private async Task Handle(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (!IsHere(request.Host) || (request.Headers.Origin.Count > 0 && !request.Headers.Origin.All(IsHere)))
            await Refuse(context, StatusCodes.Status403Forbidden, "This server answers programs of this machine only.");
        else if (request.Path != SocketPath || !context.WebSockets.IsWebSocketRequest)
            await Refuse(context, StatusCodes.Status404NotFound, $"A policy for '{policy.Game}' is played over a WebSocket at {SocketPath}.");
        else if (Interlocked.Increment(ref games) > options.Games)
        {
            Interlocked.Decrement(ref games);
            await Refuse(context, StatusCodes.Status503ServiceUnavailable, $"{options.Games} games are connected; there is no place for one more.");
        }
        else
        {
            try
            {
                await Serve(context);
            }
            finally
            {
                Interlocked.Decrement(ref games);
            }
        }
    }

    private async Task Serve(HttpContext context)
    {
        using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, context.RequestAborted);
        try
        {
            await new ServedGame(socket, player, new AgentStep(policy.Network, options.Agents), options).Run(hello, end.Token);
        }
        catch (OperationCanceledException)
        {
            // The server stops, or the connection broke.
        }
    }

    private static async Task Refuse(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(why + "\n");
    }

    // A page of another site may send a browser here under a name of its own; that name gives it away.
    private static bool IsHere(HostString host) => host.Host is "localhost" or "127.0.0.1" or "[::1]";

    private static bool IsHere(string? origin) =>
        Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && IsHere(new HostString(uri.Host));

    // Ctrl-C belongs to the command line.
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
