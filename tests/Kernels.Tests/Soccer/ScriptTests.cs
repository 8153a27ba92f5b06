using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Built-in opponents play legally, repeatably, as late and as inexactly as they say, and in the order of their names.</summary>
public sealed class ScriptTests
{
    private const byte Random = 1;
    private const byte Weak = 2;
    private const byte Normal = 3;
    private const byte Strong = 4;
    private const byte Chase = 5;

    private static readonly Action<Pitch, byte> Shipped = (pitch, controller) => pitch.Script(controller, controller);

    [Fact]
    public void Actions_are_legal_in_any_state() => Legal(Shipped);

    [Fact]
    public void An_action_that_is_too_long_is_caught() => Check.Catches(() => Legal((pitch, controller) =>
    {
        pitch.Script(controller, controller);
        if (pitch.Buffers.ContinuousActions is not null) pitch.Action(0, 0)[2] = 1.001f;
    }));

    [Fact]
    public void The_same_state_gives_the_same_actions() => Check.ForAll(30, dice =>
    {
        using var first = new Pitch(dice.Options(3));
        using var second = new Pitch((SoccerOptions)first.Options);
        byte controller = dice.Pick(Random, Weak, Normal, Strong, Chase);
        for (int env = 0; env < 3; env++)
        {
            dice.Scatter(first, env);
            second.Columns.WriteMatch(env, first.Columns.ReadMatch(env));
        }

        first.Script(controller, controller);
        first.Script(controller, controller);
        second.Script(controller, controller);
        Assert.Null(Difference.First($"{dice}, actions", first.Buffers.ContinuousActions!.View.AsSpan(), second.Buffers.ContinuousActions!.View.AsSpan()));
    });

