using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation.Tests;

/// <summary>Runs lockstep comparisons as tests do.</summary>
internal static class LockstepCase
{
    public static LockstepReport Run(string game, GameOptions options, LockstepPlan plan)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        return Lockstep.Run(device, Registry.Find(game), options, plan);
    }

    /// <returns>What was found.</returns>
    public static LockstepReport MustPass(string game, GameOptions options, LockstepPlan plan, double mostSetApart)
    {
        LockstepReport report = Run(game, options, plan);
        Assert.True(report.Passed, report.First?.ToString());
        Assert.True(report.TicksCompared > 0);
        string reasons = string.Join("; ", report.Reasons.Select(reason => $"{reason.Key}: {reason.Value}"));
        Assert.True(report.ShareSetApart <= mostSetApart, $"{report.ShareSetApart:P3} of {report.TicksCompared + report.TicksSetApart} match-ticks set apart: {reasons}");
        return report;
    }

    /// <summary>Adds <paramref name="amount"/> to one float element of a state column.</summary>
    public static void Corrupt(IEnvironment environment, string column, int env, int slot, float amount)
    {
        StateColumn target = environment.State[column];
        var bytes = new byte[target.BytesPerMatch];
        target.ReadMatch(env, bytes);
        Span<byte> element = bytes.AsSpan(slot * sizeof(float));
        if (target.ElementType == typeof(float)) BitConverter.TryWriteBytes(element, BitConverter.ToSingle(element) + amount);
        else BitConverter.TryWriteBytes(element, BitConverter.ToInt32(element) + (int)amount);
        target.WriteMatch(env, bytes);
    }

    /// <summary>Turns a bit of one element of a state column, in the first byte of the element.</summary>
    public static void Flip(StateColumn column, int env, int slot)
    {
        var bytes = new byte[column.BytesPerMatch];
        column.ReadMatch(env, bytes);
        bytes[slot * (column.BytesPerMatch / column.Slots)] ^= 1;
        column.WriteMatch(env, bytes);
    }

    /// <summary>Spoils what one buffer of a step says of agent <paramref name="agent"/> of match 0, or of the episode that it plays.</summary>
    public static void Spoil(string name, EnvironmentSpec spec, StepBuffers buffers, int agent)
    {
        int episode = spec.EpisodesOf == EpisodeOwner.Agent ? agent : 0;
        switch (name)
        {
            case "terminated": buffers.Terminated!.View[agent] ^= 1; break;
            case "truncated": buffers.Truncated!.View[agent] ^= 1; break;
            case "episodeStart": buffers.EpisodeStart!.View[agent] ^= 1; break;
            case "rowActive": buffers.RowActive!.View[agent] ^= 1; break;
            case "errors": buffers.Errors!.View[agent] |= ErrorCode.ActionMasked; break;
            case "episodesFinished": buffers.EpisodesFinished!.View[episode]++; break;
            case "episodeStatistics": buffers.EpisodeStatistics!.View[episode * spec.RawStatistics] += 1; break;
            case "rewards": buffers.Rewards!.View[agent] += 0.25f; break;
            case "rewardParts": buffers.RewardParts!.View[agent * spec.RewardComponents.Count] += 0.25f; break;
            case "observations": buffers.ByteObservations!.View[agent * spec.Observation.Length] ^= 1; break;
            case "finalObservations": buffers.FinalByteObservations!.View[agent * spec.Observation.Length] ^= 1; break;
            default: throw new ArgumentException(name);
        }
    }
}
