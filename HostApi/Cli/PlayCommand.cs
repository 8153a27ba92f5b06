using System.CommandLine;
using Arena.HostApi.Viewer;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary><c>arena play GAME</c>: a person plays one agent of side A on the page; scripts or policies play all others.</summary>
internal static class PlayCommand
{
    private const int UsualAgent = 1; // agent 0 of a team may keep goal

    internal static Command Create(CliContext context)
    {
        var with = CliOption.Text("--with", "Who plays the others of your side (default: the game's scripted baseline).", "OPPONENT|RUN|FILE");
        var against = CliOption.Text("--against", "Who plays the other side, in games with two sides (default: the game's scripted baseline).", "OPPONENT|RUN|FILE");
        var agent = CliOption.Whole("--agent", "Which agent of side A you are; -1 = the second one, where there is a second one.", -1, -1, ushort.MaxValue);
        var deterministic = CliOption.Flag("--deterministic", "Policies take their most likely action instead of sampling.");
        var speed = CliOption.Number("--speed", "Times real time.", 1, 0.05, LiveShow.MaxSpeed);
        var page = PageOptions.Create();
        var command = new Command("play", "Play one agent yourself with keyboard or gamepad, on a page, with and against scripts or policies.") { with, against, agent, deterministic, speed, page.Port, page.NoBrowser };
        var inputs = GameInputs.AddTo(command, context.Game, defaultEnvs: 1);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            request = request with { Options = request.Options with { NumEnvs = 1 } };
            EnvironmentSpec spec = request.Game.Describe(request.Options);
            Player[] players = Players(request, spec, parsed.GetValue(with), parsed.GetValue(against));
            foreach (Player player in players) context.Terminal.Warn(player.Warning);
            int chosen = parsed.GetValue(agent);
            var person = new PersonSeat(spec, chosen >= 0 ? chosen : Math.Min(UsualAgent, spec.AgentsPerSide - 1));
            string[] names = [.. players.Select(player => player.Name)];
            if (spec.AgentsPerSide == 1) names[0] = "you";
            else names[0] = $"you with {names[0]}";
            using IDevice device = request.CreateDevice(context.Terminal, DeviceUse.Networks);
            return PageHost.Run(
                context, () => new LiveMatch(device, request, players, parsed.GetValue(deterministic), record: false, person), names, person, null, page.Of(parsed), parsed.GetValue(speed));
        });
        return command;
    }

    private static Player[] Players(GameRequest request, EnvironmentSpec spec, string? with, string? against)
    {
        if (spec.Sides == 1 && against is not null)
            throw new Kernels.UsageException($"--against is '{against}', but '{spec.Game}' has one side only; the others are --with.");
        string[] chosen = spec.Sides == 1 ? [with ?? Opponents.Baseline(spec)] : [with ?? Opponents.Baseline(spec), against ?? Opponents.Baseline(spec)];
        return [.. chosen.Select(name => Player.Parse(request.Game, request.Options, name))];
    }
}
