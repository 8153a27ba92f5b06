using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>What is checked around an update: the rollout before anything is learned from it, the weights after.</summary>
/// <remarks>
/// The device looks before and after learning, and learns nothing from what it finds wrong; the host judges once, when the numbers of the update have come.
/// </remarks>
internal sealed unsafe class LearnerGuards : IDisposable
{
    private readonly IDevice device;
    private readonly INetworkEngine engine;
    private readonly RolloutBuffers rollout;
    private readonly NonFiniteGuard before;
    private readonly NonFiniteGuard after;
    // Numbers of the columns of integers in the first guard.
    private readonly int errors;
    private readonly int finalCounts;
    private readonly int emptyHeads = -1;
    private readonly MetricsPlace<int>? illegalCodes; // null where the engine counts them on the host

    internal LearnerGuards(IDevice device, INetworkEngine engine, RolloutBuffers rollout)
    {
        (this.device, this.engine, this.rollout) = (device, engine, rollout);
        int width = rollout.Spec.Observation.Length;
        before = new NonFiniteGuard(device, rollout.Metrics, capacity: 12);
        before.Add("weight", engine.Weights, Parameter);
        if (rollout.Observations is { } observations)
            before.Add("observation", observations.View, index => $"{SlotAndRow(index / width)}, element {index % width}");
        if (rollout.FinalObservations is { } finals)
            before.Add("final observation", finals.View, index => $"{Row(index / width / rollout.Finals)}, element {index % width}");
        if (rollout.States is { } states)
            before.Add("recurrent state", states.View, index => $"{Row(index / rollout.StateSize)}, element {index % rollout.StateSize}");
        before.Add("log-prob", rollout.LogProbs.View, SlotAndRow);
        before.Add("value", rollout.Values.View, SlotAndRow);
        before.Add("final value", rollout.FinalValues.View, index => Row(index / rollout.Finals));
        before.Add("reward", rollout.Rewards.View, SlotAndRow);
        before.Add("advantage", rollout.Advantages.View, SlotAndRow);
        errors = before.Add(new View<int>((int*)rollout.Errors.View.Pointer, rollout.Errors.Length), 0, 0); // any bit set is an error
        finalCounts = before.Add(rollout.FinalCounts.View, int.MinValue, rollout.Finals);
        if (rollout.EmptyHeads is { } heads) emptyHeads = before.Add(heads.View, 0, 0);
        after = new NonFiniteGuard(device, rollout.Metrics, capacity: 2);
        if (engine.IllegalCodeCount.Length > 0) illegalCodes = rollout.Metrics.Take<int>(1);
        after.Add("gradient", engine.Gradients, Parameter);
        after.Add("weight", engine.Weights, Parameter);
    }

    /// <summary>(1) long on the device: −1 unless something in the rollout is wrong.</summary>
    internal View<long> Veto => before.Veto;

    /// <summary>Before learning.</summary>
    internal void LookAtRollout() => before.Look();

    /// <summary>After learning.</summary>
    internal void LookAtResult()
    {
        after.Look();
        if (illegalCodes is not null) device.Launch(new CopyIntegers { Source = engine.IllegalCodeCount, Destination = illegalCodes.View }, 1);
    }

    /// <summary>Once the block has been read: was everything in the rollout finite, and every action played as it was meant?</summary>
    internal void CheckRollout(long update)
    {
        before.Check(update);
        if (before.FirstOutside(errors) is >= 0 and var bad)
            throw new InvalidOperationException($"update {update}, {Row(bad)}: {ErrorCode.Describe(At(rollout.Errors, bad))}. This is a fault of game or learner, not of the settings.");
        if (before.FirstOutside(finalCounts) is >= 0 and var often)
            throw new InvalidOperationException(
                $"update {update}, {Row(often)}: the clock ended {At(rollout.FinalCounts, often)} episodes within {rollout.Horizon} slots, but an episode of '{rollout.Spec.Game}' lasts " +
                $"{rollout.Spec.TruncationSpacing} ticks unless the rules end it. This is a fault of the game's clock.");
        if ((illegalCodes is null || illegalCodes.Host[0] > 0) && engine.TakeIllegalCodes() is { Count: > 0 } illegal)
            throw new InvalidOperationException(
                $"update {update}, {Row(illegal.Row)}: observation byte {illegal.Position} holds code {illegal.Value}, which its channel does not have " +
                $"({illegal.Count:N0} such bytes in all). This is a fault of the game's observations or of what it says about them.");
        if (emptyHeads >= 0 && before.FirstOutside(emptyHeads) is >= 0 and var empty)
            throw new InvalidOperationException(
                $"update {update}, {Row(empty)}: head '{rollout.Spec.Action.Discrete[At(rollout.EmptyHeads!, empty) - 1].Name}' had no legal choice. This is a fault of the game's action masks.");
    }

    /// <summary>The same for what was learned; <paramref name="step"/> is the first optimiser step that was left out, or −1.</summary>
    internal void CheckResult(long update, int step)
    {
        after.Check(update);
        if (step >= 0)
            throw new NonFiniteTensorException(
                $"update {update}: first non-finite tensor is gradient (norm of optimiser step {step} of the update; the step was left out). Nothing of this update was written: policies and checkpoints on the disk, if there are any, are from before it.",
                "gradient", update);
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose()
    {
        before.Dispose();
        after.Dispose();
    }

    // One element; read where something is wrong alone.
    private T At<T>(DeviceBuffer<T> buffer, long index)
        where T : unmanaged
    {
        var value = new T[1];
        device.CopyToHost(buffer.View.Slice(index, 1), value);
        return value[0];
    }

    private string SlotAndRow(long index) => $"slot {index / rollout.Rows}, {Row(index % rollout.Rows)}";

    private string Row(long row) => $"row {row}, match {rollout.FirstMatch + row / rollout.Spec.AgentsPerMatch}";

    private string Parameter(long index)
    {
        ParameterTensor tensor = engine.Parameters.Tensors.Last(candidate => candidate.Offset <= index);
        return $"{tensor.Name}[{index - tensor.Offset}]";
    }
}
