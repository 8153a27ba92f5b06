using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>Where one byte of an observation row goes among the planes of floats.</summary>
public struct PlaneSource
{
    /// <summary>The byte's offset in the row.</summary>
    public int Byte;

    /// <summary>n for a byte that holds one of n codes, 0 for an amount.</summary>
    public int Codes;

    /// <summary>Float of the row's planes for code 0, or for the amount.</summary>
    public int Target;

    /// <summary>Floats from one code's plane to the next.</summary>
    public int Stride;
}

/// <summary>Bytes to planes of floats: a code becomes a 1 in its own plane and 0 in the others of its channel, an amount value/255. One index per (row, source).</summary>
/// <remarks>For networks that read dense planes. A code that its channel does not have is in no plane, and is counted.</remarks>
public struct ExpandBytePlanes : IKernel
{
    /// <summary>(rows, Length) byte; in.</summary>
    public View<byte> Observations;

    /// <summary>(sources) what is read; in.</summary>
    public View<PlaneSource> Sources;

    /// <summary>(rows, Width) float: every element belongs to one source; out.</summary>
    public View<float> Planes;

    /// <summary>(<see cref="IllegalCodeField.Count"/>) int; in and out.</summary>
    public View<int> Illegal;

    /// <summary>Number of sources.</summary>
    public int SourceCount;

    /// <summary>O.</summary>
    public int Length;

    /// <summary>Floats per row.</summary>
    public int Width;

    /// <summary>Rows of the pass.</summary>
    public int Rows;

    /// <summary>1/255.</summary>
    public float Scale;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        int row = index / SourceCount;
        PlaneSource source = Sources[index - row * SourceCount];
        int value = Observations[(long)row * Length + source.Byte];
        long target = (long)row * Width + source.Target;
        if (source.Codes == 0)
        {
            Planes[target] = value * Scale;
            return;
        }

        for (int code = 0; code < source.Codes; code++) Planes[target + (long)code * source.Stride] = code == value ? 1f : 0f;
        if (value < source.Codes) return;
        DeviceAtomics.Add(ref Illegal[IllegalCodeField.Total], 1);
        DeviceAtomics.Max(ref Illegal[IllegalCodeField.RowsFromFirst], Rows - row);
    }
}

/// <summary>Remembers where the first illegal code of the first pass that had one was. One index, after <see cref="ExpandBytePlanes"/>.</summary>
public struct RememberIllegalCode : IKernel
{
    /// <summary>(rows, Length) byte; in.</summary>
    public View<byte> Observations;

    /// <summary>(sources) what is read; in.</summary>
    public View<PlaneSource> Sources;

    /// <summary>(<see cref="IllegalCodeField.Count"/>) int; in and out.</summary>
    public View<int> Illegal;

    /// <summary>Number of sources.</summary>
    public int SourceCount;

    /// <summary>O.</summary>
    public int Length;

    /// <summary>Rows of the pass.</summary>
    public int Rows;

    /// <inheritdoc/>
    public readonly void Run(int index)
    {
        int fromFirst = Illegal[IllegalCodeField.RowsFromFirst];
        if (fromFirst == 0) return;
        Illegal[IllegalCodeField.RowsFromFirst] = 0;
        if (Illegal[IllegalCodeField.Found] != 0) return;
        int row = Rows - fromFirst, first = Length;
        for (int i = 0; i < SourceCount; i++)
        {
            PlaneSource source = Sources[i];
            if (source.Codes > 0 && source.Byte < first && Observations[(long)row * Length + source.Byte] >= source.Codes) first = source.Byte;
        }

        Illegal[IllegalCodeField.Found] = 1;
        Illegal[IllegalCodeField.Row] = row;
        Illegal[IllegalCodeField.Byte] = first;
        Illegal[IllegalCodeField.Value] = Observations[(long)row * Length + first];
    }
}

/// <summary>Elements of the record of illegal codes; all zero at first.</summary>
public static class IllegalCodeField
{
    /// <summary>Illegal bytes so far.</summary>
    public const int Total = 0;

    /// <summary>Rows of the present pass less the lowest row with an illegal code; 0 = none. The largest wins, so zero needs no setting.</summary>
    public const int RowsFromFirst = 1;

    /// <summary>1 when the next three are set.</summary>
    public const int Found = 2;

    /// <summary>Row of the first one.</summary>
    public const int Row = 3;

    /// <summary>Its byte.</summary>
    public const int Byte = 4;

    /// <summary>What it held.</summary>
    public const int Value = 5;

    /// <summary>Elements.</summary>
    public const int Count = 6;
}
