using System.Collections.Concurrent;
using Arena.Kernels.Environments.Creature;
using Arena.Kernels.Random;

namespace Arena.Validation.Creature;

/// <summary>How an episode begins.</summary>
internal static class StartRules
{
    private const double Raised = 0.005, StartSpeed = 0.1;

    /// <summary>Ticks with zero action before the first episode.</summary>
    public const int SettlingTicks = 50;

    private static readonly ConcurrentDictionary<(string Skeleton, int Substeps), World> Settled = new();

    /// <summary>The rest pose raised by 5 mm after 50 ticks of zero action on flat ground; without those ticks where the creature cannot stand them.</summary>
    public static World Settle(string skeleton, int substeps) => Settled.GetOrAdd((skeleton, substeps), key =>
    {
        World world = World.AtRest(ModelReader.Read(key.Skeleton), Raised);
        if (!Stand(world, new PhysicsSettings { Substeps = key.Substeps })) world = World.AtRest(world.Model, Raised);

        // The torso stands over the origin.
        Vec3 over = world.Bodies[0].Place with { Z = 0 };
        foreach (RigidBody body in world.Bodies) body.Place -= over;
        return world;
    }).Copy();

    // Whether the creature stands all the ticks of settling.
    private static bool Stand(World world, PhysicsSettings settings)
    {
        CreatureModel model = world.Model;
        var wanted = new Vec3[model.Joints.Count];
        for (int tick = 0; tick < SettlingTicks; tick++)
        {
            wanted = ActionRules.Targets(world, new double[model.Actions], wanted, 1);
            for (int substep = 0; substep < settings.Substeps; substep++)
            {
                SubstepTrace trace = Solver.Substep(world, ActionRules.Driven(model, wanted), null, settings);
                if (trace.Contacts.Any(contact => contact.Normal > 0 && model.Bodies[contact.Body].Fatal)) return false;
            }

            if (GuardRules.Check(world) != CreatureGuard.None) return false;
        }

        return true;
    }

    /// <summary>The state in which an episode begins.</summary>
    public static Snapshot Episode(CreatureOptions options, World settled, IReadOnlyList<BumpTable>? bumps, ulong seed, int match, int episode)
    {
        UInt4 Draw(uint slot, uint purpose) => Philox.Draw(seed, (uint)match, (uint)episode, 0, slot, purpose);
        World world = settled.Copy();
        bool planar = world.Model.Planar;
        UInt4 draw = Draw(CreaturePurpose.PoseSlot, CreaturePurpose.Start);
        double yaw = planar ? 0 : 2 * Math.PI * Philox.Uniform(draw.X);
        var velocity = new Vec3(StartSpeed * Philox.Symmetric(draw.Y), planar ? 0 : StartSpeed * Philox.Symmetric(draw.Z), 0);
        int table = (int)(Draw(0, CreaturePurpose.Bumps).X % CreatureBumps.Tables);
        Mat3 turn = Mat3.AboutZ(yaw);
        Vec3 root = world.Bodies[0].Place;
        double raise = bumps is null ? 0 : bumps[table].HighestAround(turn * root);
        foreach (RigidBody body in world.Bodies)
        {
            (body.Place, body.Turn) = (turn * body.Place + new Vec3(0, 0, raise), turn * body.Turn);
            (body.Velocity, body.Spin) = (velocity, Vec3.Zero);
        }

        var state = new Snapshot
        {
            World = world,
            Origin = (0, 0),
            Goal = default,
            Gate = default,
            Command = 0,
            Task = options.Task,
            Level = options.Level,
            Distances = new double[3],
            Wanted = new Vec3[world.Model.Joints.Count],
            Actions = [.. Enumerable.Range(0, Math.Max(CreatureConstants.MinKeptActions, options.PreviousActions)).Select(_ => new double[world.Model.Actions])],
            Feet = new double[2 * world.Model.Feet.Count],
            Heading = new Flat(1, 0).Turned(yaw),
            Bumps = table,
            Tick = 0,
            Episode = episode,
            Statistics = new double[CreatureStatistic.Count],
            StartYaw = yaw,
        };
        return TaskRules.Begin(state, options, bumps?[table], Draw(CreaturePurpose.TaskSlot, CreaturePurpose.Start));
    }
}
