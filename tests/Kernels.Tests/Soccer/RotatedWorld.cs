using Arena.Kernels.Device;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>The world turned by 180° with the sides swapped: writes it, and compares two batches under it.</summary>
internal static class RotatedWorld
{
    private static readonly int[] SidedStatistics =
    [
        SoccerStatistic.Goals, SoccerStatistic.Possession, SoccerStatistic.Touches, SoccerStatistic.Passes, SoccerStatistic.PassLength,
        SoccerStatistic.Interceptions, SoccerStatistic.Dribbles, SoccerStatistic.Shots, SoccerStatistic.Distance,
    ];

    /// <summary>The agent that stands for <paramref name="agent"/> in the other world.</summary>
    internal static int Twin(int agent, int teamSize) => agent < 0 ? agent : (agent + teamSize) % (2 * teamSize);

    /// <summary>Makes match <paramref name="env"/> of <paramref name="other"/> the rotated one. Statistics must be zero.</summary>
    internal static void Write(Pitch world, Pitch other, int env)
    {
        for (int agent = 0; agent < world.Agents; agent++)
        {
            SoccerBody body = world.Player(env, agent);
            other.PutPlayer(env, Twin(agent, world.TeamSize), -body.X, -body.Y, -body.VelocityX, -body.VelocityY);
        }

        SoccerBody ball = world.Ball(env);
        other.Touched(env, Twin(world.State.Touch[env, 0], world.TeamSize));
        other.State.Score[env, 0] = world.State.Score[env, 1];
        other.State.Score[env, 1] = world.State.Score[env, 0];
        other.PutBall(env, -ball.X, -ball.Y, -ball.VelocityX, -ball.VelocityY);
    }

    /// <summary>Gives every twin the action of its original: actions are in the team frame.</summary>
    internal static void CopyActions(Pitch world, Pitch other)
    {
        for (int env = 0; env < world.Matches; env++)
        {
            for (int agent = 0; agent < world.Agents; agent++)
            {
                int twin = Twin(agent, world.TeamSize);
                if (world.Buffers.DiscreteActions is null) world.Action(env, agent).CopyTo(other.Action(env, twin));
                else world.Choice(env, agent).CopyTo(other.Choice(env, twin));
            }
        }
    }

    /// <summary>State, results and observations of both worlds must be each other's rotation, bit for bit (−0 = +0).</summary>
    internal static void Compare(Pitch world, Pitch other, string story)
    {
        for (int env = 0; env < world.Matches; env++)
        {
            string match = $"{story}, match {env}";
            CompareBodies(world.State.Player.Of(env), other.State.Player.Of(env), world.TeamSize * SoccerConstants.BodyFloats, $"{match}, player");
            CompareBodies(world.State.Ball.Of(env), other.State.Ball.Of(env), 0, $"{match}, ball");
            CompareBodies(world.State.BallHistory.Of(env), other.State.BallHistory.Of(env), 0, $"{match}, ballHistory");
            CompareCounters(world, other, env, match);
            CompareRows(world, other, env, match);
        }
    }

    // Slot i of the world is slot i ± shift of the other, negated.
    private static void CompareBodies(MatchSlots<float> world, MatchSlots<float> other, int shift, string story)
    {
        for (int slot = 0; slot < world.Length; slot++)
        {
            float expected = -world[slot], actual = other[(slot + shift) % world.Length];
            if (expected != actual) Assert.Fail($"{story}[{slot / 4}] element {slot % 4}: the rotated world has {actual:R}, expected {expected:R}");
        }
    }

    private static void CompareCounters(Pitch world, Pitch other, int env, string story)
    {
        int k = world.TeamSize;
        Check.Same(world.State.Tick[env, 0], other.State.Tick[env, 0], $"{story}, tick");
        Check.Same(world.State.Episode[env, 0], other.State.Episode[env, 0], $"{story}, episode");
        Check.Same(Twin(world.State.Touch[env, 0], k), other.State.Touch[env, 0], $"{story}, touch.agent");
        Check.Same(world.State.Touch[env, 1], other.State.Touch[env, 1], $"{story}, touch.streak");
        Check.Same(world.State.Touch[env, 2], other.State.Touch[env, 2], $"{story}, touch.dribbled");
        Check.Same(-world.State.TouchPlace[env, 0], other.State.TouchPlace[env, 0], $"{story}, touchPlace.x");
        Check.Same(-world.State.TouchPlace[env, 1], other.State.TouchPlace[env, 1], $"{story}, touchPlace.y");
        Check.Same(world.State.TouchPlace[env, 2], other.State.TouchPlace[env, 2], $"{story}, touchPlace.way");
        Check.Same(-world.State.Statistics[env, SoccerStatistic.Winner], other.State.Statistics[env, SoccerStatistic.Winner], $"{story}, winner");
        for (int side = 0; side < 2; side++)
        {
            Check.Same(world.State.Score[env, side], other.State.Score[env, 1 - side], $"{story}, score[{side}]");
            Check.Same(world.State.Nearest[env, side], other.State.Nearest[env, 1 - side], $"{story}, nearest[{side}]");
            foreach (int statistic in SidedStatistics)
                Check.Same(world.State.Statistics[env, statistic + side], other.State.Statistics[env, statistic + 1 - side], $"{story}, statistic {statistic} of side {side}");
        }
    }

    private static void CompareRows(Pitch world, Pitch other, int env, string story)
    {
        int length = world.Parameters.ObservationLength;
        for (int agent = 0; agent < world.Agents; agent++)
        {
            int row = env * world.Agents + agent, twin = env * world.Agents + Twin(agent, world.TeamSize);
            string place = $"{story}, agent {agent}";
            Check.Same(world.Rewards[row], other.Rewards[twin], $"{place}, reward");
            Check.Same(world.Terminated[row], other.Terminated[twin], $"{place}, terminated");
            Check.Same(world.Truncated[row], other.Truncated[twin], $"{place}, truncated");
            CompareFloats(world.Parts.Slice(row * SoccerReward.Count, SoccerReward.Count), other.Parts.Slice(twin * SoccerReward.Count, SoccerReward.Count), $"{place}, reward part");
            CompareFloats(world.Observations.Slice(row * length, length), other.Observations.Slice(twin * length, length), $"{place}, observation");
            CompareFloats(world.FinalObservations.Slice(row * length, length), other.FinalObservations.Slice(twin * length, length), $"{place}, final observation");
        }
    }

    private static void CompareFloats(ReadOnlySpan<float> world, ReadOnlySpan<float> other, string story)
    {
        for (int i = 0; i < world.Length; i++)
            if (world[i] != other[i]) Assert.Fail($"{story}[{i}]: the twin has {other[i]:R}, expected {world[i]:R}");
    }
}
