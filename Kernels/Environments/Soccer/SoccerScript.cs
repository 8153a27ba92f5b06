using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Actions of built-in opponents. One index per match; everything is computed in the acting side's team frame.</summary>
/// <remarks>
/// Controllers: 1 random, 2 weak, 3 normal, 4 strong, 5 chase, as in the registry. The scripted side sends its player nearest to the
/// ball to where the ball will be, keeps player 0 on the line from its goal to the ball, and spreads the others
/// between its goal and the ball.
/// </remarks>
public struct SoccerScript : IKernel
{
    private const int RandomController = 1;
    private const int WeakController = 2;
    private const int NormalController = 3;
    private const int ChaseController = 5;
    private const float KeeperOut = 0.12f;         // of the half length, from the goal's centre
    private const float ShootDistance = 0.6f;      // of the half length
    private const float DribbleKick = 0.35f;
    private const float PressedDistance = 1.5f;    // m to the nearest opponent
    private const float CornerShare = 0.7f;        // of the goal's half width: a margin to the post
    private const float PassKickPerMetre = 0.12f;  // enough to arrive against the ball's drag
    private const float ArriveDistance = 0.5f;     // m; closer than this the move is shorter than full
    private const float LookAhead = 1f;            // s
    private const float DiscreteThreshold = 0.3f;  // shorter vectors are "none"
    private const float HalfStep = 0.41421356f;    // tan 22.5°

    /// <summary>Arguments.</summary>
    public SoccerArguments Arguments;

    /// <summary>(E, 2) who plays each side; 0 = outside.</summary>
    public View<byte> Controllers;

    /// <inheritdoc/>
    public void Run(int env)
    {
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        for (int side = 0; side < 2; side++)
        {
            int controller = Controllers[2 * env + side];
            if (controller == RandomController) PlayRandomly(env, side);
            else if (controller != 0) PlayScript(env, side, controller);
        }
    }

    private void PlayRandomly(int env, int side)
    {
        int teamSize = Arguments.Parameters.TeamSize;
        for (int agent = side * teamSize; agent < (side + 1) * teamSize; agent++)
        {
            UInt4 words = Draw(env, agent, SoccerPurpose.RandomPolicy);
            int row = env * 2 * teamSize + agent;
            if (Arguments.Parameters.Discrete != 0)
            {
                Arguments.Views.DiscreteActions[2 * row] = Philox.Below(words.X, SoccerConstants.Directions);
                Arguments.Views.DiscreteActions[2 * row + 1] = Philox.Below(words.Y, SoccerConstants.Directions);
                continue;
            }

            int at = row * SoccerConstants.ActionFloats;
            Arguments.Views.ContinuousActions[at] = Philox.Symmetric(words.X);
            Arguments.Views.ContinuousActions[at + 1] = Philox.Symmetric(words.Y);
            Arguments.Views.ContinuousActions[at + 2] = Philox.Symmetric(words.Z);
            Arguments.Views.ContinuousActions[at + 3] = Philox.Symmetric(words.W);
        }
    }

    private void PlayScript(int env, int side, int controller)
    {
        int teamSize = Arguments.Parameters.TeamSize;
        SoccerBody ball = SeenBall(env, side, Delay(controller));
        int chaser = NearestTo(env, side, side, ball.X, ball.Y);
        for (int index = 0; index < teamSize; index++)
        {
            Float2 place = Player(env, side, side, index);
            bool chases = index == chaser || controller == ChaseController;
            Float2 target = chases ? Ahead(ball, place) : index == 0 ? KeeperPlace(ball) : SupportPlace(ball, index);
            Float2 offset = target - place;
            UInt4 chance = Draw(env, side * teamSize + index, SoccerPurpose.ScriptNoise);
            float speed = SpeedFactor(controller);
            // A discrete move has one speed only: a slower player rests in some ticks instead.
            if (Arguments.Parameters.Discrete != 0) speed = Philox.Uniform(chance.Y) < speed ? 1f : 0f;
            Float2 move = offset * (speed / Scalar.Max(offset.Length, ArriveDistance));
            Float2 kick = controller == ChaseController
                ? Turned(Towards(place, new Float2(Arguments.Parameters.HalfLength, Arguments.Parameters.GoalY), 1f), Noise(controller) * Philox.Symmetric(chance.X))
                : Aim(env, side, index, place, Noise(controller) * Philox.Symmetric(chance.X));
            Put(env, side * teamSize + index, move, kick);
        }
    }

