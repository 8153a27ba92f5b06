using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Rewards: parts in order, zero-sum where granted by the game, potentials that telescope.</summary>
public sealed class RewardTests
{
    private const byte Normal = 3;
    private const byte Strong = 4;

    private static readonly SoccerRewards All = new() { Touch = 0.3f, Exertion = 0.01f, Win = 2f };

    [Fact]
    public void Progress_of_the_ball_telescopes_between_kick_offs() => Telescopes(Rules.Shipped);

    [Fact]
    public void A_paid_kick_off_is_caught() => Check.Catches(() => Telescopes(Rules.Broken("the jump to the centre pays", (Stage stage, ref SoccerTick tick, in SoccerArguments _) =>
    {
        if (stage == Stage.End && tick.Goal != 0) tick.BallX = tick.BallY = 0f;
    })));

    [Fact]
    public void Progress_that_is_one_percent_short_is_caught() => Check.Catches(() => Telescopes(Rules.Then("1 % too little", pitch =>
    {
        for (int row = 0; row < pitch.Matches * pitch.Agents; row++) pitch.Parts[row * SoccerReward.Count + SoccerReward.BallProgress] *= 0.99f;
    })));

    [Theory]
    [InlineData(SoccerCredit.Team)]
    [InlineData(SoccerCredit.Individual)]
    public void What_the_game_grants_sums_to_zero(SoccerCredit credit) => ZeroSum(Rules.Shipped, credit);

    [Fact]
    public void A_touch_that_the_other_side_does_not_pay_for_is_caught() => Check.Catches(() => ZeroSum(Rules.With("not zero-sum", p => p with { ZeroSum = 0 }), SoccerCredit.Team));

    [Fact]
    public void A_rounding_error_in_a_team_reward_is_caught() => Check.Catches(() => ZeroSum(Rules.Then("1 ulp", pitch =>
        pitch.Parts[SoccerReward.BallProgress] = MathF.BitIncrement(pitch.Parts[SoccerReward.BallProgress])), SoccerCredit.Team));

    [Fact]
    public void Parts_sum_to_the_reward_in_their_order() => Parts(Rules.Shipped);

    [Fact]
    public void A_reward_without_one_of_its_parts_is_caught() => Check.Catches(() => Parts(Rules.Then("no exertion", pitch =>
        pitch.Rewards[0] -= pitch.Parts[SoccerReward.Exertion])));

    [Fact]
    public void Approach_pays_the_nearest_of_each_side_for_his_own_way() => Approach(Rules.Shipped);

