using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>From a state to what one agent sees.</summary>
internal static class ObservationRules
{
    /// <summary>The row of <paramref name="agent"/>, in its team's frame.</summary>
    public static double[] Row(Pitch pitch, GameState state, int agent)
    {
        Facts facts = Own(pitch, state, agent);
        double[][] others = [.. Others(pitch, agent).Select(other => Record(pitch, state, agent, other))];
        if (pitch.Options.Observation == SoccerObservation.Flat)
            return [.. facts.Position, .. facts.Velocity, .. facts.BallOffset, .. facts.BallVelocity, .. facts.OpponentGoal, .. facts.OwnGoal,
                facts.Score, facts.Clock, .. others.SelectMany(record => record)];
        return
        [
            .. facts.Position, .. facts.Velocity, facts.Score, facts.Clock, 0, 1,
            .. facts.BallOffset, .. facts.BallVelocity, 0, 0, 0, 1,
            .. facts.OpponentGoal, .. facts.OwnGoal, 0, 0, 0, 1,
            .. others.SelectMany(record => record.Append(1)),
        ];
    }

    private sealed record Facts(
        double[] Position, double[] Velocity, double[] BallOffset, double[] BallVelocity, double[] OpponentGoal, double[] OwnGoal, double Score, double Clock);

    private static Facts Own(Pitch pitch, GameState state, int agent)
    {
        int side = pitch.SideOf(agent);
        Body self = state.Players[agent];
        Vector own = Pitch.Turn(self.Position, side);
        Vector toBall = Pitch.Turn(state.Ball.Position - self.Position, side);
        double length = 2 * pitch.HalfLength;
        return new Facts(
            [own.X / pitch.HalfLength, own.Y / pitch.HalfWidth],
            Pair(Pitch.Turn(self.Velocity, side) / pitch.Physics.PlayerMaxSpeed),
            Pair(toBall / (toBall.Length + SoccerConstants.BallOffsetSoftening)),
            Pair(Pitch.Turn(state.Ball.Velocity, side) / pitch.Physics.BallMaxSpeed),
            Pair((new Vector(pitch.HalfLength, 0) - own) / length),
            Pair((new Vector(-pitch.HalfLength, 0) - own) / length),
            Math.Clamp((state.Score[side] - state.Score[1 - side]) / (double)SoccerConstants.ScoreScale, -1, 1),
            1 - (double)state.Tick / pitch.Options.MaxTicks);
    }

    // Teammates in index order, then opponents in index order.
    private static IEnumerable<int> Others(Pitch pitch, int agent)
    {
        int side = pitch.SideOf(agent);
        IEnumerable<int> mates = Enumerable.Range(side * pitch.TeamSize, pitch.TeamSize).Where(other => other != agent);
        return mates.Concat(Enumerable.Range((1 - side) * pitch.TeamSize, pitch.TeamSize));
    }

    private static double[] Record(Pitch pitch, GameState state, int agent, int other)
    {
        int side = pitch.SideOf(agent);
        int otherSide = pitch.SideOf(other);
        Body self = state.Players[agent];
        Body player = state.Players[other];
        Vector offset = Pitch.Turn(player.Position - self.Position, side) / (2 * pitch.HalfLength);
        Vector velocity = Pitch.Turn(player.Velocity - self.Velocity, side) / (2.0 * pitch.Physics.PlayerMaxSpeed);
        bool nearest = state.Nearest[otherSide] == other % pitch.TeamSize;
        return [offset.X, offset.Y, velocity.X, velocity.Y, offset.Length, side == otherSide ? 1 : 0, nearest ? 1 : 0];
    }

    private static double[] Pair(Vector v) => [v.X, v.Y];
}
