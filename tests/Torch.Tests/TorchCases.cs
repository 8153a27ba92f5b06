using Arena.HostApi.Training;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.Torch.Tests;

/// <summary>Networks of the product, and the same random batch for two engines.</summary>
internal static class TorchCases
{
    /// <summary>Every network by name on a game that it fits, and every registered game's own.</summary>
    internal static IEnumerable<(string Name, NetworkSpec Spec)> Networks()
    {
        foreach (NetworkPreset preset in NetworkPreset.All) yield return (preset.Name, preset.Apply(new TrainingPlan()).Network(GameFor(preset.Name)));
        foreach (IGame game in Registry.Games)
        {
            TrainingPlan plan = TrainingPlan.For(game);
            yield return ($"default of {game.Name}", plan.Network(game.Describe(game.Training.Options)));
        }

        IGame soccer = Registry.Find("soccer");
        yield return ("attention", new TrainingPlan { Stem = StemChoice.Attention, LayerNorm = true, Activation = Activation.Gelu, Core = NetworkCore.MinGru }.Network(EntitiesOf(soccer)));
        yield return ("normalised", new TrainingPlan { NormalizeObservations = true, LayerNorm = true, StateDependentStd = true, Core = NetworkCore.Lstm }.Network(soccer.Describe(soccer.DefaultOptions)));
    }

    private static EnvironmentSpec GameFor(string preset)
    {
        IGame game = Registry.Find(preset[..preset.IndexOf('-', StringComparison.Ordinal)]);
        return preset.EndsWith("-entity", StringComparison.Ordinal) || preset.EndsWith("-entities", StringComparison.Ordinal) ? EntitiesOf(game) : game.Describe(game.DefaultOptions);
    }

    private static EnvironmentSpec EntitiesOf(IGame game) => game.Describe(Settings.With(game.DefaultOptions, "observation", "entities"));
}

/// <summary>Buffers of one batch: observations, starts, states, output gradients; and the outputs of whoever ran last.</summary>
internal sealed class TorchBatch : IDisposable
{
    private readonly CpuDevice device;
    private readonly List<IDisposable> owned = [];

    internal TorchBatch(CpuDevice device, NetworkSpec spec, int sequences, int slots, int seed)
    {
        this.device = device;
        (Spec, Sequences, Slots) = (spec, sequences, slots);
        var random = new Random(seed);
        Floats = Take<float>(Rows * spec.Observations);
        Bytes = Take<byte>(Rows * spec.Observations);
        Starts = Take<byte>(Rows);
        State = Take<float>(Math.Max(1, sequences * spec.StateSize));
        NextState = Take<float>(State.Length);
        Outputs = Take<float>(Rows * spec.Outputs);
        OutputGradients = Take<float>(Rows * spec.Outputs);
        Fill(Floats, random, 1f);
        Fill(State, random, 1f);
        Fill(OutputGradients, random, 1f / Rows);
        foreach (ref byte start in Starts.View.AsSpan()) start = (byte)(random.Next(5) == 0 ? 1 : 0);
        if (spec.Stem is EntityStem entities) FillPresence(entities, random);
        if (spec.Stem is GridStem grid) FillBytes(grid, random);
    }

    internal NetworkSpec Spec { get; }

    internal int Sequences { get; }

    internal int Slots { get; }

    internal int Rows => Sequences * Slots;

    internal DeviceBuffer<float> Floats { get; }

    internal DeviceBuffer<byte> Bytes { get; }

    internal DeviceBuffer<byte> Starts { get; }

    internal DeviceBuffer<float> State { get; }

    internal DeviceBuffer<float> NextState { get; }

    internal DeviceBuffer<float> Outputs { get; }

    internal DeviceBuffer<float> OutputGradients { get; }

    internal NetworkInput Input => new()
    {
        Observations = Spec.ByteObservations ? default : Floats.View,
        ByteObservations = Spec.ByteObservations ? Bytes.View : default,
        EpisodeStart = Starts.View,
        State = State.View,
        NextState = NextState.View,
        Sequences = Sequences,
        Slots = Slots,
    };

    /// <summary>Forward and backward into zeroed gradients; copies of outputs, next state and gradients.</summary>
    internal (float[] Outputs, float[] NextState, float[] Gradients) Run(INetworkEngine engine)
    {
        engine.Forward(Input, Outputs.View, keepActivations: true);
        engine.Gradients.AsSpan().Clear();
        engine.Backward(OutputGradients.View, Rows);
        return (Outputs.ToArray(), NextState.ToArray(), engine.Gradients.AsSpan().ToArray());
    }

    public void Dispose() => owned.ForEach(buffer => buffer.Dispose());

    private DeviceBuffer<T> Take<T>(long length)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = device.Allocate<T>(length, "batch");
        owned.Add(buffer);
        return buffer;
    }

    private void FillPresence(EntityStem stem, Random random)
    {
        for (int row = 0; row < Rows; row++)
            foreach (EntityGroup group in stem.Groups)
                for (int end = 1; end <= group.Count; end++)
                    Floats.View[row * Spec.Observations + group.Offset + end * group.RecordLength - 1] = random.Next(3) == 0 ? 0f : 1f;
    }

    private void FillBytes(GridStem stem, Random random)
    {
        random.NextBytes(Bytes.View.AsSpan());
        for (int row = 0; row < Rows; row++)
        {
            Span<byte> one = Bytes.View.AsSpan().Slice(row * Spec.Observations, Spec.Observations);
            foreach (ByteField field in stem.Fields)
                if (field.Codes > 0) one[field.Offset] = (byte)random.Next(field.Codes);
            if (stem.Grid is not { } grid) continue;
            for (int at = 0; at < grid.Rows * grid.Columns * grid.Channels.Count; at++)
            {
                int codes = grid.Channels[at % grid.Channels.Count].Codes;
                if (codes > 0) one[grid.Offset + at] = (byte)random.Next(codes);
            }
        }
    }

    private static void Fill(DeviceBuffer<float> buffer, Random random, float size)
    {
        foreach (ref float value in buffer.View.AsSpan()) value = size * (2f * random.NextSingle() - 1f);
    }
}
