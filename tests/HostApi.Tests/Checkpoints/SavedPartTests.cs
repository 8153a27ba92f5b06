using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy.Weights;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary>The planted bug of exact resume: every part of a checkpoint of <see cref="EverythingAtOnceTests"/> in turn is left out, or comes back as zeros.</summary>
public sealed class SavedPartTests : IDisposable
{
    // Two parts go unseen here: a better evaluation writes the best weights anew, and where the ball was some ticks ago is read by the slow scripted
    // players alone, who do not play in training.
    private readonly string folder = Directory.CreateTempSubdirectory("arena-parts-").FullName;
    private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });

    public void Dispose()
    {
        device.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_part_that_is_left_out_is_named_and_every_part_that_comes_back_as_zeros_is_seen_in_what_follows()
    {
        Runs.Succeed(["train", .. EverythingAtOnceTests.SoccerWithEverything(folder), "--runs", Path.Join(folder, "run"), "--threads", "1", "--until", "12"]);
        string run = Runs.Only(Path.Join(folder, "run"));
        RunConfig config = RunConfig.OfRun(run);
        TrainingSession Session() => new(device, config.Game, config.Options, config.Learner, config.Plan, config.Seed, config.Curriculum);
        SavedState saved;
        using (CheckpointStore store = CheckpointStore.Open(run)) saved = store.ReadNewest(problem => Assert.Fail(problem)).State;
        JsonObject values = JsonNode.Parse(Encoding.UTF8.GetString(saved.Values.ToJson()))!.AsObject();
        string[] names = [.. Tensors(saved).Select(tensor => tensor.Name)];
        foreach (string kind in new[] { "adamw.m/", "environment/", "collector/", "seats/", "strength/", "best/", "pool/" })
            Assert.Contains(names, name => name.StartsWith(kind, StringComparison.Ordinal));

        using (TrainingSession session = Session())
            foreach (string left in names.Concat(values.Select(value => value.Key)).Where(IsTheSessions))
                Assert.Contains(left, Assert.ThrowsAny<UsageException>(() => session.Load(Copy(saved, tensor => tensor.Name == left ? null : tensor, left))).Message);

        Dictionary<string, string> expected = Continued(Session(), Copy(saved, tensor => tensor, ""))!;
        Assert.Equal(expected, Continued(Session(), Copy(saved, tensor => tensor, "")));
        bool IsUnseen(string name)
        {
            SavedState spoilt = Copy(saved, tensor => tensor.Name == name ? tensor with { Data = new byte[tensor.Data.Length] } : tensor, "");
            return Continued(Session(), spoilt) is { } found && found.All(part => expected[part.Key] == part.Value);
        }

        string[] unseen = [.. Tensors(saved).Where(tensor => tensor.Data.Span.ContainsAnyExcept((byte)0)).Select(tensor => tensor.Name).Where(IsUnseen)];
        Assert.Equal(["best/weights", "environment/ballHistory"], unseen.Order(StringComparer.Ordinal)); // the reasons are above
    }

    // The others belong to who writes the files.
    private static bool IsTheSessions(string name) => !name.StartsWith("metrics/", StringComparison.Ordinal) && !name.StartsWith("checkpoint/", StringComparison.Ordinal);

    private static IEnumerable<SafetensorsTensor> Tensors(SavedState state) => state.Optimizer.All.Concat(state.World.All);

    private static SavedState Copy(SavedState saved, Func<SafetensorsTensor, SafetensorsTensor?> change, string leftOut)
    {
        JsonObject values = JsonNode.Parse(Encoding.UTF8.GetString(saved.Values.ToJson()))!.AsObject();
        values.Remove(leftOut);
        var copy = new SavedState(
            new SavedTensors("optimizer", saved.Optimizer.All.Select(change).OfType<SafetensorsTensor>()), new SavedTensors("world", saved.World.All.Select(change).OfType<SafetensorsTensor>()),
            SavedValues.Parse("state", JsonSerializer.SerializeToUtf8Bytes(values)));
        foreach ((string name, SavedPolicy policy) in saved.Policies) copy.Write(name, policy);
        return copy;
    }

    // What a run that goes on from it saves a little later; null where it refuses to.
    private static Dictionary<string, string>? Continued(TrainingSession session, SavedState state)
    {
        using (session)
        {
            try
            {
                session.Load(state);
            }
            catch (UsageException)
            {
                return null;
            }

            session.Update();
            session.Evaluate();
            session.Update();

            SavedState after = session.Save();
            Dictionary<string, string> contents = Tensors(after).ToDictionary(tensor => tensor.Name, tensor => Convert.ToHexString(tensor.Data.Span));
            foreach ((string name, SavedPolicy policy) in after.Policies) contents.Add($"weights of {name}", Convert.ToHexString(MemoryMarshal.AsBytes<float>(policy.Weights)));
            contents.Add("values", string.Join('\n', Encoding.UTF8.GetString(after.Values.ToJson()).Split('\n').Where(line => !line.Contains("\"time/", StringComparison.Ordinal))));
            return contents;
        }
    }
}
