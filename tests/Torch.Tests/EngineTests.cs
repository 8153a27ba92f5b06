using Arena.Kernels.Device;
using Arena.Policy.Networks;
using Arena.Policy.Tests.Networks;
using Arena.Policy.Tests.Networks.Stems;
using Arena.Policy.Torch;
using Arena.Tests;

namespace Arena.Torch.Tests;

/// <summary>The torch engine in the built-in engine's own cases: against the double-precision reference.</summary>
public class EngineTests
{
    internal static INetworkEngine Torch(IDevice device, NetworkSpec spec, int rows) => new TorchEngine(device, spec, rows);

    [Fact]
    public void Outputs_and_every_gradient_agree_with_the_reference()
    {
        for (int seed = 0; seed < TestSize.Of(24, 400); seed++)
        {
            (NetworkSpec spec, int rows) = EngineCase.RandomShape(seed);
            using var engineCase = new EngineCase(spec, rows, seed, create: Torch);
            engineCase.Run();
            Assert.Null(EngineCheck.FirstDifference(engineCase, engineCase.Reference(), Absolute(spec)));
        }
    }

    [Fact]
    public void So_do_networks_with_memory_and_everything_else()
    {
        for (int seed = 0; seed < TestSize.Of(48, 1_000); seed++)
        {
            (NetworkSpec spec, int sequences, int slots) = EngineCase.RandomNetwork(seed);
            using var engineCase = new EngineCase(spec, sequences, seed, slots: slots, create: Torch);
            engineCase.Run();
            Assert.Null(EngineCheck.FirstDifference(engineCase, engineCase.Reference(), Absolute(spec)));
        }
    }

    [Fact]
    public void Grids_agree_with_dense_one_hot_planes()
    {
        for (int seed = 0; seed < TestSize.Of(16, 600); seed++) Agrees(StemShapes.RandomGrid(seed), seed);
        Agrees((StemShapes.Moba, 4), 1);
        Agrees((StemShapes.Snake, 6), 1);
    }

    [Fact]
    public void Entities_agree_with_the_reference()
    {
        for (int seed = 0; seed < TestSize.Of(16, 600); seed++) Agrees(StemShapes.RandomEntities(seed), seed);
        Agrees((StemShapes.Soccer(heads: 0), 30), 1);
        Agrees((StemShapes.Soccer(heads: 4), 30), 1);
    }

    // Torch differentiates a layer norm as a·dy + b·x + c: where a layer is one feature wide, the true gradient is 0, and the terms
    // cancel to their rounding times 1/√1e-5 = 316.
    private static double Absolute(NetworkSpec spec) => spec.LayerNorm && spec.Hidden.Contains(1) ? 1e-4 : 1e-6;

    private static void Agrees((NetworkSpec Spec, int Rows) shape, int seed)
    {
        using var stemCase = new StemCase(shape.Spec, shape.Rows, seed, create: Torch);
        stemCase.Run();
        Assert.Null(stemCase.FirstDifference());
    }
}
