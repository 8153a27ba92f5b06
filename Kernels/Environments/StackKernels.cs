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
public struct StackFloats : IRangeKernel
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
    public readonly void Run(int row) => Play(row, new StackedRow<float>(Stacked, Shape, row));

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        for (int row = begin; row < end; row++) Play(row, new StackedBlock<float>(Stacked, Shape, row));
    }

    private readonly void Play<TRow>(int row, TRow stack)
        where TRow : struct, IStackedRow<float>
    {
        bool kept = StackPhases.Keeps(Views, row, Phase, Views.FinalObservations.Length), begins = StackPhases.Begins(Views, row, Phase);
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

    private readonly void PutAction<TRow>(TRow stack, int row)
        where TRow : struct, IStackedRow<float>
    {
        int at = Shape.FirstAction;
        for (int i = 0; i < Shape.Components; i++) stack[at++] = PlayedAction.Component(Views, Shape, row, i);
        for (int head = 0; head < Shape.Heads; head++)
            for (int i = 0; i < HeadSizes[head]; i++) stack[at++] = PlayedAction.Chosen(Views, Shape, row, head, i) ? 1f : 0f;
    }
}

/// <summary>The same for rows of bytes: a choice is 255, and a component's −1..1 becomes 1..255. One index per agent row.</summary>
public struct StackBytes : IRangeKernel
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
    public readonly void Run(int row) => Play(row, new StackedRow<byte>(Stacked, Shape, row));

    /// <inheritdoc/>
    public readonly void RunRange(int begin, int end)
    {
        for (int row = begin; row < end; row++) Play(row, new StackedBlock<byte>(Stacked, Shape, row));
    }

    private readonly void Play<TRow>(int row, TRow stack)
        where TRow : struct, IStackedRow<byte>
    {
        bool kept = StackPhases.Keeps(Views, row, Phase, Views.FinalByteObservations.Length), begins = StackPhases.Begins(Views, row, Phase);
        if (kept || (Phase == StackPhase.Step && !begins))
        {
            stack.Shift();
            if (Shape.Actions > 0) PutAction(stack, row);
        }

        if (kept) stack.Show(Last, Views.FinalByteObservations, row);
        if (begins) stack.Forget();
        stack.Show(Present, Views.ByteObservations, row);
    }

    private readonly void PutAction<TRow>(TRow stack, int row)
        where TRow : struct, IStackedRow<byte>
    {
        int at = Shape.FirstAction;
        // + ½ rounds; the 1 keeps 0 free for "no action yet".
        for (int i = 0; i < Shape.Components; i++) stack[at++] = (byte)(int)(127f * PlayedAction.Component(Views, Shape, row, i) + 128.5f);
        for (int head = 0; head < Shape.Heads; head++)
            for (int i = 0; i < HeadSizes[head]; i++) stack[at++] = (byte)(PlayedAction.Chosen(Views, Shape, row, head, i) ? 255 : 0);
    }
}

/// <summary>When a row begins, and when its last observation is kept.</summary>
internal static class StackPhases
{
    /// <summary>Does the row show the first observation of an episode?</summary>
    internal static bool Begins(in StepViews views, int row, StackPhase phase) =>
        phase == StackPhase.Begin || (phase == StackPhase.Step && views.EpisodeStart[row] != 0);

    /// <summary>Did the clock end the row's episode, so that its last observation is wanted?</summary>
    internal static bool Keeps(in StepViews views, int row, StackPhase phase, long finals) =>
        phase == StackPhase.Step && finals > 0 && views.Truncated[row] != 0;
}

/// <summary>One agent's part of the column of stacked rows.</summary>
internal interface IStackedRow<T>
    where T : unmanaged
{
    /// <summary>An element of the row.</summary>
    ref T this[int element] { get; }

    /// <summary>Makes everything one tick older; the places of the present frame and the last action are to be written.</summary>
    void Shift();

    /// <summary>Zeroes everything.</summary>
    void Forget();

    /// <summary>Takes <paramref name="frame"/>'s row as the present one, and copies the whole row out where it is wanted.</summary>
    void Show(View<T> frame, View<T> to, int row);
}

/// <summary>A row in any layout, element by element.</summary>
internal readonly struct StackedRow<T> : IStackedRow<T>
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

    /// <inheritdoc/>
    public ref T this[int element] => ref match[first + element];

    /// <inheritdoc/>
    public void Shift()
    {
        for (int i = shape.FirstAction - 1; i >= shape.Frame; i--) match[first + i] = match[first + i - shape.Frame]; // oldest first
        for (int i = shape.Length - 1; i >= shape.FirstAction + shape.Action; i--) match[first + i] = match[first + i - shape.Action];
    }

    /// <inheritdoc/>
    public void Forget()
    {
        for (int i = 0; i < shape.Length; i++) match[first + i] = default;
    }

    /// <inheritdoc/>
    public void Show(View<T> frame, View<T> to, int row)
    {
        for (int i = 0; i < shape.Frame; i++) match[first + i] = frame[(long)row * shape.Frame + i];
        if (to.Length == 0) return;
        for (int i = 0; i < shape.Length; i++) to[(long)row * shape.Length + i] = match[first + i];
    }
}

/// <summary>A row in the CPU's layout, where a match's slots are contiguous: blocks of memory.</summary>
internal readonly unsafe struct StackedBlock<T> : IStackedRow<T>
    where T : unmanaged
{
    private readonly View<T> block;
    private readonly StackShape shape;

    internal StackedBlock(Column<T> stacked, in StackShape shape, int row)
    {
        int env = row / shape.AgentsPerMatch;
        block = stacked.ContiguousOf(env).Slice((row - env * shape.AgentsPerMatch) * shape.Length, shape.Length);
        this.shape = shape;
    }

    /// <inheritdoc/>
    public ref T this[int element] => ref block[element];

    /// <inheritdoc/>
    public void Shift()
    {
        Span<T> frames = block.AsSpan()[..shape.FirstAction], actions = block.AsSpan()[shape.FirstAction..];
        frames[..^shape.Frame].CopyTo(frames[shape.Frame..]); // overlapping ranges are copied as if by way of a buffer
        if (shape.Actions > 0) actions[..^shape.Action].CopyTo(actions[shape.Action..]);
    }

    /// <inheritdoc/>
    public void Forget() => block.AsSpan().Clear();

    /// <inheritdoc/>
    public void Show(View<T> frame, View<T> to, int row)
    {
        frame.Slice((long)row * shape.Frame, shape.Frame).AsSpan().CopyTo(block.AsSpan());
        if (to.Length > 0) block.AsSpan().CopyTo(to.Slice((long)row * shape.Length, shape.Length).AsSpan());
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