    private static float SpeedFactor(int controller) => controller == WeakController ? 0.6f : controller == NormalController ? 0.8f : 1f;

    private static int Delay(int controller) => controller == WeakController ? 6 : controller == NormalController ? 3 : 0;

    private static float Noise(int controller) => controller == WeakController ? 0.5f : controller == NormalController ? 0.25f : 0.08f;

    // The ball as it was some ticks ago; after a kick-off the history holds nothing older.
    private readonly SoccerBody SeenBall(int env, int side, int delay)
    {
        MatchSlots<float> history = Arguments.State.BallHistory.Of(env);
        int at = ((Arguments.State.Tick[env, 0] + SoccerConstants.HistoryLength - delay) & (SoccerConstants.HistoryLength - 1)) * SoccerConstants.BodyFloats;
        float sign = side == 0 ? 1f : -1f;
        return new SoccerBody { X = history[at] * sign, Y = history[at + 1] * sign, VelocityX = history[at + 2] * sign, VelocityY = history[at + 3] * sign };
    }

    // Where player index of team is, in the frame of side.
    private readonly Float2 Player(int env, int side, int team, int index)
    {
        int at = (team * Arguments.Parameters.TeamSize + index) * SoccerConstants.BodyFloats;
        return new Float2(Arguments.State.Player[env, at], Arguments.State.Player[env, at + 1]) * (side == 0 ? 1f : -1f);
    }

    private readonly int NearestTo(int env, int side, int team, float x, float y)
    {
        int nearest = 0;
        float nearestSquared = float.MaxValue;
        for (int index = 0; index < Arguments.Parameters.TeamSize; index++)
        {
            float distanceSquared = (Player(env, side, team, index) - new Float2(x, y)).LengthSquared;
            if (distanceSquared >= nearestSquared) continue;
            nearestSquared = distanceSquared;
            nearest = index;
        }

        return nearest;
    }

    private readonly float DistanceToOpponents(int env, int side, Float2 place)
    {
        int nearest = NearestTo(env, side, 1 - side, place.X, place.Y);
        return (Player(env, side, 1 - side, nearest) - place).Length;
    }

    private readonly Float2 Ahead(in SoccerBody ball, Float2 place)
    {
        var now = new Float2(ball.X, ball.Y);
        float time = Scalar.Min((now - place).Length / Arguments.Parameters.PlayerMaxSpeed, LookAhead);
        return now + new Float2(ball.VelocityX, ball.VelocityY) * time;
    }

    private readonly Float2 KeeperPlace(in SoccerBody ball)
    {
        var goal = new Float2(-Arguments.Parameters.HalfLength, Arguments.Parameters.GoalY);
        return goal + Towards(goal, new Float2(ball.X, ball.Y), KeeperOut * Arguments.Parameters.HalfLength);
    }

    // One or two thirds of the way from the own goal to the ball, in lanes over the width.
    private readonly Float2 SupportPlace(in SoccerBody ball, int index)
    {
        var goal = new Float2(-Arguments.Parameters.HalfLength, Arguments.Parameters.GoalY);
        float share = (index & 1) == 0 ? 1f / 3f : 2f / 3f;
        float lane = (2f * index - Arguments.Parameters.TeamSize) / Arguments.Parameters.TeamSize;
        Float2 between = goal + (new Float2(ball.X, ball.Y) - goal) * share;
        return new Float2(between.X, 0.5f * between.Y + lane * 0.6f * Arguments.Parameters.HalfWidth);
    }