    [Fact]
    public void Controller_0_leaves_the_actions_alone()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 2 });
        pitch.Buffers.ContinuousActions!.View.AsSpan().Fill(0.125f);
        pitch.Script(0, Strong);
        Assert.All(pitch.Action(1, 0).ToArray(), value => Assert.Equal(0.125f, value));
        Assert.Contains(pitch.Action(1, 3).ToArray(), value => value != 0.125f);
    }

    [Theory]
    [InlineData(Weak, 6, -0.6f)]
    [InlineData(Normal, 3, -0.8f)]
    [InlineData(Strong, 0, -1f)]
    public void A_script_sees_the_ball_as_old_as_it_says(byte controller, int delay, float move) => Delay(Shipped, controller, delay, move);

    [Fact]
    public void A_script_that_sees_the_ball_at_once_is_caught() => Check.Catches(() => Delay((pitch, controller) =>
    {
        SoccerBody ball = pitch.Ball(0);
        pitch.PutBall(0, ball.X, ball.Y); // forgets older balls
        pitch.Script(controller, controller);
    }, Weak, 6, -0.6f));

    [Theory]
    [InlineData(Weak, 0.5f)]
    [InlineData(Normal, 0.25f)]
    [InlineData(Strong, 0.08f)]
    public void Aim_stays_within_its_tangent_and_uses_it(byte controller, float tangent) => Aim(Shipped, controller, tangent);

    [Fact]
    public void Noise_of_a_weaker_player_is_caught() => Check.Catches(() => Aim((pitch, _) => pitch.Script(Weak, Weak), Strong, 0.08f));

    [Fact]
    public void A_chasing_team_runs_at_the_ball_with_everybody()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 5 });
        pitch.PutBall(0, 3f, 2f);
        pitch.Script(Chase, Chase);
        for (int agent = 0; agent < 10; agent++)
        {
            SoccerBody body = pitch.Player(0, agent);
            float sign = agent < 5 ? 1f : -1f;
            double dx = sign * (3 - body.X), dy = sign * (2 - body.Y), length = Math.Sqrt(dx * dx + dy * dy);
            Check.Close(dx / length, pitch.Action(0, agent)[0], 1e-5, $"agent {agent}, move x");
            Check.Close(dy / length, pitch.Action(0, agent)[1], 1e-5, $"agent {agent}, move y");
        }
    }

    // Score of the first against the second, half of the games on either side: 1 for a win, ½ for a draw. The promise is
    // about the lower bound in 256 games; 64 games are too few for bounds, so the quick run holds the score itself.
    [Theory]
    [InlineData(Weak, Random, 0.65)]
    [InlineData(Normal, Random, 0.95)]
    [InlineData(Normal, Weak, 0.65)]
    [InlineData(Strong, Normal, 0.65)]
    public void Strengths_are_in_order(byte better, byte worse, double least) => Order(better, worse, least);

    [Fact]
    public void A_wrong_order_is_caught() => Check.Catches(() => Order(Weak, Normal, 0.65));

    private static void Order(byte better, byte worse, double least)
    {
        int games = Check.Full ? 256 : 64;
        var game = new SoccerGame();
        double score = 0;
        for (int side = 0; side < 2; side++)
        {
            using var pitch = new Pitch(new SoccerOptions { NumEnvs = games / 2, MatchOffset = side * games });
            for (int tick = 0; tick < pitch.Options.MaxTicks; tick++)
            {
                pitch.Script(side == 0 ? better : worse, side == 0 ? worse : better);
                Rules.Shipped.Tick(pitch);
            }

            float[] raw = pitch.Buffers.EpisodeStatistics!.ToArray();
            for (int match = 0; match < games / 2; match++)
            {
                double sideA = game.Score(raw.AsSpan(match * SoccerStatistic.Count, SoccerStatistic.Count));
                score += side == 0 ? sideA : 1 - sideA;
            }
        }

        double bound = Check.Full ? Wilson(score / games, games) : score / games;
        Assert.True(bound >= least, $"controller {better} scores {score / games:0.000} against {worse} in {games} games, held as {bound:0.000}; at least {least} is promised");
    }

    // Lower bound of the 95 % Wilson score interval (Wilson 1927).
    private static double Wilson(double share, int n)
    {
        const double z = 1.959964;
        double centre = share + z * z / (2 * n), spread = z * Math.Sqrt(share * (1 - share) / n + z * z / (4.0 * n * n));
        return (centre - spread) / (1 + z * z / n);
    }

    private static void Legal(Action<Pitch, byte> script) => Check.ForAll(60, dice =>
    {
        bool discrete = dice.Chance(0.3f);
        using var pitch = new Pitch(dice.Options(3) with { Actions = discrete ? SoccerActions.Discrete : SoccerActions.Continuous });
        byte controller = dice.Pick(Random, Weak, Normal, Strong, Chase);
        for (int env = 0; env < 3; env++) dice.Scatter(pitch, env);
        script(pitch, controller);
        for (int env = 0; env < 3; env++)
        {
            for (int agent = 0; agent < pitch.Agents; agent++)
            {
                string story = $"{dice}, controller {controller}, match {env}, agent {agent}";
                if (discrete) Assert.True(pitch.Choice(env, agent)[0] is >= 0 and <= 8 && pitch.Choice(env, agent)[1] is >= 0 and <= 8, story);
                else CheckVectors(pitch.Action(env, agent), controller, story);
            }
        }
    });

    private static void CheckVectors(ReadOnlySpan<float> action, byte controller, string story)
    {
        double move = Math.Sqrt((double)action[0] * action[0] + (double)action[1] * action[1]);
        double kick = Math.Sqrt((double)action[2] * action[2] + (double)action[3] * action[3]);
        double bound = controller == Random ? Math.Sqrt(2) : 1, speed = controller == Weak ? 0.6 : controller == Normal ? 0.8 : bound;
        Assert.True(move <= speed + 1e-6 && kick <= bound + 1e-6, $"{story}: move {move:R}, kick {kick:R}"); // NaN fails
    }

    // The ball is in front at (5, 0), only at one past tick it was behind at (−5, 0): who sees that age runs back.
    private static void Delay(Action<Pitch, byte> script, byte controller, int delay, float move)
    {
        for (int age = 0; age < SoccerConstants.HistoryLength; age++)
        {
            using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 1 });
            pitch.Clear(0, 5f, 0f);
            pitch.PutPlayer(0, 0, 0f, 0f);
            pitch.State.Tick[0, 0] = 20;
            pitch.State.BallHistory[0, (20 - age) % SoccerConstants.HistoryLength * SoccerConstants.BodyFloats] = -5f;
            script(pitch, controller);
            Check.Close(age == delay ? move : -move, pitch.Action(0, 0)[0], 1e-6, $"controller {controller}, ball behind {age} ticks ago, move x");
        }
    }

    // 1v1, goal half width 1.4 m: the opponent stands at the right corner (8, −0.98), so (8, 0.98) is the free one.
    private static void Aim(Action<Pitch, byte> script, byte controller, float tangent)
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 1 });
        double least = 0, most = 0, x = 3, y = 0.98;
        for (int tick = 0; tick < 300; tick++)
        {
            pitch.Clear(0, 5f, 0f);
            pitch.PutPlayer(0, 0, 5f, 0f);
            pitch.PutPlayer(0, 1, 8f, -0.98f);
            pitch.State.Tick[0, 0] = tick;
            script(pitch, controller);
            double kickX = pitch.Action(0, 0)[2], kickY = pitch.Action(0, 0)[3];
            double offset = (x * kickY - y * kickX) / (x * kickX + y * kickY);
            least = Math.Min(least, offset);
            most = Math.Max(most, offset);
        }

        Assert.True(least >= -tangent - 1e-5 && most <= tangent + 1e-5, $"controller {controller}: tangents {least}..{most}, promised ±{tangent}");
        Assert.True(least < -0.9 * tangent && most > 0.9 * tangent, $"controller {controller}: tangents {least}..{most} use less than 90 % of ±{tangent}");
    }
}
