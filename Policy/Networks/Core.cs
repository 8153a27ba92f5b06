namespace Arena.Policy.Networks;

/// <summary>The memory of a network: what happens between the sums of its gates and the heads, slot after slot.</summary>
/// <remarks>
/// H is its width, H' that rounded up to <see cref="Gemm.ColumnBlock"/>. The gates of a row are (gates, H') floats. The backward pass runs through time over
/// the kept forward: the gradient by the state stops at slot 0 of the pass and at every first slot of an episode, where the state was zeroed.
/// </remarks>
internal unsafe struct Core
{
    internal NetworkCore Kind;

    /// <summary>H.</summary>
    internal int Width;

    /// <summary>H'.</summary>
    internal int Columns;

    /// <summary>Gates: 4 of an LSTM, 2 of a MinGRU.</summary>
    internal int Gates;

    /// <summary>From the state to the gates; LSTM only.</summary>
    internal Linear Recurrent;

    /// <summary>Kept (MaxRows, H'): the output, and the state entering each slot after any reset; the cell and its tanh of an LSTM only.</summary>
    internal float* Hidden;
    internal float* EnteringHidden;
    internal float* EnteringCell;
    internal float* CellTanh;

    /// <summary>
    /// Per chunk, (RowBlock, H'): the state between slots in the forward pass, the gradient by it in the backward pass; the cell of an LSTM only.
    /// </summary>
    internal float* CarriedHidden;
    internal float* CarriedCell;

    /// <summary>Reads the caller's state for the sequences of a block; zero where there is none.</summary>
    internal readonly void Enter(in PassInput input, in Stretch stretch)
    {
        if (Kind == NetworkCore.None) return;
        ClearCarriedGradient(stretch.Chunk);
        if (input.State == null) return;
        for (int sequence = 0; sequence < stretch.Sequences; sequence++)
        {
            float* state = input.State + (stretch.FirstSequence + sequence) * (nint)StateLength;
            Copy(state, CarriedRow(CarriedHidden, stretch.Chunk, sequence));
            if (Kind == NetworkCore.Lstm) Copy(state + Width, CarriedRow(CarriedCell, stretch.Chunk, sequence));
        }
    }

    /// <summary>Writes the state after the last slot to the caller, who may not want it.</summary>
    internal readonly void Leave(in PassInput input, in Stretch stretch)
    {
        if (Kind == NetworkCore.None || input.NextState == null) return;
        for (int sequence = 0; sequence < stretch.Sequences; sequence++)
        {
            float* state = input.NextState + (stretch.FirstSequence + sequence) * (nint)StateLength;
            Copy(CarriedRow(CarriedHidden, stretch.Chunk, sequence), state);
            if (Kind == NetworkCore.Lstm) Copy(CarriedRow(CarriedCell, stretch.Chunk, sequence), state + Width);
        }
    }

    /// <summary>Output (rows, H') of the sums <paramref name="gates"/> (rows, gates·H'), which become the gates themselves.</summary>
    /// <param name="scratch">(RowBlock, H') for the output of a pass that keeps nothing.</param>
    internal readonly float* Forward<TVector, TLanes>(in PassInput input, in Stretch stretch, float* gates, bool keep, float* scratch)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* output = keep ? Hidden + (nint)stretch.Position * Columns : scratch;
        float* hidden = CarriedRow(CarriedHidden, stretch.Chunk, 0), cell = CarriedRow(CarriedCell, stretch.Chunk, 0);
        long count = (long)stretch.Sequences * Columns;
        for (int slot = 0; slot < stretch.Slots; slot++)
        {
            ClearStarts(input, stretch, slot);
            nint row = slot * stretch.Sequences, kept = (stretch.Position + row) * Columns;
            float* sums = gates + row * Gates * Columns;
            if (keep) Copy(hidden, EnteringHidden + kept, count);
            if (Kind == NetworkCore.Lstm)
            {
                if (keep) Copy(cell, EnteringCell + kept, count);
                Recurrent.AddForward<TVector, TLanes>(hidden, Columns, stretch.Sequences, sums);
                Lstm.Forward<TVector, TLanes>(sums, cell, hidden, keep ? CellTanh + kept : null, stretch.Sequences, Columns);
            }
            else
            {
                MinGru.Forward<TVector, TLanes>(sums, hidden, stretch.Sequences, Columns);
            }

            Copy(hidden, output + row * Columns, count);
        }

