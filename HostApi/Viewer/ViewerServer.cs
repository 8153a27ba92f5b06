using System.Net;
using System.Net.Sockets;
using System.Text;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Arena.HostApi.Viewer;

/// <summary>The viewer's web server: one page, its files, a WebSocket with the matches, and the files of a run. Bound to 127.0.0.1.</summary>
/// <remarks>
/// Only pages that it served itself are answered: another site's page that a browser is made to send here is refused by its Host (a
/// foreign name that resolves to this machine) or its Origin. Paths are compared with a fixed list and never reach the file system.
/// </remarks>
internal sealed class ViewerServer : IAsyncDisposable
{
    private const int HeadersBytes = 16 << 10;
    private const int MaxConnections = 64;

    private readonly WebApplication app;
    private readonly LiveShow show;
    private readonly RunFiles? run;
    private readonly byte[] hello;
    private readonly CancellationTokenSource stopping = new();
    private string[] hosts = [];

    private ViewerServer(WebApplication app, LiveShow show, RunFiles? run, string game)
    {
        (this.app, this.show, this.run) = (app, show, run);
        hello = Messages.Json("hello", writer =>
        {
            writer.WriteNumber("protocol", Messages.Protocol);
            writer.WriteString("game", game);
            writer.WriteStartArray("players");
            foreach (string player in show.Players) writer.WriteStringValue(player);
            writer.WriteEndArray();
            writer.WriteNumber("sides", show.Spec.Sides);
            writer.WriteNumber("agents", show.Spec.AgentsPerMatch);
            writer.WriteNumber("matches", show.Matches);
            writer.WriteNumber("tickSeconds", show.Spec.TickSeconds);
            if (show.Person is not null) writer.WriteNumber("you", show.Person.Agent);
            if (run is not null) writer.WriteString("run", run.Name);
        });
    }

    /// <summary>Where the page is.</summary>
    internal string Url => $"http://{hosts[0]}/";

    /// <summary>Binds the port and answers from now on.</summary>
    /// <param name="show">What is shown; stays the caller's.</param>
    /// <param name="run">The run whose curves are shown, or null.</param>
    /// <param name="game">Name of the game.</param>
    /// <param name="port">0 = any free one.</param>
    /// <exception cref="UsageException">the port is in use, or may not be used.</exception>
    internal static async Task<ViewerServer> Start(LiveShow show, RunFiles? run, string game, int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IHostLifetime, CallersLifetime>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = 0;
            options.Limits.MaxRequestHeadersTotalSize = HeadersBytes;
            options.Limits.MaxConcurrentConnections = options.Limits.MaxConcurrentUpgradedConnections = MaxConnections;
            options.Listen(IPAddress.Loopback, port);
        });
        WebApplication app = builder.Build();
        var server = new ViewerServer(app, show, run, game);
        app.UseWebSockets();
        app.Run(server.Answer);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            string why = refused.InnerException is AddressInUseException ? "another program uses it" : refused.Message.TrimEnd('.');
            throw new UsageException($"The page cannot be served at 127.0.0.1:{port}: {why}. Give another port, as in --port {port % 60000 + 1}, or --port 0 for any free one.");
        }

        int bound = new Uri(app.Urls.First()).Port;
        server.hosts = [$"127.0.0.1:{bound}", $"localhost:{bound}"];
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await app.StopAsync(patience.Token).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
        stopping.Dispose();
    }

    private async Task Answer(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "";
        if (!IsOurs(context.Request))
        {
            await Refuse(context, StatusCodes.Status403Forbidden, "Only pages of this viewer may ask it.").ConfigureAwait(false);
            return;
        }

        SetHeaders(context);
        if (path == "/live") await AnswerLive(context).ConfigureAwait(false);
        else if (!HttpMethods.IsGet(context.Request.Method)) await Refuse(context, StatusCodes.Status405MethodNotAllowed, "Only GET.").ConfigureAwait(false);
        else if (PageFiles.Find(path) is { } file) await Send(context, file.Type, file.Bytes).ConfigureAwait(false);
        else if (path == "/charts.json") await Send(context, PageFiles.Json, CurveGroups.Json).ConfigureAwait(false);
        else if (path == "/run/metrics" && run is not null) await AnswerMetrics(context).ConfigureAwait(false);
        else if (path == "/run/about" && run is not null) await Send(context, PageFiles.Json, run.About()).ConfigureAwait(false);
        else await Refuse(context, StatusCodes.Status404NotFound, "There is nothing here.").ConfigureAwait(false);
    }

    private async Task AnswerLive(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, "This address is for WebSockets.").ConfigureAwait(false);
            return;
        }

        using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        await new ViewerConnection(socket).Run(show, hello, stopping.Token).ConfigureAwait(false);
    }

    private async Task AnswerMetrics(HttpContext context)
    {
        if (!long.TryParse(context.Request.Query["from"], out long from) || from < 0)
        {
            await Refuse(context, StatusCodes.Status400BadRequest, "from must be a whole number of bytes, 0 or more.").ConfigureAwait(false);
            return;
        }

        MetricsPart part = run!.Read(from);
        context.Response.Headers["Arena-From"] = Numbers(part.From);
        context.Response.Headers["Arena-Next"] = Numbers(part.From + part.Bytes.Length);
        await Send(context, "application/x-ndjson", part.Bytes).ConfigureAwait(false);
    }

    private static string Numbers(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    // A program has no Origin; a browser always sends one with a WebSocket and with requests of other sites.
    private bool IsOurs(HttpRequest request)
    {
        if (!hosts.Contains(request.Host.Value)) return false;
        string origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || hosts.Any(host => origin == $"http://{host}");
    }

    private static void SetHeaders(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers["Content-Security-Policy"] =
            $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ws://{context.Request.Host.Value}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["X-Content-Type-Options"] = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cache-Control"] = "no-store";
    }

    private static Task Refuse(HttpContext context, int status, string why)
    {
        context.Response.StatusCode = status;
        return Send(context, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(why + "\n"));
    }

    private static Task Send(HttpContext context, string type, byte[] bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    /// <summary>The command decides when the server ends, and Ctrl-C belongs to the command line.</summary>
    private sealed class CallersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