    // Shoot when near the goal, pass when pressed and somebody is free ahead, dribble otherwise.
    private readonly Float2 Aim(int env, int side, int index, Float2 place, float tangent)
    {
        Float2 corner = FreeCorner(env, side);
        float strength = DribbleKick;
        Float2 target = corner;
        if ((corner - place).Length < ShootDistance * Arguments.Parameters.HalfLength)
        {
            strength = 1f;
        }
        else if (DistanceToOpponents(env, side, place) < PressedDistance)
        {
            int mate = FreestAhead(env, side, index, place);
            if (mate >= 0)
            {
                target = Player(env, side, side, mate);
                strength = Scalar.Min(1f, DribbleKick + PassKickPerMetre * (target - place).Length);
            }
        }

        return Turned(Towards(place, target, 1f), tangent) * strength;
    }

    // A unit vector turned by an angle of this tangent. Without such noise two equal sides mirror each other for ever.
    private static Float2 Turned(Float2 straight, float tangent)
    {
        var turned = new Float2(straight.X - straight.Y * tangent, straight.Y + straight.X * tangent);
        return turned * (1f / Scalar.Max(turned.Length, SoccerConstants.MinSeparation));
    }

    private readonly Float2 FreeCorner(int env, int side)
    {
        float y = CornerShare * Arguments.Parameters.GoalHalfWidth;
        var left = new Float2(Arguments.Parameters.HalfLength, y);
        var right = new Float2(Arguments.Parameters.HalfLength, -y);
        return DistanceToOpponents(env, side, left) > DistanceToOpponents(env, side, right) ? left : right;
    }

    private readonly int FreestAhead(int env, int side, int index, Float2 place)
    {
        int freest = -1;
        float freedom = PressedDistance;
        for (int mate = 0; mate < Arguments.Parameters.TeamSize; mate++)
        {
            Float2 matePlace = Player(env, side, side, mate);
            if (mate == index || matePlace.X <= place.X) continue;
            float distance = DistanceToOpponents(env, side, matePlace);
            if (distance <= freedom) continue;
            freedom = distance;
            freest = mate;
        }

        return freest;
    }

    private static Float2 Towards(Float2 from, Float2 to, float length)
    {
        Float2 offset = to - from;
        return offset * (length / Scalar.Max(offset.Length, SoccerConstants.MinSeparation));
    }

    private readonly UInt4 Draw(int env, int agent, uint purpose) =>
        Philox.Draw(Arguments.Seed, (uint)(Arguments.Parameters.MatchOffset + env), (uint)Arguments.State.Episode[env, 0],
            (uint)Arguments.State.Tick[env, 0], (uint)agent, purpose);

    private void Put(int env, int agent, Float2 move, Float2 kick)
    {
        int row = env * 2 * Arguments.Parameters.TeamSize + agent;
        if (Arguments.Parameters.Discrete != 0)
        {
            Arguments.Views.DiscreteActions[2 * row] = Choice(move);
            Arguments.Views.DiscreteActions[2 * row + 1] = Choice(kick);
            return;
        }

        int at = row * SoccerConstants.ActionFloats;
        Arguments.Views.ContinuousActions[at] = move.X;
        Arguments.Views.ContinuousActions[at + 1] = move.Y;
        Arguments.Views.ContinuousActions[at + 2] = kick.X;
        Arguments.Views.ContinuousActions[at + 3] = kick.Y;
    }

    // The direction nearest to a vector, as a discrete choice.
    private static int Choice(Float2 vector)
    {
        if (vector.LengthSquared < DiscreteThreshold * DiscreteThreshold) return 0;
        float alongX = Scalar.Abs(vector.X), alongY = Scalar.Abs(vector.Y);
        if (alongY < alongX * HalfStep) return vector.X > 0f ? 1 : 5;
        if (alongX < alongY * HalfStep) return vector.Y > 0f ? 3 : 7;
        return vector.X > 0f ? (vector.Y > 0f ? 2 : 8) : vector.Y > 0f ? 4 : 6;
    }
}
