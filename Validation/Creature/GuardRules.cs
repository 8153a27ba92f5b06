using Arena.Kernels.Environments.Creature;

namespace Arena.Validation.Creature;

/// <summary>The test of every tick that the simulation still makes sense.</summary>
internal static class GuardRules
{
    private const double FarthestPlace = 64, FarthestBall = 1024, FastestMove = 100, FastestSpin = 1000, WidestJoint = 0.3;

    /// <summary>Which test fails first: a <see cref="CreatureGuard"/>. Not-a-number fails.</summary>
    public static int Check(World world)
    {
        RigidBody[] all = world.Ball is { } ball ? [.. world.Bodies, ball] : world.Bodies;
        bool Any(Func<RigidBody, bool> fails) => Array.Exists(all, body => fails(body));
        if (Any(body => !(body.Place.Largest <= (body == world.Ball ? FarthestBall : FarthestPlace)))) return CreatureGuard.Position;
        if (Any(body => !(body.Turn.X.IsFinite && body.Turn.Y.IsFinite && body.Turn.Z.IsFinite))) return CreatureGuard.Orientation;
        if (Any(body => !(body.Velocity.Length <= FastestMove))) return CreatureGuard.Velocity;
        if (Any(body => !(body.Spin.Length <= FastestSpin))) return CreatureGuard.Spin;
        if (world.Model.Joints.Any(joint => !(world.Separation(joint) <= WidestJoint))) return CreatureGuard.Separation;
        return CreatureGuard.None;
    }

    /// <summary>Flags a state so near a bound that rounding decides.</summary>
    public static void Margins(World world, SubstepTrace trace)
    {
        const double Near = 1e-4;
        bool At(double value, double bound) => Math.Abs(value / bound - 1) < Near;
        if (world.Bodies.Any(body => At(body.Place.Length, FarthestPlace) || At(body.Velocity.Length, FastestMove) || At(body.Spin.Length, FastestSpin))
            || world.Model.Joints.Any(joint => At(world.Separation(joint), WidestJoint)))
            trace.Flag("the guard's bound is met within rounding");
    }
}
