using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>What happens to the rows of a stacked environment.</summary>
public enum StackPhase
{
    /// <summary>A reset: every row begins.</summary>
    Begin,

    /// <summary>A tick: rows shift, or begin where an episode does.</summary>
    Step,

    /// <summary>The present frame is written again, and nothing shifts.</summary>
    Show,
}

/// <summary>Shifts stacked rows of floats and shows them. One index per agent row, which owns its part of the column.</summary>
public struct StackFloats : IKernel
{
    /// <summary>Where things stand.</summary>
    public StackShape Shape;

    /// <summary>Buffers of the step: actions and ends are read, stacked observations written.</summary>
    public StepViews Views;

    /// <summary>(H) int; in.</summary>
    public View<int> HeadSizes;

    /// <summary>(N, O) float from the environment; in.</summary>
    public View<float> Present;

    /// <summary>(N, O) float from the environment, of truncated rows; in.</summary>
    public View<float> Last;

    /// <summary>(E, A·Length) float: rows as they were last shown; in and out.</summary>
    public Column<float> Stacked;

    /// <summary>What happens.</summary>
    public StackPhase Phase;

    /// <inheritdoc/>
    public void Run(int row)
    {
        var stack = new StackedRow<float>(Stacked, Shape, row);
        bool kept = StackedRow<float>.Keeps(Views, row, Phase, Views.FinalObservations.Length), begins = StackedRow<float>.Begins(Views, row, Phase);
        if (kept || (Phase == StackPhase.Step && !begins))
        {
            stack.Shift();
            if (Shape.Actions > 0) PutAction(stack, row);
        }

        // The last observation joins the row's own past, before that is forgotten.
        if (kept) stack.Show(Last, Views.FinalObservations, row);
        if (begins) stack.Forget();
        stack.Show(Present, Views.Observations, row);
    }

    private void PutAction(in StackedRow<float> stack, int row)
    {
        int at = Shape.FirstAction;
        for (int i = 0; i < Shape.Components; i++) stack[at++] = PlayedAction.Component(Views, Shape, row, i);
        for (int head = 0; head < Shape.Heads; head++)
            for (int i = 0; i < HeadSizes[head]; i++) stack[at++] = PlayedAction.Chosen(Views, Shape, row, head, i) ? 1f : 0f;
    }
}

/// <summary>The same for rows of bytes: a choice is 255, and a component's −1..1 becomes 1..255. One index per agent row.</summary>
public struct StackBytes : IKernel
{
    /// <summary>Where things stand.</summary>
    public StackShape Shape;

    /// <summary>Buffers of the step: actions and ends are read, stacked observations written.</summary>
    public StepViews Views;

    /// <summary>(H) int; in.</summary>
    public View<int> HeadSizes;

    /// <summary>(N, O) byte from the environment; in.</summary>
    public View<byte> Present;

    /// <summary>(N, O) byte from the environment, of truncated rows; in.</summary>
    public View<byte> Last;

    /// <summary>(E, A·Length) byte: rows as they were last shown; in and out.</summary>
    public Column<byte> Stacked;

    /// <summary>What happens.</summary>
    public StackPhase Phase;

    /// <inheritdoc/>
    public void Run(int row)
    {
        var stack = new StackedRow<byte>(Stacked, Shape, row);
        bool kept = StackedRow<byte>.Keeps(Views, row, Phase, Views.FinalByteObservations.Length), begins = StackedRow<byte>.Begins(Views, row, Phase);
        if (kept || (Phase == StackPhase.Step && !begins))
        {
            stack.Shift();
            if (Shape.Actions > 0) PutAction(stack, row);
        }

        if (kept) stack.Show(Last, Views.FinalByteObservations, row);
        if (begins) stack.Forget();
        stack.Show(Present, Views.ByteObservations, row);
    }

    private void PutAction(in StackedRow<byte> stack, int row)
    {
        int at = Shape.FirstAction;
        // + ½ rounds; the 1 keeps 0 free for "no action yet".
        for (int i = 0; i < Shape.Components; i++) stack[at++] = (byte)(int)(127f * PlayedAction.Component(Views, Shape, row, i) + 128.5f);
        for (int head = 0; head < Shape.Heads; head++)
            for (int i = 0; i < HeadSizes[head]; i++) stack[at++] = (byte)(PlayedAction.Chosen(Views, Shape, row, head, i) ? 255 : 0);
    }
}

/// <summary>One agent's part of the column of stacked rows.</summary>
internal readonly struct StackedRow<T>
    where T : unmanaged
{
    private readonly MatchSlots<T> match;
    private readonly StackShape shape;
    private readonly int first;

    internal StackedRow(Column<T> stacked, in StackShape shape, int row)
    {
        int env = row / shape.AgentsPerMatch;
        match = stacked.Of(env);
        this.shape = shape;
        first = (row - env * shape.AgentsPerMatch) * shape.Length;
    }

    internal ref T this[int element] => ref match[first + element];

    /// <summary>Does the row show the first observation of an episode?</summary>
    internal static bool Begins(in StepViews views, int row, StackPhase phase) =>
        phase == StackPhase.Begin || (phase == StackPhase.Step && views.EpisodeStart[row] != 0);

    /// <summary>Did the clock end the row's episode, so that its last observation is wanted?</summary>
    internal static bool Keeps(in StepViews views, int row, StackPhase phase, long finals) =>
        phase == StackPhase.Step && finals > 0 && views.Truncated[row] != 0;

    /// <summary>Makes everything one tick older, oldest first; the places of the present frame and the last action are to be written.</summary>
    internal void Shift()
    {
        for (int i = shape.FirstAction - 1; i >= shape.Frame; i--) match[first + i] = match[first + i - shape.Frame];
        for (int i = shape.Length - 1; i >= shape.FirstAction + shape.Action; i--) match[first + i] = match[first + i - shape.Action];
    }

    /// <summary>Zeroes everything.</summary>
    internal void Forget()
    {
        for (int i = 0; i < shape.Length; i++) match[first + i] = default;
    }

    /// <summary>Takes <paramref name="frame"/>'s row as the present one, and copies the whole row out where it is wanted.</summary>
    internal void Show(View<T> frame, View<T> to, int row)
    {
        for (int i = 0; i < shape.Frame; i++) match[first + i] = frame[(long)row * shape.Frame + i];
        if (to.Length == 0) return;
        for (int i = 0; i < shape.Length; i++) to[(long)row * shape.Length + i] = match[first + i];
    }
}

/// <summary>The action of a row as a stacked observation shows it; bad ones show as nothing.</summary>
internal static class PlayedAction
{
    /// <summary>A continuous component in [−1, 1]; 0 where it is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float Component(in StepViews views, in StackShape shape, int row, int component)
    {
        float value = views.ContinuousActions[(long)row * shape.Components + component];
        return Scalar.IsFinite(value) ? Scalar.Clamp(value, -1f, 1f) : 0f;
    }

    /// <summary>Did the row choose <paramref name="choice"/> of a head?</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Chosen(in StepViews views, in StackShape shape, int row, int head, int choice) =>
        views.DiscreteActions[(long)row * shape.Heads + head] == choice;
}
