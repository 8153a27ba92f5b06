using Arena.Kernels.Common;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Random;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>What is a goal, what is none, and what follows one.</summary>
public sealed class GoalTests
{
    [Fact]
    public void A_goal_counts_once_for_the_side_that_attacks_that_line() => Counted(Rules.Shipped);

    [Fact]
    public void A_goal_counted_twice_is_caught() => Check.Catches(() => Counted(Rules.Broken("twice", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.End && tick.Goal != 0) a.State.Score[tick.Env, tick.Goal > 0 ? 0 : 1] += 1;
    })));

    [Fact]
    public void A_goal_for_the_wrong_side_is_caught() => Check.Catches(() => Counted(Rules.Broken("wrong side", (Stage stage, ref SoccerTick tick, in SoccerArguments _) =>
    {
        if (stage == Stage.Ball) tick.Goal = -tick.Goal;
    })));

    [Fact]
    public void The_ball_scores_between_the_posts_and_nowhere_else() => Posts(Rules.Shipped);

    [Fact]
    public void Posts_1_cm_too_wide_are_caught() => Check.Catches(() => Posts(Rules.With("wide goal", p => p with { GoalHalfWidth = p.GoalHalfWidth + 0.01f })));

    [Fact]
    public void Posts_1_cm_too_narrow_are_caught() => Check.Catches(() => Posts(Rules.With("narrow goal", p => p with { GoalHalfWidth = p.GoalHalfWidth - 0.01f })));

    [Fact]
    public void A_push_never_scores() => Push(Rules.Shipped);

    [Fact]
    public void A_push_that_scores_is_caught() => Check.Catches(() => Push(Rules.Broken("pushed goals count", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        bool overLine = Scalar.Abs(tick.BallX) >= a.Parameters.HalfLength && Scalar.Abs(tick.BallY) < a.Parameters.GoalHalfWidth;
        if (stage == Stage.Ball && overLine) tick.Goal = tick.BallX > 0f ? 1 : -1;
    })));

    [Fact]
    public void A_kick_off_follows_a_goal() => KickOff(Rules.Shipped);

    [Fact]
    public void A_kick_off_without_its_offset_is_caught() => Check.Catches(() => KickOff(Rules.Broken("ball on the spot", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Continue && tick.Goal != 0) SoccerReset.PlaceBall(tick.Env, a, 0f, 0f);
    })));

    [Fact]
    public void A_kick_off_that_remembers_the_touch_is_caught() => Check.Catches(() => KickOff(Rules.Broken("touch survives", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Continue) a.State.Touch[tick.Env, 0] = tick.LastTouch;
    })));

    [Fact]
    public void Players_who_do_not_go_back_are_caught() => Check.Catches(() => KickOff(Rules.Broken("player 0 stays", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Continue) a.State.Player[tick.Env, 0] += 0.01f;
    })));

    // The post is at 0.28·8 = 2.24 m. A ball along x crosses at exactly the y it has: at the post it bounces, one unit of the
    // last place inside it scores.
    [Theory]
    [InlineData(1f)]
    [InlineData(-1f)]
    public void The_post_itself_is_no_goal_and_the_next_float_inside_is(float side)
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1 });
        float post = pitch.Parameters.GoalHalfWidth;
        Assert.Equal(2.24f, post);
        pitch.Clear(0, side * 11.9f, side * post, side * 10f, 0f);
        Rules.Shipped.Tick(pitch);
        Assert.Equal((0, 0), (pitch.State.Score[0, 0], pitch.State.Score[0, 1]));
        Check.Close(-side * 0.7 * 9.4, pitch.Ball(0).VelocityX, 1e-5, "it bounces");
        pitch.Clear(0, side * 11.9f, side * MathF.BitDecrement(post), side * 10f, 0f);
        Rules.Shipped.Tick(pitch);
        Assert.Equal(side > 0f ? (1, 0) : (0, 1), (pitch.State.Score[0, 0], pitch.State.Score[0, 1]));
    }

    [Fact]
    public void An_own_goal_counts_for_the_other_side()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1 });
        pitch.Clear(0, -11.6f, 0f);
        pitch.PutPlayer(0, 0, -11.2f, 0f);
        pitch.Kick(0, 0, -1f, 0f);
        Rules.Shipped.Tick(pitch);
        Assert.Equal((0, 1), (pitch.State.Score[0, 0], pitch.State.Score[0, 1]));
        Assert.Equal((0f, 1f), (pitch.State.Statistics[0, SoccerStatistic.Goals], pitch.State.Statistics[0, SoccerStatistic.Goals + 1]));
        Assert.Equal((-1f, 1f), (pitch.Parts[SoccerReward.Goal], pitch.Parts[3 * SoccerReward.Count + SoccerReward.Goal]));
        Assert.Equal(0f, pitch.State.Statistics[0, SoccerStatistic.Shots]); // he does not attack that goal
    }

    // In any tick the score grows by at most one, as reward and statistics say, and a goal takes the ball to the line of
    // the side that conceded: it was on its way there, or within reach of a kick.
    private static void Counted(Rules rules) => Check.ForAll(60, dice =>
    {
        using var pitch = new Pitch(dice.Options(8) with { Rewards = new SoccerRewards { Goal = 1f } });
        for (int env = 0; env < pitch.Matches; env++)
        {
            dice.Scatter(pitch, env);
            float side = dice.Pick(-1f, 1f);
            if (env % 2 == 0) pitch.PutBall(env, side * (pitch.Parameters.HalfLength - dice.Float(0f, 0.5f)), dice.Float(-1f, 1f), side * 11f, dice.Float(-3f, 3f));
        }

        dice.Act(pitch);
        int[] before = Scores(pitch);
        float[] starts = [.. Enumerable.Range(0, pitch.Matches).Select(env => pitch.Ball(env).X)];
        rules.Tick(pitch);
        int[] after = Scores(pitch);
        for (int env = 0; env < pitch.Matches; env++)
        {
            int goalsA = after[2 * env] - before[2 * env], goalsB = after[2 * env + 1] - before[2 * env + 1];
            string story = $"{dice}, {rules}, match {env}, goals {goalsA}:{goalsB}";
            Assert.True(goalsA + goalsB is 0 or 1 && goalsA * goalsB == 0 && goalsA >= 0, story);
            Check.Same(goalsA - goalsB, pitch.Parts[env * pitch.Agents * SoccerReward.Count], $"{story}, reward part of agent 0");
            Check.Same(goalsA, pitch.State.Statistics[env, SoccerStatistic.Goals], $"{story}, statistic A");
            Check.Same(goalsB, pitch.State.Statistics[env, SoccerStatistic.Goals + 1], $"{story}, statistic B");
            if (goalsA + goalsB == 1) Assert.True(starts[env] * (goalsA - goalsB) > 0f, $"{story}: the ball came from x = {starts[env]}");
        }
    });

    private static int[] Scores(Pitch pitch) => [.. Enumerable.Range(0, 2 * pitch.Matches).Select(i => pitch.State.Score[i / 2, i % 2])];

    // A free ball on its way over the goal line: it scores where, and only where, it crosses at |y| < 2.24 m.
    private static void Posts(Rules rules) => Check.ForAll(1000, dice =>
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1 });
        float side = dice.Pick(-1f, 1f), post = pitch.Parameters.GoalHalfWidth;
        float x = dice.Float(11f, 12f), y = dice.Pick(-1f, 1f) * post + dice.Float(-0.05f, 0.05f) * dice.Pick(1f, 20f);
        float vx = dice.Float(1f, 12f), vy = dice.Float(-3f, 3f);
        if (vx * vx + vy * vy > 140f) return;
        double crossing = y + vy * (12.0 - x) / vx;
        if ((12.0 - x) / (0.94 * vx) > 0.0999 || Math.Abs(Math.Abs(crossing) - post) < 1e-5) return;
        pitch.Clear(0, side * x, side * y, side * vx, side * vy);
        rules.Tick(pitch);
        bool goal = pitch.State.Score[0, 0] + pitch.State.Score[0, 1] == 1;
        Assert.True(goal == Math.Abs(crossing) < post, $"{dice}, {rules}: goal is {goal}, the ball crosses at y = {crossing:R}, the post is at {post:R}");
    });

    // A resting ball in front of the goal and players who run over it without kicking: pushed to and fro, it never scores.
    private static void Push(Rules rules) => Check.ForAll(20, dice =>
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 4 });
        for (int env = 0; env < pitch.Matches; env++)
        {
            float side = dice.Pick(-1f, 1f), x = side * dice.Float(11.5f, 12f), y = dice.Float(-1.5f, 1.5f);
            pitch.Clear(env, x, y);
            for (int agent = 0; agent < pitch.Agents; agent++)
                pitch.PutPlayer(env, agent, x - side * dice.Float(0f, 1f), y + dice.Float(-1f, 1f), side * dice.Float(0f, 4f), dice.Float(-1f, 1f));
        }

        for (int tick = 0; tick < 30; tick++)
        {
            dice.Act(pitch);
            for (int row = 0; row < pitch.Matches * pitch.Agents; row++) pitch.Kick(row / pitch.Agents, row % pitch.Agents, 0f, 0f);
            rules.Tick(pitch);
            for (int env = 0; env < pitch.Matches; env++)
                Check.Same(0, pitch.State.Score[env, 0] + pitch.State.Score[env, 1], $"{dice}, {rules}, tick {tick}, match {env}, goals");
        }
    });

    private static void KickOff(Rules rules) => Check.ForAll(60, dice =>
    {
        using var pitch = new Pitch(dice.Options(3) with { MatchOffset = dice.Int(0, 1000) });
        pitch.Reset((ulong)dice.Int(0, 1000));
        float side = dice.Pick(-1f, 1f);
        int tick = dice.Int(0, 300);
        for (int env = 0; env < pitch.Matches; env++)
        {
            pitch.Clear(env, side * (pitch.Parameters.HalfLength - 0.2f), 0f, side * 8f, 0f);
            pitch.Touched(env, 0);
            pitch.State.Tick[env, 0] = tick;
        }

        rules.Tick(pitch);
        for (int env = 0; env < pitch.Matches; env++) CheckKickOff(pitch, env, side, tick, $"{dice}, {rules}, match {env}");
    });

    private static void CheckKickOff(Pitch pitch, int env, float side, int tick, string story)
    {
        Check.Same(1, pitch.State.Score[env, side > 0f ? 0 : 1], $"{story}, score");
        for (int agent = 0; agent < pitch.Agents; agent++)
        {
            float sign = agent < pitch.TeamSize ? 1f : -1f;
            Float2 place = SoccerFormation.Place(pitch.TeamSize, agent % pitch.TeamSize);
            SoccerBody body = pitch.Player(env, agent);
            Check.Same(sign * (place.X * pitch.Parameters.HalfLength), body.X, $"{story}, player {agent} x");
            Check.Same(sign * (place.Y * pitch.Parameters.HalfWidth), body.Y, $"{story}, player {agent} y");
            Assert.True(body is { VelocityX: 0f, VelocityY: 0f }, $"{story}, player {agent} moves");
        }

        UInt4 words = Philox.Draw(pitch.Seed, (uint)(pitch.Options.MatchOffset + env), 0, (uint)tick, 0, SoccerPurpose.KickOff);
        SoccerBody ball = pitch.Ball(env); // side A scored: B concedes, whose frame is turned
        Check.Same(-side * 0.5f * Philox.Symmetric(words.X), ball.X, $"{story}, ball x");
        Check.Same(-side * 0.5f * Philox.Symmetric(words.Y), ball.Y, $"{story}, ball y");
        Assert.True(MathF.Abs(ball.X) <= 0.5f && MathF.Abs(ball.Y) <= 0.5f && ball is { VelocityX: 0f, VelocityY: 0f }, $"{story}, ball {ball.X}, {ball.Y}");
        for (int slot = 0; slot < 32; slot++) Check.Same(pitch.State.Ball[env, slot % 4], pitch.State.BallHistory[env, slot], $"{story}, ball history {slot}");
        Check.Same(SoccerConstants.Nobody, pitch.State.Touch[env, 0], $"{story}, last touch");
        Check.Same(0, pitch.State.TouchPlace[env, 2], $"{story}, way of the ball");
    }
}
