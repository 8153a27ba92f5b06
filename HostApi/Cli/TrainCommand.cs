using System.CommandLine;
using Arena.HostApi.Report;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;

namespace Arena.HostApi.Cli;

/// <summary><c>arena train GAME</c>: self-play from nothing to a rated policy; <c>arena train --resume RUN</c>: on from where a run stands.</summary>
internal static class TrainCommand
{
    internal static Command Create(CliContext context)
    {
        var folder = CliOption.Text("--runs", $"Folder for run directories (default: {RunDirectory.DefaultRoot}).", "FOLDER");
        var curriculum = CliOption.Text("--curriculum", CurriculumHelp(context.Game), "NAME|FILE");
        var probe = new Option<bool>("--probe") { Description = "Only time the network's passes, for about three seconds, and say which batches are worth it." };
        var command = new Command("train", "Train a policy by self-play, and measure it against the built-in opponents.") { folder, curriculum, probe };
        TrainingDefaults? defaults = context.Game?.Training;
        RunConfig? resumed = context.Resumed;
        var resume = ResumeOptions.AddTo(command);
        var engine = EngineOptions.AddTo(command, resumed?.Engine);
        Option<string?> network = NetworkOption.AddTo(command);
        IGame? reinforced = context.Asks("--algorithm", "reinforce") ? context.Game : null;
        var plan = resumed is null
            ? SettingOptions<TrainingPlan>.AddTo(command, reinforced is null ? defaults?.Plan ?? [] : ReinforceDefaults.Plan(reinforced))
            : SettingOptions<TrainingPlan>.AddTo(command, resumed.Plan);
        var learner = resumed is null
            ? SettingOptions<PpoConfig>.AddTo(command, reinforced is null ? defaults?.Learner ?? [] : ReinforceDefaults.Learner)
            : SettingOptions<PpoConfig>.AddTo(command, resumed.Learner);
        GameOptions? options = resumed?.Options ?? (reinforced is null ? defaults?.Options : ReinforceDefaults.Options(reinforced));
        var inputs = GameInputs.AddTo(command, context.Game, options, resumed?.Seed ?? 1, resumed?.Threads ?? 0, training: true);
        command.SetAction(parsed =>
        {
            GameRequest game = inputs.Read(parsed);
            RunConfig? config = inputs.Run(parsed);
            TrainingPlan planned = plan.Read(parsed, given => WithNetwork(config?.Apply("plan", given) ?? given, NetworkOption.Find(parsed, network)));
            if (planned.AgentSteps == 0) planned = planned with { AgentSteps = game.Game.Training.AgentSteps };
            IReadOnlyList<CurriculumStage>? stages = parsed.GetValue(curriculum) is { } named ? CurriculumFile.Find(named, game.Game.Name) : inputs.Curriculum(parsed) ?? resumed?.Curriculum;
            var request = new TrainingRequest(game, learner.Read(parsed, given => config?.Apply("learner", given) ?? given), planned, stages) { Engine = engine.Read(parsed) };
            if (parsed.GetValue(probe)) return Probe(context, request);
            using StartingPoint start = resume.Read(parsed, request, resumed, context.Terminal.Error.WriteLine);
            return Train(context, request, start, resume.Until(parsed), parsed.GetValue(folder) ?? RunDirectory.DefaultRoot);
        });
        return command;
    }

    private static int Probe(CliContext context, TrainingRequest request)
    {
        using IDevice device = request.Game.CreateDevice(context.Terminal, DeviceUse.Networks);
        EnvironmentSpec spec = request.Game.Game.Describe(request.Game.Options);
        ProbeTable.Write(context, request.Game, spec, request.Plan.Network(spec), device, EngineOptions.Choose(request.Engine, device));
        return ExitCode.Success;
    }

    private static string CurriculumHelp(IGame? game)
    {
        IReadOnlyList<string> shipped = game is null ? [] : CurriculumFile.Shipped(game.Name);
        return "Stages of other settings on the way: a JSON file, or a shipped one" + (shipped.Count == 0 ? "." : $" ({string.Join(", ", shipped)}).");
    }

    private static TrainingPlan WithNetwork(TrainingPlan plan, NetworkPreset? network) => network?.Apply(plan) ?? plan;

    private static int Train(CliContext context, TrainingRequest request, StartingPoint start, PausePoint until, string root)
    {
        using IDevice device = request.Game.CreateDevice(context.Terminal, DeviceUse.Networks);
        EngineChoice engine = EngineOptions.Choose(request.Engine, device);
        using var session = new TrainingSession(device, request.Game.Game, request.Game.Options, request.Learner, request.Plan, request.Game.Seed, request.Curriculum, engine);
        start.Load(session, until);
        var description = new RunDescription
        {
            Game = request.Game.Game.Name,
            Seed = request.Game.Seed,
            Options = request.Game.Options,
            Sections = [new("learner", request.Learner), new("plan", request.Plan)],
            Curriculum = request.Curriculum,
            Network = session.Network,
            Device = device.Description,
            Engine = EngineRequest.Of(engine),
            Threads = request.Game.Threads == 0 ? Environment.ProcessorCount : request.Game.Threads,
            CommandLine = Environment.GetCommandLineArgs(),
        };
        (RunDirectory run, CheckpointStore store) = start.Open(description, root);
        using (run)
        using (store)
        {
            var checkpoints = new TrainingCheckpoints(session, run, store, request.Plan.CheckpointMinutes);
            var training = new TrainingRun(context, request.Game, session, run, device, checkpoints) { Until = until, Start = start.Words, Engine = engine };
            bool ended = false;
            try
            {
                if (training.Run()) FinalTable.Write(context, request.Game, session, run, request.Plan.FinalGames, device);
                ended = true;
            }
            finally
            {
                WriteReport(context, run.Path, ended);
            }
        }

        return ExitCode.Success;
    }

    // Of a run that was stopped or failed, too: its curves are what one wants to look at then.
    private static void WriteReport(CliContext context, string run, bool ended)
    {
        try
        {
            RunReport.Write(run);
        }
        catch (IOException) when (!ended)
        {
            return; // whatever ended the run is on its way to the user; a disk that fails on top of it must not hide that
        }

        context.Terminal.Output.WriteLine($"  {Path.Join(run, RunReport.FileName)} shows its curves and results in a browser.");
    }
}
