using Arena.Kernels.Environments.Soccer;
using Arena.Validation.Soccer;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Validation.Tests.Soccer;

/// <summary>What holds for every match of the reference.</summary>
public class InvariantTests
{
    private static readonly KickRule[] Rules = [KickRule.Nearest, KickRule.Average, KickRule.Sum];

    /// <summary>A match somewhere on its way: team size, run number, crowded or random play.</summary>
    private sealed record Journey(int TeamSize, int Run, bool Crowded, KickRule Rule)
    {
        public SoccerMatch Match { get; } = new(
            new SoccerOptions
            {
                TeamSize = TeamSize,
                MaxTicks = 90,
                RandomStart = 0.5f,
                Rewards = new SoccerRewards { Touch = 1, Win = 2, BallProgressFinal = 0.5f },
                Physics = new SoccerPhysics { KickRule = Rule },
            },
            (ulong)Run,
            match: Run);

        public PlayerAction[] Actions(GameState state, int tick) =>
            Crowded ? ReferencePlay.Crowd(Match.Pitch, state, Run, tick) : ReferencePlay.Random(Match.Pitch, Run, tick);
    }

    private static Arbitrary<Journey> Journeys => Arb.From(
        from size in Gen.Elements(1, 2, 3, 5, 11)
        from run in Gen.Choose(0, 1 << 20)
        from crowded in Gen.Elements(true, false)
        from rule in Gen.Elements(Rules)
        select new Journey(size, run, crowded, rule));

    private static Config Cases(int quick) => Config.QuickThrowOnFailure.WithMaxTest(TestSize.Of(quick, 20 * quick));

    [Fact]
    public void A_turned_match_gives_turned_results() => Prop.ForAll(Journeys, journey =>
    {
        Pitch pitch = journey.Match.Pitch;
        GameState state = journey.Match.Begin(0);
        for (int tick = 0; tick < 80; tick++)
        {
            PlayerAction[] actions = journey.Actions(state, tick);
            TickResult straight = journey.Match.Play(state, actions, 0.3);
            TickResult turned = journey.Match.Play(ReferencePlay.Turned(pitch, state), [.. ReferencePlay.Swap(pitch, actions)], 0.3);
            GameState expected = ReferencePlay.Turned(pitch, straight.Played);
            if (Distance(expected, turned.Played) > 1e-9 || expected.Touch.Agent != turned.Played.Touch.Agent) return false;
            for (int agent = 0; agent < pitch.Agents; agent++)
            {
                int partner = (agent + pitch.TeamSize) % pitch.Agents;
                for (int part = 0; part < SoccerReward.Count; part++)
                    if (Math.Abs(straight.RewardParts[agent][part] - turned.RewardParts[partner][part]) > 1e-9) return false;
                double[] seen = journey.Match.Observe(straight.Played, agent), seenTurned = journey.Match.Observe(turned.Played, partner);
                if (seen.Zip(seenTurned, (a, b) => Math.Abs(a - b)).Max() > 1e-9) return false;
            }

            state = straight.Next;
        }

        return true;
    }).Check(Cases(20));

    [Fact]
    public void Everything_stays_within_its_bounds() => Prop.ForAll(Journeys, journey =>
    {
        Pitch pitch = journey.Match.Pitch;
        GameState state = journey.Match.Begin(0);
        for (int tick = 0; tick < 100; tick++)
        {
            state = journey.Match.Next(state, journey.Actions(state, tick));
            bool inside = state.Players.All(player =>
                Math.Abs(player.Position.X) <= pitch.HalfLength + SoccerConstants.Apron
                && Math.Abs(player.Position.Y) <= pitch.HalfWidth + SoccerConstants.Apron
                && player.Velocity.Length <= pitch.Physics.PlayerMaxSpeed * (1 + 1e-12));
            bool ball = Math.Abs(state.Ball.Position.X) <= pitch.HalfLength
                && Math.Abs(state.Ball.Position.Y) <= pitch.HalfWidth
                && state.Ball.Velocity.Length <= pitch.Physics.BallMaxSpeed * (1 + 1e-12);
            if (!inside || !ball) return false;
        }

        return true;
    }).Check(Cases(40));

