using Arena.HostApi.Cli;

namespace Arena.HostApi.Training;

/// <summary>Lays out one screen of numbers about a training run.</summary>
internal static class DashboardFrame
{
    private const int LabelWidth = 10;
    private const int MinSideBySide = 84; // columns; below, the two lists stand one above the other
    private const int RewardColumns = 36;
    private const int MaxNameWidth = 20;
    private const int MaxWarnings = 3;

    /// <summary>At most <paramref name="rows"/> lines of at most <paramref name="columns"/> characters.</summary>
    internal static IReadOnlyList<string> Of(TrainingProgress progress, int columns, int rows, bool color)
    {
        List<DashboardLine> head = [Title(progress), Bar(progress, columns), Speed(progress), new(), .. Learning(progress), new()];
        List<DashboardLine> foot = [.. TrainingWarnings.Of(progress).Take(MaxWarnings).Select(warning => new DashboardLine().Alarm("! " + warning))];
        if (foot.Count > 0) foot.Insert(0, new DashboardLine());
        int room = Math.Max(0, rows - head.Count - foot.Count);
        List<DashboardLine> lists = columns >= MinSideBySide ? SideBySide(Rewards(progress, room), Evaluations(progress, room)) : Stacked(progress, room);
        return [.. head.Concat(lists.Take(room)).Concat(foot).Take(rows).Select(line => line.Render(columns, color))];
    }

    /// <summary>The same in one line, for files and pipes.</summary>
    internal static string Plain(TrainingProgress progress)
    {
        string done = progress.PlannedAgentSteps > 0
            ? Numbers.Text($"{100 * progress.ShareDone:0} % ({Numbers.Short(progress.AgentSteps)} of {Numbers.Short(progress.PlannedAgentSteps)} agent-steps)")
            : $"{Numbers.Short(progress.AgentSteps)} agent-steps";
        string left = progress.TimeLeft is { } time ? $", {Clock(time)} left" : "";
        string scores = string.Concat(progress.Evaluations.Select(evaluation => $", {evaluation.Name} {Score(evaluation)} (≥ {Bound(evaluation, evaluation.Score.Lower)}){Beside(evaluation)}"));
        string elo = double.IsFinite(progress.Elo) ? $", Elo {Number(progress.Elo, "0")}" : "";
        return $"{done}, {Rate(progress.StepsPerSecondNow)}{left}, entropy {Number(progress.Entropy, "0.00")}, KL {Number(progress.Kl, "0.0000")}, explained variance {Number(progress.ExplainedVariance, "0.00")}{elo}{scores}";
    }

    private static DashboardLine Title(TrainingProgress progress) => new DashboardLine()
        .Strong(Numbers.Text($"{progress.Game}, seed {progress.Seed}"))
        .Faint(progress.Run.Length > 0 ? $"   {progress.Run}" : "");

    private static DashboardLine Bar(TrainingProgress progress, int columns)
    {
        if (double.IsNaN(progress.ShareDone)) return new DashboardLine().Plain($"{Numbers.Short(progress.AgentSteps)} agent-steps, no end planned");
        string text = Numbers.Text($" {100 * progress.ShareDone,3:0} %   {Numbers.Short(progress.AgentSteps)} of {Numbers.Short(progress.PlannedAgentSteps)} agent-steps");
        int width = Math.Clamp(columns - text.Length, 8, 48), filled = (int)Math.Round(width * progress.ShareDone);
        return new DashboardLine().Good(new string('█', filled)).Faint(new string('░', width - filled)).Plain(text);
    }

    private static DashboardLine Speed(TrainingProgress progress)
    {
        DashboardLine line = new DashboardLine().Faint("agent-steps ").Plain($"{Rate(progress.StepsPerSecondNow)} now, {Rate(progress.StepsPerSecondMean)} mean   ");
        if (progress.TimeLeft is { } left) line.Faint("left ").Strong(Clock(left) + "   ");
        return line.Pair("elapsed", Clock(progress.Elapsed));
    }

    private static IEnumerable<DashboardLine> Learning(TrainingProgress progress)
    {
        yield return Labelled("time").Pair("environment", Share(progress.EnvironmentShare)).Pair("inference", Share(progress.InferenceShare))
            .Pair("learning", Share(progress.LearningShare)).Pair("evaluation", Share(progress.EvaluationShare));
        yield return Labelled("policy").Pair("entropy", Number(progress.Entropy, "0.00") + " nat").Pair("KL", Number(progress.Kl, "0.0000"))
            .Pair("clipped", Share(progress.ClipShare)).Pair("learning rate", Number(progress.LearningRate, "0.0e-0"));
        yield return Labelled("value").Pair("explained variance", Number(progress.ExplainedVariance, "0.00")).Pair("loss", Number(progress.ValueLoss, "0.0000"));
        yield return Labelled("run").Pair("update", Numbers.Text($"{progress.Update:N0}")).Pair("episodes", progress.Episodes < 10_000 ? Numbers.Text($"{progress.Episodes}") : Numbers.Short(progress.Episodes))
            .Pair("length", Number(progress.EpisodeLength, "0") + " ticks").Pair("memory", Numbers.Text($"{progress.MemoryBytes / 1e6:0} MB"));
        if (SelfPlay(progress) is { } line) yield return line;
    }

