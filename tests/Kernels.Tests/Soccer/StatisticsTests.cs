using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>What a match is said to have been.</summary>
public sealed class StatisticsTests
{
    private const byte Normal = 3;
    private const byte Strong = 4;

    [Fact]
    public void A_match_of_eight_ticks_is_as_worked_by_hand() => EightTicks(Rules.Shipped);

    [Fact]
    public void Touches_counted_twice_are_caught() => Check.Catches(() => EightTicks(Rules.Broken("touches twice", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Kick && tick.Kickers != 0) a.State.Statistics[tick.Env, SoccerStatistic.Touches] += 1f;
    })));

    [Fact]
    public void A_forgotten_place_of_the_last_touch_is_caught() => Check.Catches(() => EightTicks(Rules.Broken("place forgotten", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Start) a.State.TouchPlace[tick.Env, 1] = 100f;
    })));

    [Fact]
    public void Possession_of_the_wrong_side_is_caught() => Check.Catches(() => EightTicks(Rules.Broken("possession swapped", (Stage stage, ref SoccerTick tick, in SoccerArguments _) =>
    {
        if (stage == Stage.End && tick.LastTouch >= 0) tick.LastTouch = (tick.LastTouch + 3) % 6;
    })));

    [Fact]
    public void The_books_of_scripted_matches_balance() => Books(Rules.Shipped);

    [Theory]
    [InlineData(SoccerStatistic.Possession)]
    [InlineData(SoccerStatistic.Touches)]
    [InlineData(SoccerStatistic.Passes)]
    [InlineData(SoccerStatistic.Dribbles)]
    [InlineData(SoccerStatistic.Distance)]
    [InlineData(SoccerStatistic.Goals)]
    [InlineData(SoccerStatistic.BallBins)]
    public void A_statistic_that_is_off_by_one_is_caught(int statistic)
    {
        float way = statistic is SoccerStatistic.Touches ? -1f : 1f;
        Check.Catches(() => Books(Rules.Then($"statistic {statistic} off", pitch => pitch.State.Statistics[0, statistic] += way)));
    }

    // Full kicks straight on, 0.9 m of way each: at his 3rd touch the ball has come 1.8 m, at his 4th 2.7 m: a dribble, once.
    // A touch of side B starts anew.
    [Fact]
    public void A_dribble_needs_three_touches_and_two_metres_and_counts_once()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1 });
        pitch.Clear(0, -6f, 4f);
        int[] counted = new int[7];
        for (int tick = 0; tick < 7; tick++)
        {
            Kick(pitch, tick == 5 ? 3 : 0, tick == 5 ? -1f : 1f, 0f);
            Rules.Shipped.Tick(pitch);
            counted[tick] = (int)pitch.State.Statistics[0, SoccerStatistic.Dribbles];
        }

        Assert.Equal([0, 0, 0, 1, 1, 1, 1], counted);
        Assert.Equal(1, pitch.State.Touch[0, 1]);
    }

    // A shot: the ray meets the line of the attacked goal between the posts (2.24 m). From (6, 0) with (1, 0.4): y = 2.4 at x = 12.
    [Theory]
    [InlineData(1f, 0f, 1)]
    [InlineData(1f, 0.36f, 1)]
    [InlineData(1f, 0.4f, 0)]
    [InlineData(-1f, 0f, 0)]
    [InlineData(0f, 1f, 0)]
    public void A_shot_is_a_kick_whose_ray_meets_the_goal(float x, float y, int shots)
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1 });
        pitch.Clear(0, 6f, 0f);
        Kick(pitch, 1, x, y);
        Rules.Shipped.Tick(pitch);
        Assert.Equal(shots, (int)pitch.State.Statistics[0, SoccerStatistic.Shots]);
        pitch.Clear(0, -6f, 0f);
        Kick(pitch, 4, x, y); // side B's frame is turned: the same shot
        Rules.Shipped.Tick(pitch);
        Assert.Equal(shots, (int)pitch.State.Statistics[0, SoccerStatistic.Shots + 1]);
    }

    [Fact]
    public void A_ball_spread_over_two_bins_has_one_bit_and_over_all_bins_four()
    {
        var game = new SoccerGame();
        var raw = new float[SoccerStatistic.Count];
        raw[SoccerStatistic.BallBins + 2] = raw[SoccerStatistic.BallBins + 9] = 50f;
        Assert.Equal(1.0, Named(game, new SoccerOptions(), raw)["ball entropy"][0], 12);
        raw.AsSpan(SoccerStatistic.BallBins, 16).Fill(3f);
        Assert.Equal(4.0, Named(game, new SoccerOptions(), raw)["ball entropy"][0], 12);
    }

    // tick  ball at     who, kick           touches  what                                   last touch  bin of x afterwards
    // 1     (0, 4)      A0 aside            A 1      –                                      A           8
    // 2     (3, 4)      A1 aside            A 2      pass, 3 m                              A           10
    // 3     (3.5, 4)    A2 aside            A 3      0.5 m: no pass                         A           10
    // 4     (3.5, 6)    B0 aside            B 1      2 m: interception by B                 B           10
    // 5     (3.5, 5.5)  A0 aside            A 4      0.5 m: no interception                 A           10
    // 6     (9, 0)      A0 ahead            A 5      same player; shot, ball to x = 9.9     A           14
    // 7     (−11.9, 5)  nobody; A1 runs 0.17 m                                              A           0
    // 8     (−9, 0)     B1 ahead            B 2      20 m: interception; shot, to x = −9.9  B           1
    // Bins 8, 14, 0, 1 once, 10 four times: 4·⅛·3 + ½·1 = 2 bits. Score 2:1 beforehand.
    private static void EightTicks(Rules rules)
    {
        var game = new SoccerGame();
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, MaxTicks = 8 });
        pitch.Clear(0);
        pitch.State.Score[0, 0] = 2;
        pitch.State.Score[0, 1] = 1;
        (float X, float Y, int Kicker, float KickX, float KickY)[] script =
        [
            (0f, 4f, 0, 0f, 0.2f), (3f, 4f, 1, 0f, 0.2f), (3.5f, 4f, 2, 0f, 0.2f), (3.5f, 6f, 3, 0f, 0.2f), (3.5f, 5.5f, 0, 0f, 0.2f),
            (9f, 0f, 0, 1f, 0f), (-11.9f, 5f, -1, 0f, 0f), (-9f, 0f, 4, 1f, 0f),
        ];
        foreach ((float x, float y, int kicker, float kickX, float kickY) in script)
        {
            pitch.PutBall(0, x, y);
            Kick(pitch, kicker, kickX, kickY);
            if (kicker < 0) pitch.PutPlayer(0, 1, 0f, -5f, 2f, 0f);
            rules.Tick(pitch);
        }

        float[] raw = pitch.Buffers.EpisodeStatistics!.ToArray();
        Dictionary<string, double[]> report = Named(game, pitch.Options, raw);
        (string Name, double[] Sides)[] expected =
        [
            ("win", [1, 0]), ("goals", [0, 0]), ("possession", [0.75, 0.25]), ("touches", [5, 2]), ("passes", [1, 0]), ("pass length", [3, double.NaN]),
            ("interceptions", [0, 2]), ("dribbles", [0, 0]), ("shots", [1, 1]), ("distance", [0.17 / 3, 0]), ("draw", [0]), ("length", [8]), ("ball entropy", [2]),
        ];
        foreach ((string name, double[] sides) in expected)
            for (int side = 0; side < sides.Length; side++)
                if (double.IsNaN(sides[side])) Assert.True(double.IsNaN(report[name][side]), $"{rules}, {name} of side {side}: {report[name][side]}, expected NaN");
                else Check.Close(sides[side], report[name][side], 1e-5, $"{rules}, {name} of side {side}");
        Assert.Equal(1.0, game.Score(raw));
        Assert.Equal([1], pitch.Buffers.EpisodesFinished!.ToArray());
    }

    // The report under its names: one value, or one per side.
    private static Dictionary<string, double[]> Named(SoccerGame game, SoccerOptions options, float[] raw)
    {
        IReadOnlyList<StatisticInfo> infos = game.Describe(options).Statistics;
        var report = new double[infos.Sum(info => info.PerSide ? 2 : 1)];
        game.Report(options, raw, report);
        int at = 0;
        return infos.ToDictionary(info => info.Name, info => info.PerSide ? new[] { report[at++], report[at++] } : [report[at++]]);
    }

    // Everybody parked but one, who stands half a metre behind the ball as he sees it and kicks.
    private static void Kick(Pitch pitch, int kicker, float x, float y)
    {
        pitch.Park(0);
        pitch.Rest();
        if (kicker < 0) return;
        pitch.PutPlayer(0, kicker, pitch.Ball(0).X + (kicker < pitch.TeamSize ? -0.5f : 0.5f), pitch.Ball(0).Y);
        pitch.Kick(0, kicker, x, y);
    }

    private static void Books(Rules rules)
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 6, MaxTicks = 400 });
        for (int tick = 0; tick < 399; tick++)
        {
            float[] ways = [.. Enumerable.Range(0, 12).Select(i => pitch.State.Statistics[i / 2, SoccerStatistic.Distance + i % 2])];
            SoccerBody[] before = [.. Enumerable.Range(0, 36).Select(row => pitch.Player(row / 6, row % 6))];
            pitch.Script(Normal, Strong);
            rules.Tick(pitch);
            for (int env = 0; env < 6; env++)
            {
                string story = $"{rules}, tick {tick}, match {env}";
                CheckCounts(pitch, env, story);
                if (pitch.Parts[env * 6 * SoccerReward.Count] != 0f) continue; // players went back
                for (int side = 0; side < 2; side++)
                {
                    double run = Enumerable.Range(3 * side, 3).Sum(agent => Way(before[6 * env + agent], pitch.Player(env, agent)));
                    Check.Close(ways[2 * env + side] + run, pitch.State.Statistics[env, SoccerStatistic.Distance + side], 1e-4, $"{story}, distance of side {side}");
                }
            }
        }

        Assert.All(Enumerable.Range(0, 6), env => Assert.True(pitch.State.Statistics[env, SoccerStatistic.Interceptions] > 0f, $"match {env}: nobody lost the ball"));
    }

    private static double Way(SoccerBody from, SoccerBody to) => Math.Sqrt(Math.Pow(to.X - (double)from.X, 2) + Math.Pow(to.Y - (double)from.Y, 2));

    private static void CheckCounts(Pitch pitch, int env, string story)
    {
        float Of(int statistic) => pitch.State.Statistics[env, statistic];
        float Both(int statistic) => Of(statistic) + Of(statistic + 1);
        Check.Same(pitch.State.Tick[env, 0], Of(SoccerStatistic.Ticks), $"{story}, ticks");
        Check.Same(Of(SoccerStatistic.Ticks), Enumerable.Range(0, 16).Sum(bin => Of(SoccerStatistic.BallBins + bin)), $"{story}, sum of the ball's bins");
        Assert.True(Both(SoccerStatistic.Possession) <= Of(SoccerStatistic.Ticks), $"{story}: possession {Both(SoccerStatistic.Possession)} of {Of(SoccerStatistic.Ticks)} ticks");
        float handovers = Both(SoccerStatistic.Passes) + Both(SoccerStatistic.Interceptions);
        Assert.True(handovers + 2 * Both(SoccerStatistic.Dribbles) <= Both(SoccerStatistic.Touches), $"{story}: {handovers} handovers, {Both(SoccerStatistic.Dribbles)} dribbles, {Both(SoccerStatistic.Touches)} touches");
        for (int side = 0; side < 2; side++)
        {
            Check.Same(pitch.State.Score[env, side], Of(SoccerStatistic.Goals + side), $"{story}, goals of side {side}");
            Assert.True(Of(SoccerStatistic.PassLength + side) >= Of(SoccerStatistic.Passes + side) * SoccerConstants.PassMinDistance, $"{story}: passes of side {side} are too short");
            Assert.True(Of(SoccerStatistic.Shots + side) <= Of(SoccerStatistic.Touches + side), $"{story}: more shots than touches of side {side}");
        }
    }
}
