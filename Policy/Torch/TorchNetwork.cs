using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>The forward pass of a network in torch operations; autograd differentiates it.</summary>
internal sealed class TorchNetwork : IDisposable
{
    private readonly NetworkSpec spec;
    private readonly IDevice device;
    private readonly Device torchDevice;
    private readonly TorchGridStem? grid;
    private readonly TorchEntityStem? entities;
    private readonly TorchEncoder encoder;
    private readonly TorchEncoder? criticEncoder;
    private readonly TorchCore? core;
    private readonly TorchLinear actor;
    private readonly TorchLinear critic;
    private readonly (Tensor Mean, Tensor Scale)? normaliser;

    internal TorchNetwork(NetworkSpec spec, TorchParameters parameters, bool rounded, IDevice device, Device torchDevice)
    {
        (this.spec, this.device, this.torchDevice) = (spec, device, torchDevice);
        if (spec.Stem is GridStem bytes) grid = new TorchGridStem(spec, bytes, parameters, rounded, device, torchDevice);
        if (spec.Stem is EntityStem records) entities = new TorchEntityStem(spec, records, parameters, rounded, torchDevice);
        if (spec.NormalizeObservations) normaliser = (parameters[Normalizer.MeanName], parameters[Normalizer.ScaleName]);
        encoder = new TorchEncoder(spec, parameters, "encoder", rounded);
        if (spec.SeparateCritic) criticEncoder = new TorchEncoder(spec, parameters, "critic.encoder", rounded);
        core = spec.Core switch
        {
            NetworkCore.Lstm => new TorchLstm(parameters, spec.CoreWidth, rounded),
            NetworkCore.MinGru => new TorchMinGru(parameters, spec.CoreWidth, rounded),
            _ => null,
        };
        actor = new TorchLinear(parameters["actor.weight"], parameters["actor.bias"], rounded);
        critic = new TorchLinear(parameters["critic.weight"], parameters["critic.bias"], rounded);
    }

    /// <summary>Distribution parameters (rows, L) and values (rows, 1); writes the next state.</summary>
    internal (Tensor Actor, Tensor Critic) Forward(in NetworkInput input)
    {
        Tensor x = Features(input);
        Tensor hidden = encoder.Apply(x);
        if (core is not null) hidden = Remember(hidden, input);
        return (actor.Apply(hidden), critic.Apply(criticEncoder?.Apply(x) ?? hidden));
    }

    /// <summary>What byte observations held that they must not.</summary>
    internal IllegalCodes TakeIllegalCodes() => grid?.TakeIllegalCodes() ?? default;

    /// <summary>(1) int: how many; empty for float observations.</summary>
    internal View<int> IllegalCodeCount => grid?.IllegalCodeCount ?? default;

    /// <summary>Releases what is not a parameter.</summary>
    public void Dispose()
    {
        grid?.Dispose();
        entities?.Dispose();
    }

    private Tensor Features(in NetworkInput input)
    {
        if (grid is not null) return grid.Features(input.ByteObservations, input.Rows);
        Tensor x = TorchMemory.Over(input.Observations, input.Rows, spec.Observations, torchDevice);
        if (entities is not null) return entities.Features(x);
        return normaliser is { } of ? ((x - of.Mean) * of.Scale).clamp(TorchScalars.LowerLimit, TorchScalars.UpperLimit) : x;
    }

    private Tensor Remember(Tensor x, in NetworkInput input)
    {
        // A copy: the caller may have the next state written over this one, which the backward pass still needs.
        Tensor state = TorchMemory.Over(input.State, input.Sequences, spec.StateSize, torchDevice).clone();
        (Tensor output, Tensor next) = core!.Apply(x, state, Starts(input), input.Slots);
        if (input.NextState.Length > 0) TorchMemory.Over(input.NextState, input.Sequences, spec.StateSize, torchDevice).copy_(next.detach());
        return output;
    }

    private Tensor? Starts(in NetworkInput input)
    {
        if (input.EpisodeStart.Length == 0) return null;
        Tensor marks = empty(input.Slots, input.Sequences, 1, dtype: ScalarType.Float32, device: torchDevice);
        device.Launch(new StartMarks { EpisodeStart = input.EpisodeStart, Marks = TorchMemory.ViewOf(marks), Sequences = input.Sequences, Slots = input.Slots }, input.Rows);
        return marks.ne(TorchScalars.Zero);
    }
}
