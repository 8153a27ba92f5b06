namespace Arena.Tests.KernelScan;

/// <summary>What a kernel must not contain, since a GPU compiler rejects it or computes something else.</summary>
public enum Ban
{
    /// <summary>A device cannot throw.</summary>
    Throw,

    /// <summary>try, catch, finally.</summary>
    ExceptionHandler,

    /// <summary>new of a class.</summary>
    NewObject,

    /// <summary>new of an array.</summary>
    NewArray,

    /// <summary>A value boxed, unboxed or tested for its type.</summary>
    Box,

    /// <summary>stackalloc.</summary>
    StackAlloc,

    /// <summary>A string.</summary>
    StringLiteral,

    /// <summary>A virtual or interface call on something that is not a type argument.</summary>
    VirtualCall,

    /// <summary>A delegate or function pointer.</summary>
    FunctionPointer,

    /// <summary>A call to a library function that is not on the list of those every device computes alike.</summary>
    OutsideCall,

    /// <summary>MathF.Min, Max, CopySign: differ between CPU and GPU.</summary>
    LibraryMath,

    /// <summary>Math.*: double precision.</summary>
    DoubleMath,

    /// <summary>A static field that is not constant.</summary>
    StaticField,

    /// <summary>A lookup array in a static field or in the assembly's data.</summary>
    StaticTable,

    /// <summary>An element of an array.</summary>
    ArrayAccess,

    /// <summary>A bool in the arguments: 32 bits on a device.</summary>
    BoolField,

    /// <summary>/ or % by a constant power of two: compiled to a shift, which rounds down.</summary>
    PowerOfTwoDivision,

    /// <summary>Two float constants in a row with one operator: folded into one, which rounds differently.</summary>
    FoldedConstants,

    /// <summary>0f − x: compiled to a negation, which gives −0 for 0.</summary>
    NegationBySubtraction,

    /// <summary>x + 0f: compiled to x, which keeps −0.</summary>
    AddingZero,

    /// <summary>A conversion to nuint: taken for a conversion to a pointer, which cannot be computed with.</summary>
    NativeUnsigned,

    /// <summary>Interlocked.CompareExchange: a GPU compiler passes its arguments on in another order.</summary>
    CompareExchange,

    /// <summary>uint to float: goes through double.</summary>
    UintToFloat,

    /// <summary>A choice of integers converted to a float: compiled to a choice between the integers' bits.</summary>
    ConvertedChoice,

    /// <summary>Double precision.</summary>
    Double,
}

/// <summary>One offence.</summary>
/// <param name="Kernel">The kernel whose code reaches it.</param>
/// <param name="Method">The method it is in.</param>
/// <param name="Offset">Offset in that method's IL; −1 for declarations.</param>
/// <param name="Ban">Which rule.</param>
/// <param name="Reason">What it is and what to do instead.</param>
public sealed record Finding(string Kernel, string Method, int Offset, Ban Ban, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kernel}: {Method}{(Offset < 0 ? "" : $" at IL_{Offset:x4}")}: {Ban}: {Reason}";
}