    [Fact]
    public void Progress_telescopes_between_kick_offs() => Prop.ForAll(Journeys, journey =>
    {
        Pitch pitch = journey.Match.Pitch;
        GameState state = journey.Match.Begin(0);
        double sum = 0, first = RewardRules.Potential(pitch, state.Ball.Position, 0);
        for (int tick = 0; tick < 80; tick++)
        {
            // Weight ½ at progress 0, and ½·(own − other) of two opposite values is the own one.
            TickResult played = journey.Match.Play(state, journey.Actions(state, tick), 0);
            sum += played.RewardParts[0][SoccerReward.BallProgress] / 0.5;
            double now = RewardRules.Potential(pitch, played.Played.Ball.Position, 0);
            if (Math.Abs(sum - (now - first)) > 1e-9) return false;
            if (played.Scorer is not null) (sum, first) = (0, RewardRules.Potential(pitch, played.Next.Ball.Position, 0));
            state = played.Next;
        }

        return true;
    }).Check(Cases(40));

    [Fact]
    public void Environment_rewards_of_both_sides_cancel() => Prop.ForAll(Journeys, journey =>
    {
        GameState state = journey.Match.Begin(0);
        for (int tick = 0; tick < 100; tick++)
        {
            TickResult played = journey.Match.Play(state, journey.Actions(state, tick), 0.5);
            for (int part = SoccerReward.Goal; part <= SoccerReward.Touch; part++)
                if (Math.Abs(played.RewardParts.Sum(row => row[part])) > 1e-9) return false;
            state = played.Next;
        }

        return true;
    }).Check(Cases(40));

    // What rounding may do to a tick, seen from outside: nudge the state by one rounding, and either the tick says that
    // rounding may decide it, or nothing but rounding changes.
    [Fact]
    public void A_nudge_changes_nothing_unless_the_tick_says_so() => Prop.ForAll(Journeys, journey =>
    {
        Pitch pitch = journey.Match.Pitch;
        var random = new Random(journey.Run);
        GameState state = ReferencePlay.Rounded(journey.Match.Begin(0));
        for (int tick = 0; tick < 60; tick++)
        {
            PlayerAction[] actions = journey.Actions(state, tick);
            TickResult straight = journey.Match.Play(state, actions, 0);
            TickResult nudged = journey.Match.Play(Nudged(state, random), actions, 0);
            bool same = straight.Scorer == nudged.Scorer
                && straight.Played.Touch.Agent == nudged.Played.Touch.Agent
                && straight.Played.Nearest.SequenceEqual(nudged.Played.Nearest)
                && Distance(straight.Played, nudged.Played) < 2e-4 * straight.Amplification;
            if (!same && straight.NearBoundary is null && straight.Readings == 0) return false;
            state = ReferencePlay.Rounded(straight.Next);
        }

        return true;
    }).Check(Cases(60));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Few_ticks_are_set_apart(bool crowded)
    {
        long all = 0, apart = 0;
        for (int run = 0; run < TestSize.Of(5, 100); run++)
        {
            var journey = new Journey(new[] { 1, 2, 3, 5, 11 }[run % 5], run, crowded, KickRule.Nearest);
            GameState state = ReferencePlay.Rounded(journey.Match.Begin(0));
            for (int tick = 0; tick < 400; tick++, all++)
            {
                TickResult played = journey.Match.Play(state, journey.Actions(state, tick), 0);
                if (played.NearBoundary is not null) apart++;
                state = ReferencePlay.Rounded(played.Next);
            }
        }

        Assert.True(apart < 0.01 * all, $"{apart} of {all} match-ticks");
    }

    // Metres and metres per second alike.
    private static double Distance(GameState one, GameState other) =>
        one.Players.Append(one.Ball).Zip(other.Players.Append(other.Ball), (a, b) => (a.Position - b.Position).Length + (a.Velocity - b.Velocity).Length).Max();

    private static GameState Nudged(GameState state, Random random)
    {
        Vector Nudge(Vector v) => new(v.X * (1 + (random.NextDouble() - 0.5) * 1.2e-7), v.Y * (1 + (random.NextDouble() - 0.5) * 1.2e-7));
        Body NudgeBody(Body body) => new(Nudge(body.Position), Nudge(body.Velocity));
        return state with { Players = [.. state.Players.Select(NudgeBody)], Ball = NudgeBody(state.Ball) };
    }
}
