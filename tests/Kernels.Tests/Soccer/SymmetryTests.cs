using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>No side has an advantage: rotating the world and swapping the sides rotates every result, bit for bit.</summary>
public sealed class SymmetryTests
{
    private const byte Chase = 5;

    public static TheoryData<int, KickRule, bool, bool> Worlds()
    {
        var worlds = new TheoryData<int, KickRule, bool, bool>();
        foreach (int teamSize in Check.Full ? Enumerable.Range(1, 11) : [1, 2, 3, 5, 11])
            foreach (KickRule rule in Enum.GetValues<KickRule>())
                foreach (bool discrete in new[] { false, true })
                    foreach (bool chase in new[] { false, true })
                        worlds.Add(teamSize, rule, discrete, chase);
        return worlds;
    }

    [Theory]
    [MemberData(nameof(Worlds))]
    public void The_rotated_world_with_swapped_sides_plays_the_rotated_match_for_1000_ticks(int teamSize, KickRule rule, bool discrete, bool chase) =>
        Rotation(Rules.Shipped, teamSize, rule, discrete, chase, ticks: 1000);

    [Fact]
    public void One_tick_from_any_state_rotates() => OneTick(Rules.Shipped, 300);

    // 1v1 by hand: A at (−0.5, 0.2), B at (0.5, −0.2), ball at the origin, nobody touched yet: both are √0.29 m away. Both
    // kick (1, 0) in their own frame; the tie gives the ball ½((1, 0) + (−1, 0))·9 = 0, and nobody the last touch.
    [Fact]
    public void Two_equal_kicks_in_a_mirrored_start_cancel_and_touch_for_nobody()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = 1 });
        pitch.Clear(0);
        pitch.PutPlayer(0, 0, -0.5f, 0.2f);
        pitch.PutPlayer(0, 1, 0.5f, -0.2f);
        pitch.Kick(0, 0, 1f, 0f);
        pitch.Kick(0, 1, 1f, 0f);
        Rules.Shipped.Tick(pitch);
        Assert.Equal((0f, 0f, SoccerConstants.Nobody), (pitch.Ball(0).X, pitch.Ball(0).VelocityX, pitch.State.Touch[0, 0]));
    }

    [Fact]
    public void A_tie_that_goes_to_side_A_is_caught() => Check.Catches(() => OneTick(Rules.Broken("a tie of kickers goes to side A", TieToSideA), 300));

    [Fact]
    public void Sums_over_side_B_in_reverse_order_are_caught() => Check.Catches(() => OneTick(new Rules("side B summed backwards", BackwardsB), 300));

    [Fact]
    public void A_push_by_one_unit_of_the_last_place_is_caught() => Check.Catches(() =>
        Rotation(Rules.Then("1 ulp to agent 0", pitch => pitch.State.Player[0, 0] = MathF.BitIncrement(pitch.State.Player[0, 0])), 3, KickRule.Nearest, false, false, 10));

    [Fact]
    public void A_kick_off_in_the_world_frame_is_caught() => Check.Catches(() =>
        Rotation(Rules.Broken("kick-off offset in the world frame", WorldKickOff), 3, KickRule.Nearest, false, false, 1000));

    private static void Rotation(Rules rules, int teamSize, KickRule rule, bool discrete, bool chase, int ticks)
    {
        SoccerOptions options = Options(teamSize, rule, discrete) with { NumEnvs = Check.Full ? 16 : 3, MaxTicks = chase ? 700 : 150 };
        using var world = new Pitch(options);
        using var other = new Pitch(options);
        var dice = new Dice(100 * teamSize + 10 * (int)rule + (discrete ? 2 : 0) + (chase ? 1 : 0));
        world.Reset(7);
        other.Reset(7); // mirrored jitter: the start of match 0 is its own rotation
        for (int env = 1; env < world.Matches; env++)
        {
            dice.Scatter(world, env);
            RotatedWorld.Write(world, other, env);
        }

        for (int tick = 0; tick < ticks; tick++)
        {
            if (chase) world.Script(Chase, Chase);
            else dice.Act(world);
            RotatedWorld.CopyActions(world, other);
            rules.Tick(world);
            rules.Tick(other);
            world.Observe();
            other.Observe();
            RotatedWorld.Compare(world, other, $"{dice}, {teamSize}v{teamSize}, {rule}, tick {tick}");
        }
    }

    private static void OneTick(Rules rules, int cases) => Check.ForAll(cases, dice =>
    {
        int teamSize = dice.Int(1, 11);
        SoccerOptions options = Options(teamSize, dice.Pick(KickRule.Nearest, KickRule.Average, KickRule.Sum), dice.Chance(0.3f)) with { NumEnvs = 4 };
        using var world = new Pitch(options);
        using var other = new Pitch(options);
        dice.Act(world);
        for (int env = 0; env < world.Matches; env++)
        {
            dice.Scatter(world, env);
            if (dice.Chance(0.3f)) Mirror(dice, world, env);
            RotatedWorld.Write(world, other, env);
        }

        RotatedWorld.CopyActions(world, other);
        rules.Tick(world);
        rules.Tick(other);
        world.Observe();
        other.Observe();
        RotatedWorld.Compare(world, other, dice.ToString());
    }, full: 20_000);

    // A crowd about the ball in the centre, side B the mirror image of side A in places and moves, not in kicks: all
    // kickers and obstacles are in ties.
    private static void Mirror(Dice dice, Pitch world, int env)
    {
        if (dice.Chance(0.5f)) world.Touched(env, SoccerConstants.Nobody);
        for (int index = 0; index < world.TeamSize; index++)
        {
            SoccerBody body = world.Player(env, index);
            body.X = dice.Float(-1f, 1f);
            body.Y = dice.Float(-1f, 1f);
            world.PutPlayer(env, index, body.X, body.Y, body.VelocityX, body.VelocityY);
            int twin = world.TeamSize + index;
            world.PutPlayer(env, twin, -body.X, -body.Y, -body.VelocityX, -body.VelocityY);
            if (world.Buffers.DiscreteActions is null) world.Action(env, index)[..2].CopyTo(world.Action(env, twin));
            else world.Choice(env, twin)[0] = world.Choice(env, index)[0];
        }

        world.PutBall(env, 0f, 0f);
    }

    private static SoccerOptions Options(int teamSize, KickRule rule, bool discrete) => new()
    {
        TeamSize = teamSize,
        MaxTicks = 150,
        Actions = discrete ? SoccerActions.Discrete : SoccerActions.Continuous,
        Physics = new SoccerPhysics { KickRule = rule },
        Rewards = new SoccerRewards { Touch = 0.3f, Exertion = 0.01f },
    };

    private static void TieToSideA(Stage stage, ref SoccerTick tick, in SoccerArguments a)
    {
        bool tie = stage == Stage.Kick && tick.Kickers != 0 && tick.LastTouch == SoccerConstants.Nobody;
        if (tie) SoccerTouch.Run(ref tick, a, 0, tick.BallX, tick.BallY);
    }

    private static void WorldKickOff(Stage stage, ref SoccerTick tick, in SoccerArguments a)
    {
        if (stage != Stage.Continue || tick.Goal == 0 || tick.Terminated + tick.Truncated != 0) return;
        float side = tick.Goal > 0 ? -1f : 1f;
        SoccerReset.PlaceBall(tick.Env, a, side * a.State.Ball[tick.Env, 0], side * a.State.Ball[tick.Env, 1]);
    }

    // Turns the index order of side B around, plays the shipped tick, and turns it back.
    private static void BackwardsB(Pitch pitch)
    {
        TurnB(pitch);
        Rules.Shipped.Tick(pitch);
        TurnB(pitch);
    }

    private static void TurnB(Pitch pitch)
    {
        for (int env = 0; env < pitch.Matches; env++)
        {
            int k = pitch.TeamSize;
            for (int i = k, j = 2 * k - 1; i < j; i++, j--)
            {
                SoccerBody first = pitch.Player(env, i), second = pitch.Player(env, j);
                pitch.PutPlayer(env, i, second.X, second.Y, second.VelocityX, second.VelocityY);
                pitch.PutPlayer(env, j, first.X, first.Y, first.VelocityX, first.VelocityY);
                SwapActions(pitch, env, i, j);
            }

            ref int touched = ref pitch.State.Touch[env, 0];
            if (touched >= k) touched = 3 * k - 1 - touched;
            SoccerReset.FindNearest(env, pitch.Arguments);
        }
    }

    private static void SwapActions(Pitch pitch, int env, int i, int j)
    {
        if (pitch.Buffers.DiscreteActions is null)
        {
            for (int c = 0; c < SoccerConstants.ActionFloats; c++) (pitch.Action(env, i)[c], pitch.Action(env, j)[c]) = (pitch.Action(env, j)[c], pitch.Action(env, i)[c]);
            return;
        }

        for (int c = 0; c < 2; c++) (pitch.Choice(env, i)[c], pitch.Choice(env, j)[c]) = (pitch.Choice(env, j)[c], pitch.Choice(env, i)[c]);
    }
}