    // Only what the run has: no ladder, no pool, no curriculum, no line.
    private static DashboardLine? SelfPlay(TrainingProgress progress)
    {
        DashboardLine line = Labelled("self-play");
        int empty = line.Width;
        if (double.IsFinite(progress.Elo)) line.Pair("Elo", Number(progress.Elo, "0") + (double.IsFinite(progress.EloError) ? Numbers.Text($" ± {progress.EloError:0}") : ""));
        if (double.IsFinite(progress.PoolSize)) line.Pair("pool", Number(progress.PoolSize, "0"));
        if (double.IsFinite(progress.PoolScore)) line.Pair("against the pool", Share(progress.PoolScore));
        if (double.IsFinite(progress.OpponentAge)) line.Pair("its age", Number(progress.OpponentAge, "0") + " updates");
        if (double.IsFinite(progress.CurriculumStage)) line.Pair("stage", Number(progress.CurriculumStage, "0"));
        return line.Width > empty ? line : null;
    }

    private static DashboardLine Labelled(string label) => new DashboardLine().Strong(label).At(LabelWidth);

    private static List<DashboardLine> Rewards(TrainingProgress progress, int room)
    {
        List<DashboardLine> lines = [new DashboardLine().Strong("reward per episode")];
        if (progress.Rewards.Count == 0) lines.Add(new DashboardLine().Faint("no episode has ended yet"));
        foreach (RewardMean reward in progress.Rewards)
            lines.Add(new DashboardLine().Plain(Fit(reward.Name)).At(MaxNameWidth + 1).Plain(Number(reward.PerEpisode, "+0.000;-0.000;0.000").PadLeft(9)));
        return Shortened(lines, room);
    }

    private static List<DashboardLine> Evaluations(TrainingProgress progress, int room)
    {
        bool against = progress.Evaluations.All(evaluation => evaluation.IsShare);
        List<DashboardLine> lines = [new DashboardLine().Strong((against ? "evaluation against" : "evaluation").PadRight(MaxNameWidth + 1)).Faint("   score           ≥     best ≥")];
        if (progress.Evaluations.Count == 0) return [lines[0], new DashboardLine().Faint("not measured yet")];
        foreach (EvaluationProgress evaluation in progress.Evaluations)
        {
            bool best = evaluation.Score.Lower >= evaluation.BestLower;
            string lower = Bound(evaluation, evaluation.Score.Lower).PadLeft(12);
            DashboardLine line = new DashboardLine().Plain(Fit(evaluation.Name).PadRight(MaxNameWidth + 1)).Strong(Score(evaluation).PadLeft(8));
            lines.Add((best ? line.Good(lower) : line.Plain(lower)).Plain(Bound(evaluation, evaluation.BestLower).PadLeft(11)));
            if (double.IsFinite(evaluation.Script)) lines.Add(new DashboardLine().Plain(Fit(evaluation.Opponent).PadRight(MaxNameWidth + 1)).Plain(Bound(evaluation, evaluation.Script).PadLeft(8)));
        }

        lines.Add(new DashboardLine().Faint($"measured at {Numbers.Short(progress.EvaluatedAt)} agent-steps, best at {Numbers.Short(progress.BestAt)}"));
        return Shortened(lines, room);
    }

    // Evaluations first: they say how good the policy is. A heading without a line below it would only puzzle.
    private static List<DashboardLine> Stacked(TrainingProgress progress, int room)
    {
        List<DashboardLine> evaluations = Evaluations(progress, room);
        int left = room - evaluations.Count - 1;
        return left < 2 ? evaluations : [.. evaluations, new(), .. Rewards(progress, left)];
    }

    private static List<DashboardLine> SideBySide(List<DashboardLine> left, List<DashboardLine> right)
    {
        var lines = new List<DashboardLine>();
        for (int i = 0; i < Math.Max(left.Count, right.Count); i++)
        {
            DashboardLine line = i < left.Count ? left[i] : new DashboardLine();
            lines.Add(i < right.Count ? line.At(RewardColumns).Append(right[i]) : line);
        }

        return lines;
    }

    private static List<DashboardLine> Shortened(List<DashboardLine> lines, int room)
    {
        if (lines.Count <= room || room < 2) return lines;
        return [.. lines.Take(room - 1), new DashboardLine().Faint(Numbers.Text($"… and {lines.Count - room + 1} more"))];
    }

    private static string Fit(string name) => name.Length <= MaxNameWidth ? name : name[..(MaxNameWidth - 1)] + "…";

    // The script's own score, in games where nobody is played against.
    private static string Beside(EvaluationProgress evaluation) => double.IsFinite(evaluation.Script) ? $", {evaluation.Opponent} {Bound(evaluation, evaluation.Script)}" : "";

    private static string Score(EvaluationProgress evaluation) => Bound(evaluation, evaluation.Score.Value);

    private static string Bound(EvaluationProgress evaluation, double value) =>
        double.IsNaN(value) ? "–" : evaluation.IsShare ? Numbers.Text($"{100 * value:0.0} %") : Numbers.Text($"{value:0.000}");

    private static string Share(double share) => double.IsNaN(share) ? "–" : Numbers.Text($"{100 * share:0} %");

    private static string Rate(double perSecond) => double.IsNaN(perSecond) ? "–" : $"{Numbers.Short(perSecond)}/s";

    private static string Number(double value, string format)
    {
        if (double.IsNaN(value)) return "–";
        string text = value.ToString(format, System.Globalization.CultureInfo.InvariantCulture);
        return text.StartsWith('-') && text.All(c => c is '-' or '0' or '.') ? text[1..] : text; // what rounds to 0 has no sign
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? Numbers.Text($"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
        : Numbers.Text($"{time.Minutes}:{time.Seconds:00}");
}
