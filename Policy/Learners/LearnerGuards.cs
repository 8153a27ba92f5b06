using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.Policy.Learners;

/// <summary>What is checked around an update: the rollout before anything is learned from it, the weights after.</summary>
internal sealed class LearnerGuards : IDisposable
{
    private readonly INetworkEngine engine;
    private readonly RolloutBuffers rollout;
    private readonly NonFiniteGuard before;
    private readonly NonFiniteGuard after;
    private readonly uint[] errors;
    private readonly int[] emptyHeads;
    private readonly int[] finalCounts;

    internal LearnerGuards(IDevice device, INetworkEngine engine, RolloutBuffers rollout)
    {
        this.engine = engine;
        this.rollout = rollout;
        errors = new uint[rollout.Rows];
        emptyHeads = new int[rollout.EmptyHeads is null ? 0 : rollout.Rows];
        finalCounts = new int[rollout.Rows];
        int width = rollout.Spec.Observation.Length;
        before = new NonFiniteGuard(device, capacity: 9);
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
        after = new NonFiniteGuard(device, capacity: 2);
        after.Add("gradient", engine.Gradients, Parameter);
        after.Add("weight", engine.Weights, Parameter);
    }

    /// <summary>Rows with an error in the rollout last checked.</summary>
    internal int ErrorRows { get; private set; }

    /// <summary>Before learning: everything finite, every action played as it was meant.</summary>
    internal void CheckRollout(long update)
    {
        before.Check(update);
        rollout.Errors.Read(errors);
        ErrorRows = errors.Length - errors.AsSpan().Count(0u);
        int bad = errors.AsSpan().IndexOfAnyExcept(0u);
        if (bad >= 0)
            throw new InvalidOperationException($"update {update}, {Row(bad)}: {ErrorCode.Describe(errors[bad])}. This is a fault of game or learner, not of the settings.");
        rollout.FinalCounts.Read(finalCounts);
        int often = finalCounts.AsSpan().IndexOfAnyInRange(rollout.Finals + 1, int.MaxValue);
        if (often >= 0)
            throw new InvalidOperationException(
                $"update {update}, {Row(often)}: the clock ended {finalCounts[often]} episodes within {rollout.Horizon} slots, but an episode of '{rollout.Spec.Game}' lasts " +
                $"{rollout.Spec.TruncationSpacing} ticks unless the rules end it. This is a fault of the game's clock.");
        if (engine.TakeIllegalCodes() is { Count: > 0 } illegal)
            throw new InvalidOperationException(
                $"update {update}, {Row(illegal.Row)}: observation byte {illegal.Position} holds code {illegal.Value}, which its channel does not have " +
                $"({illegal.Count:N0} such bytes in all). This is a fault of the game's observations or of what it says about them.");
        rollout.EmptyHeads?.Read(emptyHeads);
        int empty = emptyHeads.AsSpan().IndexOfAnyExcept(0);
        if (empty >= 0)
            throw new InvalidOperationException(
                $"update {update}, {Row(empty)}: head '{rollout.Spec.Action.Discrete[emptyHeads[empty] - 1].Name}' had no legal choice. This is a fault of the game's action masks.");
    }

    /// <summary>After learning; <paramref name="step"/> is the first optimiser step that was left out, or −1.</summary>
    internal void CheckResult(long update, int step)
    {
        after.Check(update);
        if (step >= 0)
            throw new NonFiniteTensorException(
                $"update {update}: first non-finite tensor is gradient (norm of optimiser step {step} of the update; the step was left out). Nothing was written: the last checkpoint is good.",
                "gradient", update);
    }

    /// <summary>Returns the memory.</summary>
    public void Dispose()
    {
        before.Dispose();
        after.Dispose();
    }

    private string SlotAndRow(long index) => $"slot {index / rollout.Rows}, {Row(index % rollout.Rows)}";

    private string Row(long row) => $"row {row}, match {rollout.FirstMatch + row / rollout.Spec.AgentsPerMatch}";

    private string Parameter(long index)
    {
        ParameterTensor tensor = engine.Parameters.Tensors.Last(candidate => candidate.Offset <= index);
        return $"{tensor.Name}[{index - tensor.Offset}]";
    }
}
