using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>The end of a training run: the best policy against every built-in opponent on held-out seeds, and what to do next.</summary>
internal static class FinalTable
{
    internal static void Write(CliContext context, GameRequest request, TrainingSession session, RunDirectory run, int games, IDevice device)
    {
        TextWriter output = context.Terminal.Output;
        using var evaluator = new PolicyEvaluator(device, request.Game, session.EvaluationOptions, session.Network, null, games);
        using DeviceBuffer<float> weights = device.Allocate<float>(session.BestWeights.Length, "best weights");
        weights.Write(session.BestWeights);
        TrainingTimes times = session.Times;
        output.WriteLine();
        output.WriteLine(Numbers.Text(
            $"Trained {session.AgentSteps:N0} agent-steps in {times.Training.TotalSeconds:0.0} s ({session.AgentSteps / times.Training.TotalSeconds / 1e6:0.00} M/s), evaluated in {times.Evaluate.TotalSeconds:0.0} s. Best after {session.BestAgentSteps:N0} agent-steps."));
        output.WriteLine();
        if (request.Game.Describe(request.Options).Sides == 2)
        {
            string title = Numbers.Text($"The best policy, {games} held-out games per opponent, half on each side, sampled actions (win 1, draw 1/2; 95 % intervals by Wilson)");
            IReadOnlyList<PairingResult> results = evaluator.Evaluate(weights.View);
            EvalOutput.WriteStrengths(context.Terminal, title, results);
            new FinalResult(title, ["against", "score", "won", "drawn", "lost"], [.. results.Select(Cells)]).Write(run.Path);
        }
        else
        {
            SoloResult result = evaluator.EvaluateAlone(weights.View);
            output.WriteLine(Numbers.Text(
                $"The best policy on {games} held-out episodes, sampled actions: score {result.Score.Interval.Value:0.000} ({result.Score.Interval.Lower:0.000} to {result.Score.Interval.Upper:0.000}), {result.RatioToBaseline * 100:0.0} % of the script."));
            output.WriteLine();
            new FinalResult(
                Numbers.Text($"The best policy on {games} held-out episodes, sampled actions"),
                ["score", "95 % interval", "of the script"],
                [[Numbers.Text($"{result.Score.Interval.Value:0.000}"), Numbers.Text($"{result.Score.Interval.Lower:0.000} to {result.Score.Interval.Upper:0.000}"), Numbers.Text($"{result.RatioToBaseline * 100:0.0} %")]]).Write(run.Path);
        }

        output.WriteLine("Next:");
        output.WriteLine($"  arena watch {request.Game.Name} --policy {run.Path}        (--ascii: in the terminal)");
        output.WriteLine($"  arena eval {request.Game.Name} --policy {run.Path}");
    }

    private static string[] Cells(PairingResult result) =>
        [result.Opponent, Numbers.ShareText(result.Games.Score), Numbers.Text($"{result.Games.Wins}"), Numbers.Text($"{result.Games.Draws}"), Numbers.Text($"{result.Games.Losses}")];
}
