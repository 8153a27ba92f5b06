using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels;
using Arena.Policy.Distributed;

namespace Arena.HostApi.Cli;

/// <summary>The end of a training run: the best policy against every built-in opponent on held-out seeds, and what to do next.</summary>
internal static class FinalTable
{
    /// <summary>Plays and writes; of several ranks, on rank 0.</summary>
    internal static void Write(CliContext context, GameRequest request, TrainingSession session, RunDirectory run, int games, IDevice device, Ranks ranks)
    {
        TextWriter output = context.Terminal.Output;
        (IReadOnlyList<PairingResult> results, SoloResult? result) = Play(request, session, games, device, ranks);
        TrainingTimes times = session.Times;
        output.WriteLine();
        output.WriteLine(Numbers.Text(
            $"Trained {session.AgentSteps:N0} agent-steps in {times.Training.TotalSeconds:0.0} s ({session.AgentSteps / times.Training.TotalSeconds / 1e6:0.00} M/s), evaluated in {times.Evaluate.TotalSeconds:0.0} s. Best after {session.BestAgentSteps:N0} agent-steps."));
        if (session.Shards > 1)
            output.WriteLine(Numbers.Text(
                $"Communication between {session.Shards} shards: {session.Communication.TotalSeconds:0.0} s of this process ({session.Communication / times.Training:0.0 %} of training), waiting for the slowest included."));
        output.WriteLine();
        if (result is null)
        {
            UndecidedGames undecided = session.Spec.Undecided;
            string title = Numbers.Text($"The best policy, {games} held-out games per opponent, half on each side, sampled actions ({EvalOutput.Scoring(undecided)})");
            EvalOutput.WriteStrengths(context.Terminal, title, undecided, results);
            FinalResult.Of(title, undecided.Name, results).Write(run.Path);
        }
        else
        {
            output.WriteLine(Numbers.Text(
                $"The best policy on {games} held-out episodes, sampled actions: score {result.Score.Interval.Value:0.000} ({result.Score.Interval.Lower:0.000} to {result.Score.Interval.Upper:0.000}){(OfTheScript(result) is { } share ? $", {share} of the script" : "")}."));
            EvalOutput.WriteDiverged(output, result);
            output.WriteLine();
            FinalResult.Of(Numbers.Text($"The best policy on {games} held-out episodes, sampled actions"), result).Write(run.Path);
        }

        output.WriteLine("Next:");
        output.WriteLine($"  {ThisProgram.Command("watch", request.Game.Name, "--policy", run.Path)}        (--ascii: in the terminal)");
        output.WriteLine($"  {ThisProgram.Command("eval", request.Game.Name, "--policy", run.Path)}");
    }

    /// <summary>The games alone: the part of a rank that does not write.</summary>
    internal static (IReadOnlyList<PairingResult> Pairings, SoloResult? Alone) Play(GameRequest request, TrainingSession session, int games, IDevice device, Ranks ranks)
    {
        using var evaluator = new PolicyEvaluator(device, request.Game, session.EvaluationOptions, session.Network, null, games, ranks);
        using DeviceBuffer<float> weights = device.Allocate<float>(session.BestWeights.Length, "best weights");
        weights.Write(session.BestWeights);
        return session.Sides == 2 ? (evaluator.Evaluate(weights.View), null) : ([], evaluator.EvaluateAlone(weights.View));
    }

    // Null where the script's score is not positive, so that a share of it would say nothing.
    private static string? OfTheScript(SoloResult result) => double.IsNaN(result.RatioToBaseline) ? null : Numbers.Text($"{result.RatioToBaseline * 100:0.0} %");
}
