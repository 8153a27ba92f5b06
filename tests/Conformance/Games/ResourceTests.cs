using Arena.Conformance.Support;
using Arena.Kernels.Environments;
using Arena.Validation.Conformance;

namespace Arena.Conformance.Games;

/// <summary>Memory, allocations and drawings.</summary>
public class ResourceTests
{
    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_step_allocates_nothing_and_copies_nothing(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(3, seed: 71);
        for (int tick = 0; tick < 3; tick++) StepAll(batch);
        long copied = batch.Device.TransferredBytes;
        long allocated = Allocations.Fewest(() =>
        {
            for (int tick = 0; tick < 100; tick++) StepAll(batch);
        });
        Assert.True(allocated == 0, $"{batch.Here(0)}: {allocated} managed bytes in 100 ticks");
        Assert.Equal(copied, batch.Device.TransferredBytes);
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void All_device_memory_is_returned(string game, string preset)
    {
        var batch = Cases.Of(game, preset).Batch(3, seed: 72);
        batch.Play();
        Assert.True(batch.Device.AllocatedBytes > 0);
        batch.Dispose();
        Assert.Equal(0, batch.Device.AllocatedBytes);
    }

    [Theory]
    [MemberData(nameof(Cases.All), MemberType = typeof(Cases))]
    public void A_drawing_stays_inside_its_bounds(string game, string preset)
    {
        using var batch = Cases.Of(game, preset).Batch(3, seed: 73);
        var scene = new Scene();
        for (int tick = 0; tick < 40; tick++)
        {
            scene.Clear();
            batch.Environment.Draw(tick % 3, scene);
            (float minX, float minY, float maxX, float maxY) = scene.Bounds;
            Assert.True(minX < maxX && minY < maxY, $"{batch.Here(tick % 3)}: bounds {scene.Bounds}");
            Assert.NotEmpty(scene.Shapes);
            Assert.NotEmpty(scene.Caption);
            foreach (Shape shape in scene.Shapes)
            {
                bool line = shape.Kind is ShapeKind.Line or ShapeKind.Rectangle, patch = shape.Kind is ShapeKind.Face or ShapeKind.Oval;
                bool inside = Within(shape.X, minX, maxX) && Within(shape.Y, minY, maxY) && (!line || (Within(shape.X2, minX, maxX) && Within(shape.Y2, minY, maxY)))
                    && (!patch || shape.Corners().All(corner => Within(corner.X, minX, maxX) && Within(corner.Y, minY, maxY)));
                Assert.True(inside && (line || patch || shape.Radius > 0f), $"{batch.Here(tick % 3)}: {shape} is outside {scene.Bounds}");
                Assert.True(shape.Label is null or { Length: 1 or 2 }, $"{batch.Here(tick % 3)}: label '{shape.Label}'");
            }

            batch.Play();
        }

        static bool Within(float value, float low, float high) => value >= low - 1e-4f && value <= high + 1e-4f;
    }

    private static void StepAll(GameBatch batch)
    {
        batch.Controllers.View.AsSpan().Fill(1);
        batch.Environment.Act(batch.Controllers.View, batch.Views);
        batch.Environment.Step(batch.Views);
        batch.Environment.Observe(batch.Views);
    }
}
