using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;

namespace Arena.Kernels.Tests.Creature;

/// <summary>What a picture of a creature is made of.</summary>
public sealed class DrawingTests
{
    [Theory]
    [InlineData("ant", CreatureTask.Run)]
    [InlineData("six-legs", CreatureTask.Target)]
    [InlineData("hopper", CreatureTask.Dribble)]
    public void A_box_shows_three_faces_and_every_body_has_a_shadow_beneath(string skeleton, CreatureTask task)
    {
        using var herd = new Herd(new CreatureOptions { Skeleton = skeleton, Task = task, NumEnvs = 1 });
        for (int tick = 0; tick < 10; tick++) herd.Play(2);
        var scene = new Scene();
        herd.Environment.Draw(0, scene);
        int boxes = herd.Environment.Tables.Bodies.Count(body => body.Shape == (int)SkeletonShape.Box);
        Assert.Equal(3 * boxes, scene.Shapes.Count(shape => shape.Kind == ShapeKind.Face));
        int balls = task == CreatureTask.Dribble ? 1 : 0;
        Shape[] shadows = [.. scene.Shapes.Where(shape => shape.Kind == ShapeKind.Oval)];
        Assert.InRange(shadows.Length, herd.Environment.Tables.Bodies.Length, herd.Environment.Tables.Bodies.Length + balls);
        // Shadows lie under everything that stands.
        int lastShadow = scene.Shapes.ToList().FindLastIndex(shape => shape.Kind == ShapeKind.Oval);
        Assert.DoesNotContain(scene.Shapes.Take(lastShadow), shape => shape.Kind == ShapeKind.Face || (shape.Kind == ShapeKind.Disc && shape.Ink >= Ink.Hue0));
        Assert.True(scene.Sorted);
    }

    // A turned box still shows the faces that look at the camera: their middles are nearer than its own.
    [Fact]
    public void The_faces_are_those_that_look_at_the_camera()
    {
        using var herd = new Herd(new CreatureOptions { NumEnvs = 1 });
        var random = new System.Random(2);
        for (int run = 0; run < 20; run++)
        {
            float[] body = herd.Floats("body");
            double[] q = [.. Enumerable.Range(0, 4).Select(_ => 2 * random.NextDouble() - 1)];
            double length = Math.Sqrt(q.Sum(x => x * x));
            for (int i = 0; i < 4; i++) body[CreatureConstants.Orientation + i] = (float)(q[i] / length);
            herd.Put("body", body);
            var scene = new Scene();
            herd.Environment.Draw(0, scene);
            Shape[] faces = [.. scene.Shapes.Where(shape => shape.Kind == ShapeKind.Face)];
            Assert.Equal(3, faces.Length);
            // Three faces that meet in the corner nearest to the camera: the middles of all three are that corner minus two half edges each.
            double cornerX = faces.Sum(face => face.X), cornerY = faces.Sum(face => face.Y);
            double x = 0.70710678 * (body[0] + body[1]), y = 0.35355339 * (body[1] - body[0]) + 0.8660254 * body[2];
            foreach (Shape face in faces)
                Assert.Contains(face.Corners(), corner => Math.Abs(corner.X - (cornerX - 2 * x)) < 1e-4 && Math.Abs(corner.Y - (cornerY - 2 * y)) < 1e-4);
        }
    }
}
