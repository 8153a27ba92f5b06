using Arena.Validation.Creature;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Validation.Tests.Creature;

/// <summary>What holds whatever the creature does: left and right are alike, places do not matter.</summary>
public class MirrorTests
{
    private static Config Cases(int quick) => Config.QuickThrowOnFailure.WithMaxTest(TestSize.Of(quick, 20 * quick));

    [Fact]
    public void A_mirrored_creature_moves_mirrored() => Prop.ForAll(Gen.Choose(0, 1 << 20).ToArbitrary(), seed =>
    {
        string name = seed % 2 == 0 ? "ant" : "six-legs";
        CreatureModel model = ModelReader.Read(BehaviourTests.Text(name)), mirrored = Mirror(model);
        World world = World.AtRest(model, 0.05), image = World.AtRest(mirrored, 0.05);
        var random = new Random(seed);
        var settings = new PhysicsSettings();
        for (int tick = 0; tick < 8; tick++)
        {
            Vec3?[] targets = [.. model.Joints.Select(joint => (Vec3?)Between(joint, random))];
            Vec3?[] others = [.. targets.Select(target => (Vec3?)Pseudo(target!.Value))];
            for (int substep = 0; substep < 8; substep++)
            {
                Solver.Substep(world, targets, null, settings);
                Solver.Substep(image, others, null, settings);
            }
        }

        return world.Bodies.Zip(image.Bodies).All(pair =>
            (Flip(pair.First.Place) - pair.Second.Place).Length < 1e-7 && (Pseudo(pair.First.Spin) - pair.Second.Spin).Length < 1e-4);
    }).Check(Cases(6));

    [Fact]
    public void A_turned_and_moved_creature_moves_alike() => Prop.ForAll(Gen.Choose(0, 1 << 20).ToArbitrary(), seed =>
    {
        CreatureModel model = ModelReader.Read(BehaviourTests.Text("ant"));
        var random = new Random(seed);
        Mat3 turn = Mat3.AboutZ(7 * random.NextDouble());
        var by = new Vec3(3 * random.NextDouble(), -3 * random.NextDouble(), 0);
        World world = World.AtRest(model, 0.01), other = World.AtRest(model, 0.01);
        foreach (RigidBody body in other.Bodies) (body.Place, body.Turn) = (turn * body.Place + by, turn * body.Turn);
        var settings = new PhysicsSettings();
        for (int tick = 0; tick < 8; tick++)
        {
            Vec3?[] targets = [.. model.Joints.Select(joint => (Vec3?)Between(joint, random))];
            for (int substep = 0; substep < 8; substep++)
            {
                Solver.Substep(world, targets, null, settings);
                Solver.Substep(other, targets, null, settings);
            }
        }

        return world.Bodies.Zip(other.Bodies).All(pair => (turn * pair.First.Place + by - pair.Second.Place).Length < 1e-7);
    }).Check(Cases(6));

    private static Vec3 Between(JointModel joint, Random random)
    {
        double On(double low, double high) => low + (high - low) * random.NextDouble();
        return new Vec3(On(joint.Low.X, joint.High.X), On(joint.Low.Y, joint.High.Y), On(joint.Low.Z, joint.High.Z));
    }

    // Right and left exchanged: places flip, axes of rotation keep their y and flip the rest, frames keep right-handed by flipping their y.
    private static CreatureModel Mirror(CreatureModel model) => model with
    {
        Bodies = [.. model.Bodies.Select(body => body with { Rest = Flip(body.Rest), RestTurn = Mirror(body.RestTurn), Points = [.. body.Points.Select(Flip)] })],
        Joints =
        [
            .. model.Joints.Select(joint => joint with
            {
                ParentAnchor = Flip(joint.ParentAnchor),
                ChildAnchor = Flip(joint.ChildAnchor),
                ParentTurn = Mirror(joint.ParentTurn),
                ChildTurn = Mirror(joint.ChildTurn),
                Low = new Vec3(-joint.High.X, joint.Low.Y, -joint.High.Z),
                High = new Vec3(-joint.Low.X, joint.High.Y, -joint.Low.Z),
            }),
        ],
    };

    private static Vec3 Flip(Vec3 v) => v with { Y = -v.Y };

    private static Vec3 Pseudo(Vec3 v) => new(-v.X, v.Y, -v.Z);

    private static Mat3 Mirror(Mat3 m) => new(Flip(m.X), -Flip(m.Y), Flip(m.Z));
}
