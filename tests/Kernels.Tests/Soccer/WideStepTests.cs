using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>The CPU's loop over matches with a lane per player writes the bits of the plain rules, whatever the state and the actions.</summary>
public sealed class WideStepTests
{
    public static TheoryData<int> TeamSizes => [.. Enumerable.Range(1, SoccerConstants.MaxTeamSize)];

    [Theory]
    [MemberData(nameof(TeamSizes))]
    public void The_wide_loop_writes_the_bits_of_the_plain_one(int teamSize) => Wide(teamSize, _ => { });

    [Theory]
    [InlineData("a velocity has lost the sign of its zero")]
    [InlineData("one player's reward is the next float")]
    [InlineData("an error bit is missing")]
    [InlineData("a flag is not written")]
    public void A_planted_difference_is_caught(string fault) => Check.Catches(() => Wide(3, pitch =>
    {
        switch (fault[0])
        {
            case 'a' when fault[2] == 'v':
                for (int env = 0; env < pitch.Matches; env++)
                    for (int slot = 0; slot < pitch.State.Player.Slots; slot++) pitch.State.Player[env, slot] += 0f;
                break;
            case 'o': pitch.Rewards[^1] = MathF.BitIncrement(pitch.Rewards[^1]); break;
            case 'a' when fault[1] == 'n': pitch.Buffers.Errors!.View.AsSpan().Clear(); break;
            default: pitch.Buffers.EpisodeStart!.View.AsSpan()[^1] ^= 1; break;
        }
    }));

    private static void Wide(int teamSize, Action<Pitch> spoil) => Check.ForAll(12, dice =>
    {
        SoccerOptions options = Options(dice, teamSize);
        using var plain = new Pitch(options);
        using var wide = new Pitch(options, new CpuDeviceOptions { Threads = 1, ChunkSize = dice.Pick(1, 4, 100) });
        for (int env = 0; env < options.NumEnvs; env++)
        {
            dice.Scatter(plain, env);
            Bend(dice, plain, env);
            wide.Columns.WriteMatch(env, plain.Columns.ReadMatch(env));
        }

        for (int tick = 0; tick < 6; tick++)
        {
            Act(dice, plain);
            plain.Buffers.ContinuousActions?.View.AsSpan().CopyTo(wide.Buffers.ContinuousActions!.View.AsSpan());
            plain.Buffers.DiscreteActions?.View.AsSpan().CopyTo(wide.Buffers.DiscreteActions!.View.AsSpan());
            bool parts = dice.Chance(0.5f);
            plain.Device.Launch(new PlainStep { Step = new SoccerStep { Arguments = Arguments(plain, parts) } }, options.NumEnvs);
            wide.Device.Launch(new SoccerStep { Arguments = Arguments(wide, parts) }, options.NumEnvs);
            spoil(wide);
            string? difference = First(plain, wide);
            Assert.True(difference is null, $"{dice}, {teamSize}v{teamSize}, tick {tick}: {difference}");
        }
    });

    private static SoccerOptions Options(Dice dice, int teamSize) => dice.Options(7, teamSize) with
    {
        MaxTicks = dice.Pick(3, 5, 400),
        Actions = dice.Chance(0.2f) ? SoccerActions.Discrete : SoccerActions.Continuous,
        Clock = dice.Pick(ClockEnd.Terminate, ClockEnd.Truncate),
        EndOnGoal = dice.Chance(0.2f),
        RandomStart = 0.5f,
        ZeroSum = dice.Chance(0.5f),
        Credit = dice.Pick(SoccerCredit.Team, SoccerCredit.Individual),
        Rewards = new SoccerRewards { Touch = dice.Pick(0f, 0.3f), Exertion = dice.Pick(0f, 0.01f), BallProgress = dice.Pick(0f, 0.5f), Win = dice.Pick(0f, 1f) },
    };

    private static SoccerArguments Arguments(Pitch pitch, bool parts)
    {
        SoccerArguments arguments = pitch.Arguments;
        if (!parts) arguments.Views.RewardParts = default;
        return arguments;
    }

