using System.CommandLine;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;

namespace Arena.HostApi.Cli;

/// <summary><c>arena train GAME</c>: self-play from nothing to a rated policy.</summary>
internal static class TrainCommand
{
    internal static Command Create(CliContext context)
    {
        var folder = CliOption.Text("--runs", $"Folder for run directories (default: {RunDirectory.DefaultRoot}).", "FOLDER");
        var curriculum = CliOption.Text("--curriculum", CurriculumHelp(context.Game), "NAME|FILE");
        var command = new Command("train", "Train a policy by self-play, and measure it against the built-in opponents.") { folder, curriculum };
        TrainingDefaults? defaults = context.Game?.Training;
        var plan = SettingOptions<TrainingPlan>.AddTo(command, []);
        var learner = SettingOptions<PpoConfig>.AddTo(command, defaults?.Learner ?? []);
        var inputs = GameInputs.AddTo(command, context.Game, defaults?.Options);
        command.SetAction(parsed =>
        {
            GameRequest request = inputs.Read(parsed);
            PpoConfig config = learner.Read(parsed);
            TrainingPlan planned = plan.Read(parsed);
            IReadOnlyList<CurriculumStage>? stages = Stages(parsed.GetValue(curriculum), inputs.ConfigFileOf(parsed), request.Game);
            using IDevice device = request.CreateDevice();
            using var session = new TrainingSession(device, request.Game, request.Options, config, planned, request.Seed, stages);
            var description = new RunDescription
            {
                Game = request.Game.Name,
                Seed = request.Seed,
                Options = request.Options,
                Sections = [new("learner", config), new("plan", planned)],
                Curriculum = stages,
                Network = session.Network,
                Device = device.Description,
                Threads = request.Threads == 0 ? Environment.ProcessorCount : request.Threads,
                CommandLine = Environment.GetCommandLineArgs(),
            };
            using RunDirectory run = RunDirectory.Create(description, parsed.GetValue(folder) ?? RunDirectory.DefaultRoot);
            new TrainingRun(context, request, session, run, device).Run();
            FinalTable.Write(context, request, session, run, planned.FinalGames, device);
            return ExitCode.Success;
        });
        return command;
    }

    private static IReadOnlyList<CurriculumStage>? Stages(string? nameOrFile, string? configFile, IGame game) =>
        nameOrFile is not null ? CurriculumFile.Find(nameOrFile, game.Name)
        : configFile is not null ? CurriculumFile.InConfiguration(configFile, game.Name)
        : null;

    private static string CurriculumHelp(IGame? game)
    {
        IReadOnlyList<string> shipped = game is null ? [] : CurriculumFile.Shipped(game.Name);
        return "Stages of other settings on the way: a JSON file, or a shipped one" + (shipped.Count == 0 ? "." : $" ({string.Join(", ", shipped)}).");
    }
}
