namespace Arena.Policy.Networks;

/// <summary>One byte of a window: where it lies, and which rows of the table belong to it.</summary>
/// <remarks>
/// A code κ of n uses row <see cref="Row"/> + κ; row <see cref="Row"/> + n is zero and stands for every illegal code. An amount uses row <see cref="Row"/>,
/// scaled by value / 255.
/// </remarks>
internal struct TableEntry
{
    /// <summary>Bytes from the window's first byte.</summary>
    internal int Offset;

    internal int Row;
}
