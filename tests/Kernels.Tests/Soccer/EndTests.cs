using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>When a match ends, what it reports, and what is kept of its last moment.</summary>
public sealed class EndTests
{
    private const byte Strong = 4;

    [Fact]
    public void A_match_ends_when_its_rules_say_so_and_reports_why() => Ends(Rules.Shipped);

    [Fact]
    public void A_clock_one_tick_late_is_caught() => Check.Catches(() => Ends(Rules.With("one tick late", p => p with { MaxTicks = p.MaxTicks + 1 })));

    [Fact]
    public void An_end_that_is_both_is_caught() => Check.Catches(() => Ends(Rules.Then("both flags", pitch => pitch.Terminated.CopyTo(pitch.Truncated))));

    [Fact]
    public void A_clock_that_never_terminates_is_caught() => Check.Catches(() => Ends(Rules.With("always truncated", p => p with { ClockTerminates = 0 })));

    [Fact]
    public void A_match_that_needs_one_goal_too_many_is_caught() => Check.Catches(() => Ends(Rules.With("one goal more", p => p with { GoalsToWin = p.GoalsToWin == 0 ? 0 : p.GoalsToWin + 1 })));

    [Fact]
    public void Desynced_first_episodes_that_are_not_cut_are_caught() => Check.Catches(() => Ends(Rules.With("no desync", p => p with { Desync = 0 })));

    [Fact]
    public void The_last_observation_of_a_truncated_match_is_what_it_would_have_seen_next() => LastObservation(Rules.Shipped);

    [Fact]
    public void A_last_observation_of_the_next_episode_is_caught() => Check.Catches(() => LastObservation(Rules.Then("too late", pitch =>
    {
        if (pitch.Truncated[0] == 0) return;
        pitch.Observe();
        pitch.Observations.CopyTo(pitch.FinalObservations);
    })));

