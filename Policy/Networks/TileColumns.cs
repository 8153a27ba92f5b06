using System.Runtime.CompilerServices;

namespace Arena.Policy.Networks;

/// <summary>Adjacent columns of one row of a tile, held in registers.</summary>
internal unsafe interface ITileColumns<TSelf>
    where TSelf : unmanaged, ITileColumns<TSelf>
{
    /// <summary>Floats.</summary>
    static abstract int Width { get; }

    /// <summary>The floats at <paramref name="source"/>.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>scalar · <paramref name="row"/> + <paramref name="sum"/>, rounded once.</summary>
    static abstract TSelf MultiplyAdd(float scalar, TSelf row, TSelf sum);

    /// <summary>a + b.</summary>
    static abstract TSelf Add(TSelf a, TSelf b);

    /// <summary>Writes the floats to <paramref name="destination"/>.</summary>
    static abstract void Store(TSelf value, float* destination);
}

/// <summary>One register.</summary>
internal unsafe struct Single<TVector, TLanes> : ITileColumns<Single<TVector, TLanes>>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    private TVector a;

    public static int Width => TLanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Single<TVector, TLanes> Load(float* source) => new() { a = TLanes.Load(source) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Single<TVector, TLanes> MultiplyAdd(float scalar, Single<TVector, TLanes> row, Single<TVector, TLanes> sum) =>
        new() { a = TLanes.MultiplyAdd(row.a, TLanes.Broadcast(scalar), sum.a) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Single<TVector, TLanes> Add(Single<TVector, TLanes> a, Single<TVector, TLanes> b) =>
        new() { a = TLanes.Add(a.a, b.a) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Single<TVector, TLanes> value, float* destination) => TLanes.Store(value.a, destination);
}

/// <summary>Two registers.</summary>
internal unsafe struct Pair<TVector, TLanes> : ITileColumns<Pair<TVector, TLanes>>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    private TVector a;
    private TVector b;

    public static int Width => 2 * TLanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TVector, TLanes> Load(float* source) =>
        new() { a = TLanes.Load(source), b = TLanes.Load(source + TLanes.Count) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TVector, TLanes> MultiplyAdd(float scalar, Pair<TVector, TLanes> row, Pair<TVector, TLanes> sum)
    {
        TVector factor = TLanes.Broadcast(scalar);
        return new() { a = TLanes.MultiplyAdd(row.a, factor, sum.a), b = TLanes.MultiplyAdd(row.b, factor, sum.b) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TVector, TLanes> Add(Pair<TVector, TLanes> a, Pair<TVector, TLanes> b) =>
        new() { a = TLanes.Add(a.a, b.a), b = TLanes.Add(a.b, b.b) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Pair<TVector, TLanes> value, float* destination)
    {
        TLanes.Store(value.a, destination);
        TLanes.Store(value.b, destination + TLanes.Count);
    }
}

/// <summary>Four registers.</summary>
internal unsafe struct Quad<TVector, TLanes> : ITileColumns<Quad<TVector, TLanes>>
    where TVector : unmanaged
    where TLanes : struct, ILanes<TVector>
{
    private TVector a;
    private TVector b;
    private TVector c;
    private TVector d;

    public static int Width => 4 * TLanes.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TVector, TLanes> Load(float* source) => new()
    {
        a = TLanes.Load(source),
        b = TLanes.Load(source + TLanes.Count),
        c = TLanes.Load(source + 2 * TLanes.Count),
        d = TLanes.Load(source + 3 * TLanes.Count),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TVector, TLanes> MultiplyAdd(float scalar, Quad<TVector, TLanes> row, Quad<TVector, TLanes> sum)
    {
        TVector factor = TLanes.Broadcast(scalar);
        return new()
        {
            a = TLanes.MultiplyAdd(row.a, factor, sum.a),
            b = TLanes.MultiplyAdd(row.b, factor, sum.b),
            c = TLanes.MultiplyAdd(row.c, factor, sum.c),
            d = TLanes.MultiplyAdd(row.d, factor, sum.d),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad<TVector, TLanes> Add(Quad<TVector, TLanes> a, Quad<TVector, TLanes> b) =>
        new() { a = TLanes.Add(a.a, b.a), b = TLanes.Add(a.b, b.b), c = TLanes.Add(a.c, b.c), d = TLanes.Add(a.d, b.d) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Quad<TVector, TLanes> value, float* destination)
    {
        TLanes.Store(value.a, destination);
        TLanes.Store(value.b, destination + TLanes.Count);
        TLanes.Store(value.c, destination + 2 * TLanes.Count);
        TLanes.Store(value.d, destination + 3 * TLanes.Count);
    }
}