        return output;
    }

    /// <summary>Gradient (rows, gates·H') by the sums of the gates, in the chunk's scratch; adds that of the recurrent weights to its partial sums.</summary>
    /// <param name="gates">As the forward pass left them.</param>
    /// <param name="gradient">(rows, H') by the output.</param>
    internal readonly float* Backward<TVector, TLanes>(
        in PassInput input, in Stretch stretch, float* gates, float* gradient, float* partials, bool first, in NetworkPlan plan)
        where TVector : unmanaged
        where TLanes : struct, ILanes<TVector>
    {
        float* sums = plan.CoreScratch(stretch.Chunk);
        float* hidden = CarriedRow(CarriedHidden, stretch.Chunk, 0), cell = CarriedRow(CarriedCell, stretch.Chunk, 0);
        for (int slot = stretch.Slots - 1; slot >= 0; slot--)
        {
            nint row = slot * stretch.Sequences, kept = (stretch.Position + row) * Columns, gate = row * Gates * Columns;
            float* byOutput = gradient + row * Columns;
            if (Kind == NetworkCore.Lstm)
            {
                var values = new LstmGradient { Gates = gates + gate, EnteringCell = EnteringCell + kept, CellTanh = CellTanh + kept };
                values.Backward<TVector, TLanes>(byOutput, hidden, cell, sums + gate, stretch.Sequences, Columns);
                // Nobody asks for the gradient by the state that entered slot 0.
                if (stretch.FirstSlot + slot > 0) Recurrent.InputGradient<TVector, TLanes>(sums + gate, stretch.Sequences, hidden, plan.Zeros);
            }
            else
            {
                MinGru.Backward<TVector, TLanes>(gates + gate, EnteringHidden + kept, byOutput, hidden, sums + gate, stretch.Sequences, Columns);
            }

            ClearStarts(input, stretch, slot);
        }

        if (Kind == NetworkCore.Lstm)
        {
            float* entering = EnteringHidden + (nint)stretch.Position * Columns;
            Recurrent.ParameterGradient<TVector, TLanes>(entering, Columns, sums, stretch.Rows, partials, first, plan.Zeros, plan.One);
        }

        return sums;
    }

    /// <summary>Nothing comes from behind the last slot.</summary>
    internal readonly void ClearCarriedGradient(int chunk)
    {
        if (Kind == NetworkCore.None) return;
        new Span<float>(CarriedRow(CarriedHidden, chunk, 0), NetworkPlan.RowBlock * Columns).Clear();
        if (Kind == NetworkCore.Lstm) new Span<float>(CarriedRow(CarriedCell, chunk, 0), NetworkPlan.RowBlock * Columns).Clear();
    }

    // No state crosses into a first slot, and no gradient back out of one.
    private readonly void ClearStarts(in PassInput input, in Stretch stretch, int slot)
    {
        if (input.EpisodeStart == null) return;
        for (int sequence = 0; sequence < stretch.Sequences; sequence++)
        {
            if (!input.Starts(stretch.FirstSequence + sequence, stretch.FirstSlot + slot, stretch.AllSlots)) continue;
            new Span<float>(CarriedRow(CarriedHidden, stretch.Chunk, sequence), Columns).Clear();
            if (Kind == NetworkCore.Lstm) new Span<float>(CarriedRow(CarriedCell, stretch.Chunk, sequence), Columns).Clear();
        }
    }

    private readonly int StateLength => Kind == NetworkCore.Lstm ? 2 * Width : Width;

    private readonly float* CarriedRow(float* carried, int chunk, int row) => carried + ((nint)chunk * NetworkPlan.RowBlock + row) * Columns;

    private readonly void Copy(float* source, float* destination) => Copy(source, destination, Width);

    private static void Copy(float* source, float* destination, long count) =>
        new ReadOnlySpan<float>(source, (int)count).CopyTo(new Span<float>(destination, (int)count));
}