    [Fact]
    public void Only_truncated_matches_keep_a_last_observation()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 2, MaxTicks = 50, GoalsToWin = 1 });
        pitch.FinalObservations.Fill(-7f);
        pitch.Clear(0, 11.8f, 0f, 9f, 0f);
        pitch.Clear(1);
        Rules.Shipped.Tick(pitch); // match 0 is decided
        Assert.Equal((1, 0), (pitch.Terminated[0], pitch.Terminated[pitch.Agents]));
        Assert.All(pitch.FinalObservations.ToArray(), value => Assert.Equal(-7f, value));
    }

    // A goal in the last tick: no kick-off is played. Ball at the crossing point (8, 0.5) of the 1v1 pitch, score 1:0, clock 0.
    // d / (|d| + 1.5) is turned around by d = o·1.5/(1 − |o|).
    [Fact]
    public void The_last_observation_after_a_late_goal_shows_the_ball_on_the_line()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 1, MaxTicks = 1 });
        pitch.Clear(0, 7.8f, 0.5f, 10f, 0f);
        pitch.PutPlayer(0, 0, 5f, 0f);
        Rules.Shipped.Tick(pitch);
        Assert.Equal((byte)1, pitch.Truncated[0]);
        ReadOnlySpan<float> row = pitch.FinalObservations[..SoccerFlat.Length(1)];
        double x = row[SoccerFlat.BallOffset], y = row[SoccerFlat.BallOffset + 1], scale = 1.5 / (1 - Math.Sqrt(x * x + y * y));
        Check.Close(3, x * scale, 1e-5, "ball x − own x");
        Check.Close(0.5, y * scale, 1e-5, "ball y − own y");
        Check.Close(0.2, row[SoccerFlat.Score], 1e-7, "score");
        Check.Close(0, row[SoccerFlat.Clock], 1e-7, "time left");
        Assert.Equal(0f, pitch.Observations[SoccerFlat.Score]); // the next episode
    }

    // Ball at −12 m/s, by drag −11.28, into a player who runs at 4 m/s: −11.28 + 1.7·15.28 = 14.7 m/s, over the line in the
    // same tick.
    [Fact]
    public void The_last_observation_after_a_deflected_late_goal_is_within_its_bounds()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, MaxTicks = 1 });
        pitch.Clear(0, 11.7f, 0f, -12f, 0f);
        pitch.PutPlayer(0, 0, 10.9f, 0f, 4f, 0f);
        pitch.Action(0, 0)[0] = 1f;
        Rules.Shipped.Tick(pitch);
        Assert.Equal((1f, (byte)1), (pitch.Parts[SoccerReward.Goal], pitch.Truncated[0]));
        Check.Close(1, pitch.FinalObservations[SoccerFlat.BallVelocity], 1e-5, "ball velocity x in units of its top speed");
    }

    [Fact]
    public void Desync_spreads_the_first_episodes_and_only_them()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 16, MaxTicks = 32, Desync = true, MatchOffset = 3 });
        var ends = new List<int>[16];
        for (int env = 0; env < 16; env++) ends[env] = [];
        for (int tick = 1; tick <= 80; tick++)
        {
            Rules.Shipped.Tick(pitch);
            for (int env = 0; env < 16; env++)
                if (pitch.Truncated[env * pitch.Agents] != 0) ends[env].Add(tick);
        }

        for (int env = 0; env < 16; env++)
        {
            int first = 32 * (1 + (env + 3) % 16) / 16; // 2, 4, … 32
            Assert.Equal([first, first + 32], ends[env].Take(2));
        }
    }

    // The bookkeeping of a spectator: ticks since the start and goals seen decide how and when it must end.
    private static void Ends(Rules rules) => Check.ForAll(40, dice =>
    {
        SoccerOptions options = new()
        {
            NumEnvs = 4,
            TeamSize = dice.Int(1, 3),
            MaxTicks = dice.Int(1, 60),
            Clock = dice.Pick(ClockEnd.Truncate, ClockEnd.Terminate),
            EndOnGoal = dice.Chance(0.3f),
            GoalsToWin = dice.Pick(0, 0, 1, 2),
            Desync = dice.Chance(0.3f),
            Physics = new SoccerPhysics { HalfLength = 4f, HalfWidth = 4f, GoalHalfWidth = 3f }, // goals every few ticks
            Rewards = new SoccerRewards { Win = dice.Pick(0f, 0f, 1f) },
        };
        using var pitch = new Pitch(options);
        var story = $"{dice}, {rules}, {options}";
        int[] ticks = new int[4], goalsA = new int[4], goalsB = new int[4], episodes = new int[4];
        for (int tick = 0; tick < 130; tick++)
        {
            pitch.Script(Strong, Strong);
            rules.Tick(pitch);
            for (int env = 0; env < 4; env++)
            {
                float goal = pitch.Parts[env * pitch.Agents * SoccerReward.Count];
                if (goal > 0f) goalsA[env]++;
                if (goal < 0f) goalsB[env]++;
                ticks[env]++;
                int wins = options.EndOnGoal ? 1 : options.GoalsToWin, limit = options.MaxTicks;
                if (options.Desync && episodes[env] == 0) limit = Math.Max(1, limit * (1 + env) / 16);
                bool full = ticks[env] == options.MaxTicks && (options.Clock == ClockEnd.Terminate || options.Rewards.Win != 0f);
                bool terminated = full || (wins > 0 && Math.Max(goalsA[env], goalsB[env]) >= wins);
                bool truncated = !terminated && ticks[env] == limit;
                CheckFlags(pitch, env, terminated, truncated, $"{story}, tick {tick}, match {env}, {ticks[env]} played, {goalsA[env]}:{goalsB[env]}");
                if (!terminated && !truncated) continue;
                ticks[env] = goalsA[env] = goalsB[env] = 0;
                Check.Same(++episodes[env], pitch.State.Episode[env, 0], $"{story}, tick {tick}, match {env}, episode");
            }
        }
    });

    private static void CheckFlags(Pitch pitch, int env, bool terminated, bool truncated, string story)
    {
        (int, int, int, int) expected = (terminated ? 1 : 0, truncated ? 1 : 0, terminated || truncated ? 1 : 0, 1);
        for (int row = env * pitch.Agents; row < (env + 1) * pitch.Agents; row++)
        {
            (int, int, int, int) got = (pitch.Terminated[row], pitch.Truncated[row], pitch.Buffers.EpisodeStart!.View[row], pitch.Buffers.RowActive!.View[row]);
            if (got != expected) Assert.Fail($"{story}, row {row}: terminated, truncated, episode start, active are {got}, expected {expected}");
        }
    }

    // The same match with a later end observes, in the tick in which the short one ends, what that one must keep.
    private static void LastObservation(Rules rules) => Check.ForAll(15, dice =>
    {
        SoccerOptions options = dice.Options(4) with { MaxTicks = dice.Int(1, 40) };
        using var cut = new Pitch(options);
        using var longer = new Pitch(options);
        longer.Parameters.MaxTicks = 1000; // its observed clock keeps the unit of the short match
        for (int tick = 0; tick < options.MaxTicks; tick++)
        {
            cut.Script(Strong, Strong);
            longer.Script(Strong, Strong);
            rules.Tick(cut);
            Rules.Shipped.Tick(longer);
        }

        longer.Observe();
        int length = cut.Parameters.ObservationLength * cut.Agents;
        for (int env = 0; env < 4; env++)
        {
            if (longer.Parts[env * cut.Agents * SoccerReward.Count] != 0f) continue; // a goal: the long match has a kick-off instead
            Assert.Equal((byte)1, cut.Truncated[env * cut.Agents]);
            string? difference = Difference.First("final observation", longer.Observations.Slice(env * length, length), cut.FinalObservations.Slice(env * length, length));
            Assert.True(difference is null, $"{dice}, {rules}, match {env} after {options.MaxTicks} ticks: {difference}");
        }
    });
}
