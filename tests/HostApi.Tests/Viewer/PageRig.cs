using Arena.HostApi.Cli;
using Arena.HostApi.Viewer;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>A page with a game behind it, as 'watch' and 'play' serve it.</summary>
internal sealed class PageRig : IAsyncDisposable
{
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
    private readonly LiveShow show;
    private ViewerServer? server;

    private PageRig(string game, GameOptions options, Func<EnvironmentSpec, PersonSeat?> seat, Player[]? players, RunFiles? run)
    {
        var request = new GameRequest(Registry.Find(game), options, Seed: 5, Threads: 1, "cpu");
        EnvironmentSpec spec = request.Game.Describe(options);
        players ??= [.. Enumerable.Repeat(Player.BuiltIn(Opponents.Baseline(spec)), spec.Sides)];
        Person = seat(spec);
        show = new LiveShow(() => new LiveMatch(device, request, players, deterministic: false, record: false, Person), [.. players.Select(player => player.Name)], Person, run is null ? null : run.IsTraining);
        show.Start();
    }

    internal PersonSeat? Person { get; }

    internal LiveShow Show => show;

    internal string Url => server!.Url;

    internal static async Task<PageRig> Open(string game, GameOptions options, RunFiles? run = null, int? person = null, Player[]? players = null)
    {
        var rig = new PageRig(game, options, spec => person is { } agent ? new PersonSeat(spec, agent) : null, players, run);
        rig.server = await ViewerServer.Start(rig.show, run, game, port: 0);
        return rig;
    }

    /// <summary>Stops the server, as a crash would, and starts another one at the same address.</summary>
    internal async Task Interrupt(Func<Task> meanwhile)
    {
        int port = new Uri(Url).Port;
        await server!.DisposeAsync();
        await meanwhile();
        server = await ViewerServer.Start(show, null, show.Spec.Game, port);
    }

    public async ValueTask DisposeAsync()
    {
        await server!.DisposeAsync();
        show.Dispose();
        device.Dispose();
    }
}