    [Fact]
    public void Approach_for_somebody_else_is_caught() => Check.Catches(() => Approach(Rules.Broken("agent 0 is always nearest", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Start) a.State.Nearest[tick.Env, 0] = 0;
    })));

    [Fact]
    public void Approach_that_counts_the_motion_of_the_ball_is_caught() => Check.Catches(() => Approach(Rules.Broken("to the ball of now", (Stage stage, ref SoccerTick tick, in SoccerArguments _) =>
    {
        if (stage == Stage.Ball) tick.ApproachA -= 0.5f * (tick.BallX - tick.StartBallX);
    })));

    // Last touch by B (agent 3), then agent 0 of A kicks: 1 for him. k = 3, weight 1. Team: ½(⅓ − 0) for A, its negative for B.
    // Individual: ½(1 − 0) for him, ½·0 for his mates, ½(0 − ⅓) for B. Without zero-sum: ⅓ each, or 1 for him alone.
    [Theory]
    [InlineData(SoccerCredit.Team, true, 1 / 6f, 1 / 6f, -1 / 6f)]
    [InlineData(SoccerCredit.Individual, true, 0.5f, 0f, -1 / 6f)]
    [InlineData(SoccerCredit.Team, false, 1 / 3f, 1 / 3f, 0f)]
    [InlineData(SoccerCredit.Individual, false, 1f, 0f, 0f)]
    public void A_touch_after_the_other_side_pays_as_worked_by_hand(SoccerCredit credit, bool zeroSum, float toucher, float mate, float opponent)
    {
        using Pitch pitch = Kicker(new SoccerOptions { NumEnvs = 1, Credit = credit, ZeroSum = zeroSum, Rewards = new SoccerRewards { Touch = 1f } }, lastTouch: 3);
        Rules.Shipped.Tick(pitch);
        float[] got = [.. Enumerable.Range(0, 6).Select(agent => pitch.Parts[agent * SoccerReward.Count + SoccerReward.Touch])];
        float[] expected = [toucher, mate, mate, opponent, opponent, opponent];
        for (int agent = 0; agent < 6; agent++) Check.Close(expected[agent], got[agent], 1e-7, $"agent {agent}");
    }

    [Theory]
    [InlineData(SoccerConstants.Nobody)]
    [InlineData(0)]
    [InlineData(1)]
    public void A_touch_after_nobody_or_the_own_side_pays_nothing(int lastTouch)
    {
        using Pitch pitch = Kicker(new SoccerOptions { NumEnvs = 1, Rewards = new SoccerRewards { Touch = 1f } }, lastTouch);
        Rules.Shipped.Tick(pitch);
        for (int agent = 0; agent < 6; agent++) Assert.Equal(0f, pitch.Parts[agent * SoccerReward.Count + SoccerReward.Touch]);
        Assert.Equal(0, pitch.State.Touch[0, 0]);
    }

    // Move (1, 1) is scaled to length 1: −1·0.01. Move (0.6, 0) costs 0.36·0.01.
    [Fact]
    public void Exertion_is_the_square_of_the_move()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, Rewards = All });
        pitch.Clear(0);
        pitch.Action(0, 1)[0] = pitch.Action(0, 1)[1] = 1f;
        pitch.Action(0, 4)[0] = 0.6f;
        Rules.Shipped.Tick(pitch);
        double[] expected = [0, -0.01, 0, 0, -0.0036, 0];
        for (int agent = 0; agent < 6; agent++) Check.Close(expected[agent], pitch.Parts[agent * SoccerReward.Count + SoccerReward.Exertion], 1e-8, $"agent {agent}");
    }

    // Ball from (11.5, 0) over the line at (12, 0): Φ before = (23.5 − 0.5)/24, at the crossing (24 − 0)/24.
    [Fact]
    public void Progress_of_a_goal_ends_at_the_line()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1 });
        pitch.Clear(0, 11.5f, 0f, 10f, 0f);
        Rules.Shipped.Tick(pitch);
        Check.Close(0.5 * (1 - 23.0 / 24), pitch.Parts[SoccerReward.BallProgress], 1e-7, "side A");
        Check.Close(-0.5 * (1 - 23.0 / 24), pitch.Parts[3 * SoccerReward.Count + SoccerReward.BallProgress], 1e-7, "side B");
    }

    [Theory]
    [InlineData(2, 1, 2f)]
    [InlineData(1, 2, -2f)]
    [InlineData(1, 1, 0f)]
    public void Winning_pays_at_the_end_alone(int goalsA, int goalsB, float expected)
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, MaxTicks = 2, Rewards = All });
        pitch.Clear(0);
        pitch.State.Score[0, 0] = goalsA;
        pitch.State.Score[0, 1] = goalsB;
        Rules.Shipped.Tick(pitch);
        Assert.Equal(0f, pitch.Parts[SoccerReward.Win]);
        Rules.Shipped.Tick(pitch);
        Assert.Equal((expected, -expected), (pitch.Parts[SoccerReward.Win], pitch.Parts[3 * SoccerReward.Count + SoccerReward.Win]));
        Assert.Equal((byte)1, pitch.Terminated[0]);
    }

    [Fact]
    public void Rewards_are_the_same_when_nobody_wants_their_parts() => Check.ForAll(10, dice =>
    {
        using var pitch = new Pitch(dice.Options(2) with { Rewards = All });
        using var without = new Pitch((SoccerOptions)pitch.Options);
        for (int env = 0; env < 2; env++)
        {
            dice.Scatter(pitch, env);
            without.Columns.WriteMatch(env, pitch.Columns.ReadMatch(env));
        }

        dice.Act(pitch);
        pitch.Buffers.ContinuousActions!.View.AsSpan().CopyTo(without.Buffers.ContinuousActions!.View.AsSpan());
        without.Parts.Fill(5f);
        SoccerArguments arguments = without.Arguments;
        arguments.Views.RewardParts = default;
        without.Device.Launch(new SoccerStep { Arguments = arguments }, 2);
        Rules.Shipped.Tick(pitch);
        Assert.Null(Difference.First($"{dice}, rewards", pitch.Rewards, without.Rewards));
        Assert.All(without.Parts.ToArray(), part => Assert.Equal(5f, part));
    });

    [Fact]
    public void Weights_move_linearly_with_progress()
    {
        SoccerOptions options = new();
        SoccerParameters half = SoccerParameters.From(options, new SoccerGame().Describe(options), 0.5f);
        Check.Close(0.3, half.BallProgressWeight, 1e-6, "0.5 → 0.1, half way");
        Check.Close(0.03, half.ApproachBallWeight, 1e-6, "0.05 → 0.01, half way");
        Assert.Equal(1f, half.GoalWeight);
    }

    private static double Potential(SoccerBody ball, double halfLength) =>
        (Math.Sqrt(Math.Pow(ball.X + halfLength, 2) + Math.Pow(ball.Y, 2)) - Math.Sqrt(Math.Pow(ball.X - halfLength, 2) + Math.Pow(ball.Y, 2))) / (2 * halfLength);

    private static void Telescopes(Rules rules)
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 8, MaxTicks = 400 });
        double halfLength = pitch.Parameters.HalfLength, weight = pitch.Parameters.BallProgressWeight;
        double atPost = Potential(new SoccerBody { X = (float)halfLength, Y = pitch.Parameters.GoalHalfWidth }, halfLength);
        double[] start = new double[8], sum = new double[8];
        int goals = 0;
        for (int tick = 0; tick < 399; tick++)
        {
            pitch.Script(Normal, Strong);
            rules.Tick(pitch);
            for (int env = 0; env < 8; env++)
            {
                int at = env * pitch.Agents * SoccerReward.Count, goal = (int)pitch.Parts[at + SoccerReward.Goal];
                double now = Potential(pitch.Ball(env), halfLength);
                if (tick == 0) start[env] = 0; // the ball starts in the centre
                sum[env] += pitch.Parts[at + SoccerReward.BallProgress];
                string story = $"{rules}, tick {tick}, match {env}, progress since the kick-off";
                if (goal == 0) Check.Close(weight * (now - start[env]), sum[env], 2e-5, story); // 400 roundings of 1e-7 and less
                else Check.Close(weight * (goal * (1 + atPost) / 2 - start[env]), sum[env], weight * (1 - atPost) / 2 + 2e-5, $"{story}, up to the goal line");
                if (goal == 0) continue;
                goals++;
                start[env] = now;
                sum[env] = 0;
            }
        }

        Assert.True(goals >= 8, $"{rules}: only {goals} goals, too few to see kick-offs");
    }

    private static void ZeroSum(Rules rules, SoccerCredit credit) => Play(All, credit, (pitch, dice) =>
    {
        rules.Tick(pitch);
        for (int env = 0; env < pitch.Matches; env++)
        {
            for (int component = SoccerReward.Goal; component <= SoccerReward.Touch; component++)
            {
                float sumA = 0f, sumB = 0f;
                for (int index = 0; index < pitch.TeamSize; index++)
                {
                    sumA += pitch.Parts[(env * pitch.Agents + index) * SoccerReward.Count + component];
                    sumB += pitch.Parts[(env * pitch.Agents + pitch.TeamSize + index) * SoccerReward.Count + component];
                }

                double tolerance = credit == SoccerCredit.Team ? 0 : 1e-6; // thirds and elevenths of individual credit round
                Check.Close(0, sumA + sumB, tolerance, $"{dice}, {rules}, {credit} credit, match {env}, component {component}, A {sumA:R}, B {sumB:R}");
            }
        }
    });

    private static void Parts(Rules rules) => Play(All, SoccerCredit.Individual, (pitch, dice) =>
    {
        rules.Tick(pitch);
        for (int row = 0; row < pitch.Matches * pitch.Agents; row++)
        {
            float sum = 0f;
            for (int component = 0; component < SoccerReward.Count; component++) sum += pitch.Parts[row * SoccerReward.Count + component];
            Check.Same(sum, pitch.Rewards[row], $"{dice}, {rules}, row {row}, reward");
        }
    });

    private static void Approach(Rules rules) => Play(All, SoccerCredit.Team, (pitch, dice) =>
    {
        SoccerBody[] before = [.. Enumerable.Range(0, pitch.Matches * pitch.Agents).Select(row => pitch.Player(row / pitch.Agents, row % pitch.Agents))];
        SoccerBody[] balls = [.. Enumerable.Range(0, pitch.Matches).Select(pitch.Ball)];
        rules.Tick(pitch);
        for (int row = 0; row < before.Length; row++)
        {
            int env = row / pitch.Agents, agent = row % pitch.Agents, first = agent < pitch.TeamSize ? 0 : pitch.TeamSize;
            if (pitch.State.Tick[env, 0] == 0 || pitch.Parts[row * SoccerReward.Count] != 0f) continue; // players went back
            float[] squares = [.. Enumerable.Range(first, pitch.TeamSize).Select(mate => Square(before[env * pitch.Agents + mate], balls[env]))];
            bool nearest = agent - first == Array.IndexOf(squares, squares.Min());
            double way = Math.Sqrt(Square(before[row], balls[env])) - Math.Sqrt(Square(pitch.Player(env, agent), balls[env]));
            Check.Close(nearest ? 0.05 * way : 0, pitch.Parts[row * SoccerReward.Count + SoccerReward.ApproachBall], 5e-7, $"{dice}, {rules}, match {env}, agent {agent}");
        }
    });

    private static float Square(SoccerBody body, SoccerBody ball) => (body.X - ball.X) * (body.X - ball.X) + (body.Y - ball.Y) * (body.Y - ball.Y);

    private static void Play(SoccerRewards rewards, SoccerCredit credit, Action<Pitch, Dice> tick) => Check.ForAll(20, dice =>
    {
        using var pitch = new Pitch(dice.Options(4) with { MaxTicks = 12, Rewards = rewards, Credit = credit });
        for (int env = 0; env < pitch.Matches; env++) dice.Scatter(pitch, env);
        for (int t = 0; t < 15; t++)
        {
            dice.Act(pitch);
            tick(pitch, dice);
        }
    });

    private static Pitch Kicker(SoccerOptions options, int lastTouch)
    {
        var pitch = new Pitch(options);
        pitch.Clear(0);
        pitch.PutPlayer(0, 0, -0.5f, 0f);
        pitch.Kick(0, 0, 1f, 0f);
        pitch.Touched(0, lastTouch);
        return pitch;
    }
}
