using System.CommandLine;
using Arena.HostApi.Distributed;
using Arena.HostApi.Report;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels;
using Arena.Policy.Distributed;
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
        Option<string> exchange = CliOption.Choice("--exchange", "How MPI ranks on GPUs add up gradients; auto: nccl where every rank has a GPU of its own, else host.", "auto", "auto", "host", "nccl");
        command.Options.Add(exchange);
        Option<string?> network = NetworkOption.AddTo(command);
        IGame? reinforced = AsksReinforce(context) ? context.Game : null;
        var plan = reinforced is null || resumed is not null
            ? SettingOptions<TrainingPlan>.AddTo(command, resumed?.Plan ?? (context.Game is { } planned ? TrainingPlan.For(planned) : new TrainingPlan()))
            : SettingOptions<TrainingPlan>.AddTo(command, ReinforceDefaults.Plan(reinforced));
        var learner = reinforced is null || resumed is not null
            ? SettingOptions<PpoConfig>.AddTo(command, resumed?.Learner ?? (context.Game is { } learned ? PpoConfig.For(learned) : new PpoConfig()))
            : SettingOptions<PpoConfig>.AddTo(command, ReinforceDefaults.Learner);
        GameOptions? options = resumed?.Options ?? (reinforced is null ? defaults?.Options : ReinforceDefaults.Options(reinforced));
        var inputs = GameInputs.AddTo(command, context.Game, options, resumed?.Seed ?? 1, resumed?.Threads ?? 0, training: true);
        command.SetAction(parsed =>
        {
            GameRequest game = inputs.Read(parsed);
            ConfigurationFile? config = inputs.File(parsed);
            TrainingPlan wanted = plan.Read(parsed, given => inputs.Plan(parsed, given, NetworkOption.Find(parsed, network)));
            if (wanted.AgentSteps == 0) wanted = wanted with { AgentSteps = game.Game.Training.AgentSteps };
            IReadOnlyList<CurriculumStage>? stages = parsed.GetValue(curriculum) is { } named ? CurriculumFile.Find(named, game.Game.Name) : config?.Curriculum ?? resumed?.Curriculum;
            var request = new TrainingRequest(game, learner.Read(parsed, given => inputs.Learner(parsed, given)), wanted, stages) { Engine = engine.Read(parsed, config?.Engine ?? default), Exchange = Enum.Parse<ExchangeKind>(parsed.GetValue(exchange)!, ignoreCase: true) };
            if (resumed is null)
                IdleOptions.Check(
                    [.. learner.Given(parsed, request.Learner), .. plan.Given(parsed, wanted)], game.Game.Describe(game.Options), request.Learner, wanted, changes: stages is not null);
            if (parsed.GetValue(probe)) return Probe(context, request);
            return Distribution.Run(context, (own, distribution) =>
            {
                using StartingPoint start = resume.Read(parsed, request, resumed, own.Terminal.Error.WriteLine, distribution.Ranks);
                return Train(own, Spread(request, distribution.Ranks), start, resume.Until(parsed), parsed.GetValue(folder) ?? RunDirectory.DefaultRoot, distribution);
            });
        });
        return command;
    }

    // Known before anything is parsed, since the defaults of many options depend on it.
    private static bool AsksReinforce(CliContext context) =>
        context.Asks("--algorithm", "reinforce") || context.Asks("--set", "plan.algorithm=reinforce")
        || (context.Game is { } game && context.Asks("train", game.Name) && CommandLine.OptionIn([.. context.Arguments], "--config") is { } file && File.Exists(file)
            && ConfigurationFile.Read(file, game).Apply(ConfigurationFile.ForPlan, new TrainingPlan()).Algorithm == Algorithm.Reinforce);

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

    // What follows from the number of processes: one shard each unless a run has its own number, and a share of the cores.
    private static TrainingRequest Spread(TrainingRequest request, Ranks ranks) => request with
    {
        Plan = request.Plan.Shards == 0 ? request.Plan with { Shards = ranks.Size } : request.Plan,
        Game = request.Game.Threads == 0 ? request.Game with { Threads = NodeThreads.Of(ranks) } : request.Game,
    };

    private static int Train(CliContext context, TrainingRequest request, StartingPoint start, PausePoint until, string root, Distribution distribution)
    {
        Ranks ranks = distribution.Ranks;
        using IDevice device = request.Game.CreateDevice(context.Terminal, DeviceUse.Networks);
        EngineChoice engine = EngineOptions.Choose(request.Engine, device);
        var description = new RunDescription
        {
            Game = request.Game.Game.Name,
            Seed = request.Game.Seed,
            Options = request.Game.Options,
            Sections = [new("learner", request.Learner), new("plan", request.Plan)],
            Curriculum = request.Curriculum,
            Network = request.Plan.Network(request.Game.Game.Describe(request.Game.Options)),
            Device = device.Description,
            Engine = EngineRequest.Of(engine),
            Threads = request.Game.Threads == 0 ? Environment.ProcessorCount : request.Game.Threads,
            Ranks = ranks.Size,
            CommandLine = Environment.GetCommandLineArgs(),
        };
        RankCheck.Same(ranks, description, until.Text);
        using NcclExchange? exchange = NcclExchange.Open(request.Exchange, ranks, device, () => NcclLibrary.Load(Environment.GetEnvironmentVariable), () => NcclExchange.PlaceOf(device));
        if (exchange is not null) distribution.Carrier = exchange.Name;
        using DeviceSums? sums = exchange is null ? null : new DeviceSums(device, exchange);
        using var session = new TrainingSession(device, request.Game.Game, request.Game.Options, request.Learner, request.Plan, request.Game.Seed, request.Curriculum, engine, ranks, sums);
        start.Load(session, until);
        RankCheck.SameWeights(ranks, session);
        (RunDirectory? run, CheckpointStore store) = start.Open(description, root, ranks);
        using (run)
        using (store)
        {
            if (run is not null) return Lead(context, request, session, run, store, start.Words, until, device, engine, distribution);
            if (new TrainingFollower(session, store, ranks, context.Cancellation).Run(until.In(session.PlannedUpdates))) FinalTable.Play(request.Game, session, request.Plan.FinalGames, device, ranks);
        }

        return ExitCode.Success;
    }

    // Everything that is printed and written.
    private static int Lead(
        CliContext context, TrainingRequest request, TrainingSession session, RunDirectory run, CheckpointStore store, string began, PausePoint until, IDevice device, EngineChoice engine,
        Distribution distribution)
    {
        Ranks ranks = distribution.Ranks;
        distribution.Advice = $"The last checkpoint is whole: {ThisProgram.Command("train", "--resume", run.Path)}";
        var checkpoints = new TrainingCheckpoints(session, run, store, request.Plan.CheckpointMinutes, ranks: ranks);
        var training = new TrainingRun(context, request.Game, session, run, device, checkpoints, ranks) { Until = until, Start = began, Engine = engine, Spread = SpreadText(session, distribution) };
        bool ended = false;
        try
        {
            if (training.Run()) FinalTable.Write(context, request.Game, session, run, request.Plan.FinalGames, device, ranks);
            ended = true;
        }
        finally
        {
            WriteReport(context, run.Path, ended);
        }

        return ExitCode.Success;
    }

    private static string SpreadText(TrainingSession session, Distribution distribution)
    {
        int ranks = distribution.Ranks.Size;
        if (session.Shards == 1) return "";
        return $"{session.Shards} shards" + (ranks > 1 ? $" on {ranks} ranks, through {distribution.Family}" + (distribution.Carrier.Length > 0 ? $", gradients by {distribution.Carrier}" : "") : " in this process");
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