    // Signed zeros, players on each other, on the ball, on the line and just off it, balls at rest.
    private static void Bend(Dice dice, Pitch pitch, int env)
    {
        Column<float> player = pitch.State.Player;
        for (int slot = 0; slot < player.Slots; slot++)
        {
            if (dice.Chance(0.1f)) player[env, slot] = dice.Pick(0f, -0f, player[env, slot % 4], 1e-40f);
            if (slot % 4 < 2 && dice.Chance(0.1f)) player[env, slot] = pitch.State.Ball[env, slot % 4] + dice.Pick(0f, 1e-7f, 0.3f, 0.5f);
            if (slot % 4 < 2 && dice.Chance(0.05f)) player[env, slot] = player[env, (slot + 4) % player.Slots] + dice.Pick(0f, 1e-7f, 0.69999999f, 0.7f);
        }

        for (int slot = 0; slot < 4; slot++)
            if (dice.Chance(0.15f)) pitch.State.Ball[env, slot] = dice.Pick(0f, -0f);
        SoccerReset.FindNearest(env, pitch.Arguments);
    }

    private static void Act(Dice dice, Pitch pitch)
    {
        dice.Act(pitch);
        for (int env = 0; env < pitch.Matches; env++)
        {
            for (int agent = 0; agent < pitch.Agents; agent++)
            {
                if (pitch.Buffers.DiscreteActions is not null)
                {
                    if (dice.Chance(0.05f)) pitch.Choice(env, agent)[dice.Int(0, 1)] = dice.Pick(-1, SoccerConstants.Directions, int.MaxValue);
                }
                else if (dice.Chance(0.1f))
                {
                    pitch.Action(env, agent)[dice.Int(0, 3)] = dice.Pick(float.NaN, float.PositiveInfinity, float.MaxValue, -0f, -1e-40f, 7f);
                }
            }
        }
    }

    private static string? First(Pitch plain, Pitch wide)
    {
        for (int env = 0; env < plain.Matches; env++)
        {
            foreach (StateColumn column in plain.Columns.All)
            {
                double[] want = column.ReadMatch(env), got = wide.Columns[column.Name].ReadMatch(env);
                for (int slot = 0; slot < want.Length; slot++)
                    if (BitConverter.DoubleToInt64Bits(want[slot]) != BitConverter.DoubleToInt64Bits(got[slot]))
                        return $"match {env}, {column.ElementName(slot)}: expected {want[slot]:R}, got {got[slot]:R}";
            }
        }

        return Difference.First("rewards", plain.Rewards, wide.Rewards)
            ?? Difference.First("reward parts", plain.Parts, wide.Parts)
            ?? Difference.First("final observations", plain.FinalObservations, wide.FinalObservations)
            ?? Difference.First("episode statistics", plain.Buffers.EpisodeStatistics!.View.AsSpan(), wide.Buffers.EpisodeStatistics!.View.AsSpan())
            ?? Same("terminated", plain.Terminated, wide.Terminated)
            ?? Same("truncated", plain.Truncated, wide.Truncated)
            ?? Same("episode start", plain.Buffers.EpisodeStart!.View.AsSpan(), wide.Buffers.EpisodeStart!.View.AsSpan())
            ?? Same("row active", plain.Buffers.RowActive!.View.AsSpan(), wide.Buffers.RowActive!.View.AsSpan())
            ?? Same<uint>("errors", plain.Buffers.Errors!.View.AsSpan(), wide.Buffers.Errors!.View.AsSpan())
            ?? Same<int>("episodes finished", plain.Buffers.EpisodesFinished!.View.AsSpan(), wide.Buffers.EpisodesFinished!.View.AsSpan());
    }

    private static string? Same<T>(string name, ReadOnlySpan<T> plain, ReadOnlySpan<T> wide)
        where T : IEquatable<T>
    {
        int common = plain.CommonPrefixLength(wide);
        return common == plain.Length ? null : $"{name}[{common}]: expected {plain[common]}, got {wide[common]}";
    }

    private static string? Same(string name, Span<byte> plain, Span<byte> wide) => Same<byte>(name, plain, wide);

    // The same kernel without its loop over ranges: the device then calls Run for every match.
    private struct PlainStep : IKernel
    {
        public SoccerStep Step;

        public void Run(int index) => Step.Run(index);
    }
}
