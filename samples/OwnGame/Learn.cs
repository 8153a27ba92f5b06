using Arena.HostApi;
using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Weights;

namespace OwnGame;

/// <summary>
/// A training loop of one's own, without the command line: train, look, keep the best policy, play it.
/// Run it with <c>dotnet run -c Release --project samples/OwnGame -- learn tag.safetensors</c>.
/// </summary>
public static class Learn
{
    /// <summary>Trains tag and writes the best policy to <paramref name="path"/>.</summary>
    /// <param name="path">The policy file.</param>
    /// <param name="agentSteps">How long.</param>
    /// <param name="output">Where each evaluation is told.</param>
    public static void Run(string path, long agentSteps, TextWriter output)
    {
        var game = new TagGame();
        GameOptions options = game.Training.Options with { NumEnvs = 64 };
        PpoConfig learner = PpoConfig.For(game) with { LearningRate = 2e-3 };
        TrainingPlan plan = TrainingPlan.For(game) with { AgentSteps = agentSteps, EvaluationGames = 64 };
        using var device = new CpuDevice();
        using var session = new TrainingSession(device, game, options, learner, plan, seed: 1);
        while (!session.Finished)
        {
            session.Update();
            if (session.Updates % session.UpdatesPerEvaluation != 0 && !session.Finished) continue;
            bool best = session.Evaluate();
            output.WriteLine($"{session.AgentSteps,9} agent-steps, KL {session.Statistics.Kl:0.0000}: {string.Join(", ", session.Scores.Select(score => $"{score.Opponent} {score.Score.Value:P0}"))}");
            if (best) PolicyFile.Save(path, PolicyDescription.Of(game, session.EvaluationOptions, session.Network, session.BestAgentSteps, seed: 1), session.BestWeights);
        }

        PairingResult result = Evaluation.Pair(device, game, session.EvaluationOptions, Player.FromFile(game, session.EvaluationOptions, path), "scripted:greedy", new EvaluationPlan { Games = 64 });
        output.WriteLine($"The best against scripted:greedy in held-out games: {result.Games.Score.Value:P0}");
    }
}
