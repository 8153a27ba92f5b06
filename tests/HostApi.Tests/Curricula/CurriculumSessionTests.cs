using System.Runtime.InteropServices;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Curricula;

/// <summary>A whole session under a curriculum: saved, and continued elsewhere.</summary>
public class CurriculumSessionTests
{
    private const string Stages = """
        [
          { "name": "short", "set": { "maxTicks": 48 }, "atMostAgentSteps": 3072, "continue": true },
          { "name": "fading", "ramp": { "rewards.ballProgress": [0.5, 0], "learner.entropyCoefficient": [0.01, 0.001], "learner.opponentShare": [0.25, 0.75] }, "rampAgentSteps": 18432, "rehearse": 0.4 }
        ]
        """;

    [Theory]
    [InlineData(0)] // nothing but the first stage has been
    [InlineData(9)] // in the ramp, some matches rehearse
    public void A_saved_session_continues_as_the_original_on_another_number_of_threads(int updates)
    {
        using var one = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using var two = new CpuDevice(new CpuDeviceOptions { Threads = 2 });
        using TrainingSession original = Session(one, Stages), copy = Session(two, Stages, seed: 99);
        Train(original, updates);
        Assert.Equal(updates == 0 ? ("short", 0) : ("fading", 9), (original.Curriculum!.StageName, original.Curriculum.Level)); // 7 updates of 1,536 in 16 parts of 1,152
        SavedState saved = original.Save();
        Train(copy, 4); // whatever it did before
        copy.Load(saved);
        saved.CheckAllRead();
        for (int i = 0; i < 4; i++)
        {
            Train(original, 1);
            Train(copy, 1);
            Assert.Equal(Contents(original), Contents(copy));
        }

        using TrainingSession without = Session(one, null);
        Assert.Contains("curriculum/state", Assert.Throws<UsageException>(() => copy.Load(without.Save())).Message);
    }

    private static void Train(TrainingSession session, int updates)
    {
        for (int i = 0; i < updates; i++) session.Update();
    }

    private static Dictionary<string, string> Contents(TrainingSession session)
    {
        SavedState state = session.Save();
        Dictionary<string, string> contents = state.World.All.Concat(state.Optimizer.All).ToDictionary(tensor => tensor.Name, tensor => Convert.ToHexString(tensor.Data.Span));
        contents.Add("policy", Convert.ToHexString(MemoryMarshal.AsBytes<float>(state.Policies[SavedState.LearnerPolicy].Weights)));
        contents.Add("curriculum", state.Values.ReadText("curriculum/state"));
        return contents;
    }

    private static TrainingSession Session(IDevice device, string? stages, ulong seed = 5)
    {
        IGame game = Registry.Find("soccer");
        GameOptions options = Settings.With(game.Training.Options with { NumEnvs = 16 }, "maxTicks", "64");
        return new TrainingSession(
            device, game, options, new PpoConfig { Horizon = 16, Minibatches = 4 }, new TrainingPlan { AgentSteps = 200_000, EvaluationGames = 4 }, seed,
            stages is null ? null : CurriculumFile.Parse(stages, "test"));
    }
}
