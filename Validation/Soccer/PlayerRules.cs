using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>Steps 1 to 3 of a tick: what players do to themselves and to each other.</summary>
internal static class PlayerRules
{
    /// <summary>Step 1: v ← v + (a·PlayerAcceleration − v·PlayerDrag)·dt, limited to the top speed.</summary>
    public static ImmutableArray<Body> Accelerate(Pitch pitch, ImmutableArray<Body> players, IReadOnlyList<PlayerAction> actions) =>
        [.. players.Select((player, agent) =>
        {
            Vector move = Pitch.Turn(actions[agent].Move, pitch.SideOf(agent));
            Vector acceleration = move * pitch.Physics.PlayerAcceleration - player.Velocity * pitch.Physics.PlayerDrag;
            return player with { Velocity = (player.Velocity + acceleration * pitch.TimeStep).LimitedTo(pitch.Physics.PlayerMaxSpeed) };
        })];

    /// <summary>Step 2: p ← p + v·dt, kept within the pitch and its apron.</summary>
    public static ImmutableArray<Body> Move(Pitch pitch, ImmutableArray<Body> players, Margins margins) =>
        [.. players.Select((player, agent) =>
        {
            Body moved = player with { Position = player.Position + player.Velocity * pitch.TimeStep };
            margins.Moved(agent, moved);
            return WithinBounds(pitch, moved, margins);
        })];

    /// <summary>Step 3: overlapping players push and bounce apart; every pair reads the same positions and velocities.</summary>
    public static ImmutableArray<Body> Collide(Pitch pitch, ImmutableArray<Body> players, Margins margins)
    {
        Correction?[] corrections = [.. players.Select((_, agent) => Corrections(pitch, players, agent, margins))];
        return [.. players.Select((player, agent) =>
        {
            if (corrections[agent] is not { } correction) return player;
            margins.Contact(agent, correction.PositionError, correction.VelocityError);
            var pushed = new Body(
                player.Position + correction.Position,
                (player.Velocity + correction.Velocity).LimitedTo(pitch.Physics.PlayerMaxSpeed));
            return WithinBounds(pitch, pushed, margins);
        })];
    }

    /// <summary>Beyond a bound, the position becomes the bound and a velocity that points outward becomes 0.</summary>
    private static Body WithinBounds(Pitch pitch, Body player, Margins margins)
    {
        (double x, double velocityX) = WithinBound(pitch, player.Position.X, player.Velocity.X, pitch.HalfLength + SoccerConstants.Apron, margins);
        (double y, double velocityY) = WithinBound(pitch, player.Position.Y, player.Velocity.Y, pitch.HalfWidth + SoccerConstants.Apron, margins);
        return new Body(new Vector(x, y), new Vector(velocityX, velocityY));
    }

    private static (double Position, double Velocity) WithinBound(Pitch pitch, double position, double velocity, double bound, Margins margins)
    {
        double outward = velocity * Math.Sign(position);
        if (outward > 1e-6 * pitch.Physics.PlayerMaxSpeed)
            margins.Threshold(Math.Abs(position) - bound, margins.Hair, "a player runs to the very edge of his bounds");
        if (Math.Abs(position) <= bound) return (position, velocity);
        return (Math.CopySign(bound, position), outward > 0 ? 0 : velocity);
    }

    // What all pairs of one player add up to.
    private static Correction? Corrections(Pitch pitch, ImmutableArray<Body> players, int agent, Margins margins)
    {
        var pairs = new SortedDictionary<int, Correction>();
        for (int other = 0; other < players.Length; other++)
            if (other != agent && OfPair(pitch, players, agent, other, margins) is { } pair) pairs[other] = pair;
        if (pairs.Count == 0) return null;
        return new Correction(
            pitch.Sum(pairs.Keys, other => pairs[other].Position),
            pitch.Sum(pairs.Keys, other => pairs[other].Velocity),
            pairs.Values.Sum(pair => pair.PositionError),
            pairs.Values.Sum(pair => pair.VelocityError));
    }

    private static Correction? OfPair(Pitch pitch, ImmutableArray<Body> players, int agent, int other, Margins margins)
    {
        Vector offset = players[agent].Position - players[other].Position;
        Vector relative = players[agent].Velocity - players[other].Velocity;
        double distance = offset.Length;
        double error = margins.OffsetError(agent, other);
        double bounce = (1 + (double)pitch.Physics.PlayerRestitution) / 2;

        // Touching softly is continuous: only a bounce that shows makes the exact distance matter.
        double approachNow = distance > 0 ? -Vector.Dot(relative, offset) / distance : 0;
        if (approachNow * bounce > 1e-6 * pitch.Physics.PlayerMaxSpeed)
            margins.Threshold(distance - pitch.PlayerContact, margins.Near(agent, other), "two players just touch, or just do not");
        if (distance >= pitch.PlayerContact) return null;
        margins.Separation(distance, "two players stand in the same place");

        bool concentric = distance < SoccerConstants.MinSeparation;
        if (concentric && pitch.SideOf(agent) != pitch.SideOf(other)) return null;
        Vector normal = concentric ? Pitch.Turn(new Vector(agent < other ? 1 : -1, 0), pitch.SideOf(agent)) : offset / distance;
        double depth = pitch.PlayerContact - (concentric ? 0 : distance);
        double separating = Vector.Dot(relative, normal);
        return new Correction(
            normal * (depth / 2),
            separating < 0 ? normal * (-separating * bounce) : Vector.Zero,
            concentric ? 0 : error / 2 + depth / 2 * error / distance,
            concentric || separating >= 0 ? 0 : bounce * relative.Length * error / distance);
    }

    /// <summary>What contact changes in one player, with the likely errors of both parts.</summary>
    private sealed record Correction(Vector Position, Vector Velocity, double PositionError, double VelocityError);
}
