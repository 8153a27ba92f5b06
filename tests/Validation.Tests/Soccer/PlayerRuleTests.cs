using Arena.Kernels.Environments.Soccer;
using Arena.Validation.Soccer;

namespace Arena.Validation.Tests.Soccer;

public class PlayerRuleTests
{
    [Fact]
    public void A_player_accelerates_against_his_drag()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, -3, 2, 1, 0);

        GameState next = match.Next(state, match.Nothing().Move(0, 0, 1));

        // v = (1, 0) + ((0, 12) - 1.5·(1, 0))·0.1 = (0.85, 1.2);  p = (-3, 2) + v·0.1
        Given.Near(0.85, 1.2, next.Players[0].Velocity);
        Given.Near(-2.915, 2.12, next.Players[0].Position);
    }

    [Fact]
    public void A_player_of_side_B_moves_in_his_own_frame()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(1, 3, 2);

        GameState next = match.Next(state, match.Nothing().Move(1, 1, 0));

        // Forward for side B is -x: v = -12·0.1.
        Given.Near(-1.2, 0, next.Players[1].Velocity);
    }

    [Fact]
    public void The_speed_limit_keeps_the_direction()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, 0, 2, 2.4, 3.2);

        GameState next = match.Next(state, match.Nothing().Move(0, 0.6, 0.8));

        // (0.6, 0.8)·(4 + (12 - 6)·0.1 = 4.6), limited to 4.
        Given.Near(2.4, 3.2, next.Players[0].Velocity);
    }

    [Fact]
    public void Beyond_the_apron_a_player_stops_and_slides_along()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, -8.9, 3, -3, 1);

        GameState next = match.Next(state, match.Nothing());

        // v = 0.85·(-3, 1); x would be -9.155, the bound is -(8 + 1): x stops, y goes on.
        Given.Near(-9, 3.085, next.Players[0].Position);
        Given.Near(0, 0.85, next.Players[0].Velocity);
    }

    [Fact]
    public void Two_players_share_push_and_bounce()
    {
        SoccerMatch match = Given.Match();
        // After the move: x = -1.2 + 0.17 = -1.03 and x = -0.4 - 0.17·0 ... B stands still at -0.4, distance 0.63 < 0.7.
        GameState state = match.Empty().Player(0, -1.2, 3, 2, 0).Player(1, -0.4, 3);

        GameState next = match.Next(state, match.Nothing());

        // Overlap 0.07: each 0.035. Approach 1.7 m/s, each takes half of 1.3 times that: 1.105.
        Given.Near(-1.03 - 0.035, 3, next.Players[0].Position);
        Given.Near(-0.4 + 0.035, 3, next.Players[1].Position);
        Given.Near(1.7 - 1.105, 0, next.Players[0].Velocity);
        Given.Near(1.105, 0, next.Players[1].Velocity);
    }

    [Fact]
    public void Players_who_part_are_pushed_but_do_not_bounce()
    {
        SoccerMatch match = Given.Match();
        GameState state = match.Empty().Player(0, -1, 3, -1, 0).Player(1, -0.5, 3);

        GameState next = match.Next(state, match.Nothing());

        // Distance 0.5 + 0.085 = 0.585, overlap 0.115.
        Given.Near(-1.085 - 0.0575, 3, next.Players[0].Position);
        Given.Near(-0.85, 0, next.Players[0].Velocity);
        Given.Near(0, 0, next.Players[1].Velocity);
    }

    [Fact]
    public void Three_in_a_row_are_corrected_from_the_same_positions()
    {
        SoccerMatch match = Given.Match(teamSize: 2);
        GameState state = match.Empty().Player(0, -0.5, 3).Player(1, 0, 3).Player(2, 0.4, 3);

        GameState next = match.Next(state, match.Nothing());

        // Pair (0,1): overlap 0.2; pair (1,2): overlap 0.3; the ends are 0.9 apart. The middle gets +0.1 - 0.15.
        Given.Near(-0.6, 3, next.Players[0].Position);
        Given.Near(-0.05, 3, next.Players[1].Position);
        Given.Near(0.55, 3, next.Players[2].Position);
    }

    [Fact]
    public void Concentric_teammates_part_along_their_own_x_and_concentric_opponents_wait()
    {
        SoccerMatch match = Given.Match(teamSize: 2);
        GameState teammates = match.Empty().Player(2, 2, 3).Player(3, 2, 3);
        GameState opponents = match.Empty().Player(0, 2, 3).Player(2, 2, 3);

        GameState parted = match.Next(teammates, match.Nothing());
        GameState waiting = match.Next(opponents, match.Nothing());

        // Side B's x points to -x: the lower index goes there, each half of 0.7.
        Given.Near(2 - 0.35, 3, parted.Players[2].Position);
        Given.Near(2 + 0.35, 3, parted.Players[3].Position);
        Given.Near(2, 3, waiting.Players[0].Position);
        Given.Near(2, 3, waiting.Players[2].Position);
    }

    [Fact]
    public void Actions_are_clamped_scaled_and_checked()
    {
        (PlayerAction Action, uint Error) Read(params float[] raw) => ActionRules.Read(SoccerActions.Continuous, new MatchActions(raw, []), 0);

        // (3, -0.75) → (1, -0.75), length 1.25 → (0.8, -0.6).
        Given.Near(0.8, -0.6, Read(3, -0.75f, 0, 0).Action.Move);
        Given.Near(0.3, 0.4, Read(0, 0, 0.3f, 0.4f).Action.Kick);
        Assert.Equal((default, Kernels.Environments.ErrorCode.ActionNotFinite), Read(1, 1, 1, float.NaN));
        Assert.Equal((default, Kernels.Environments.ErrorCode.ActionNotFinite), Read(float.NegativeInfinity, 1, 1, 0));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(2, 0.70710678, 0.70710678)]
    [InlineData(3, 0, 1)]
    [InlineData(6, -0.70710678, -0.70710678)]
    [InlineData(8, 0.70710678, -0.70710678)]
    public void Discrete_directions_go_counter_clockwise(int choice, double x, double y)
    {
        (PlayerAction action, uint error) = ActionRules.Read(SoccerActions.Discrete, new MatchActions([], [choice, choice]), 0);

        Assert.Equal(0u, error);
        Given.Near(x, y, action.Move);
        Given.Near(x, y, action.Kick);
    }

    [Theory]
    [InlineData(9, 0)]
    [InlineData(0, -1)]
    [InlineData(int.MaxValue, 3)]
    public void A_bad_choice_voids_both_heads(int move, int kick) =>
        Assert.Equal((default, Kernels.Environments.ErrorCode.ActionOutOfRange), ActionRules.Read(SoccerActions.Discrete, new MatchActions([], [move, kick]), 0));
}
