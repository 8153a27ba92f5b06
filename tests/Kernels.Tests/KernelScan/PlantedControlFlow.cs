using Arena.Kernels.Device;

namespace Arena.Kernels.Tests.KernelScan;

// One offence each, for the scanner to catch: what a device cannot do at all.
#pragma warning disable CA1822, IDE0059

public struct PlantedThrow : IKernel
{
    public View<int> Values;

    public void Run(int index)
    {
        if (Values[index] < 0) throw new InvalidOperationException();
    }
}

public struct PlantedThrowTwoCallsDeep : IKernel
{
    public View<int> Values;

    public void Run(int index) => Values[index] = First(Values[index]);

    private static int First(int value) => Second<int>(value) + 1;

    private static int Second<T>(int value) => value >= 0 ? value : throw new InvalidOperationException(typeof(T).Name);
}

public struct PlantedTry : IKernel
{
    public View<int> Values;

    public void Run(int index)
    {
        try
        {
            Values[index] = 1;
        }
        finally
        {
            Values[index] += 1;
        }
    }
}

public struct PlantedNewObject : IKernel
{
    public View<int> Values;

    public void Run(int index) => Values[index] = new Version(1, index).Minor;
}

public struct PlantedNewArray : IKernel
{
    public View<int> Values;

    public void Run(int index)
    {
        var scratch = new int[4];
        scratch[index & 3] = index;
        Values[index] = scratch[0];
    }
}

public struct PlantedBox : IKernel
{
    public View<int> Values;

    public void Run(int index)
    {
        object boxed = index;
        Values[index] = boxed.Equals(3) ? 1 : 0;
    }
}

public struct PlantedStackAlloc : IKernel
{
    public View<int> Values;

    public unsafe void Run(int index)
    {
        int* scratch = stackalloc int[4];
        scratch[index & 3] = index;
        Values[index] = scratch[0];
    }
}

public struct PlantedString : IKernel
{
    public View<int> Values;

    public void Run(int index) => Values[index] = "length".Length;
}

public struct PlantedDelegate : IKernel
{
    public View<int> Values;

    public void Run(int index)
    {
        Func<int, int> twice = value => 2 * value;
        Values[index] = twice(index);
    }
}

public struct PlantedBitCast : IKernel
{
    public View<int> Values;

    public void Run(int index) => Values[index] = BitConverter.SingleToInt32Bits(index);
}

public struct PlantedMutableStatic : IKernel
{
    public static int Calls;

    public View<int> Values;

    public void Run(int index) => Values[index] = ++Calls;
}

public struct PlantedStaticTable : IKernel
{
    private static readonly int[] Table = [3, 1, 4];

    public View<int> Values;

    public void Run(int index) => Values[index] = Table[index];
}

public struct PlantedDataTable : IKernel
{
    private static ReadOnlySpan<byte> Table => [3, 1, 4, 1, 5];

    public View<int> Values;

    public void Run(int index) => Values[index] = Table[index];
}

public struct PlantedBoolField : IKernel
{
    public View<int> Values;
    public bool Twice;

    public void Run(int index) => Values[index] = Twice ? 2 : 1;
}

public struct PlantedBoolInside : IKernel
{
    public Inner Arguments;

    public void Run(int index) => Arguments.Values[index] = 1;

    public struct Inner
    {
        public View<int> Values;
        public bool Unused;
    }
}

public struct PlantedBoolView : IKernel
{
    public Column<bool> Flags;

    public void Run(int index) => Flags[index, 0] = true;
}

public struct PlantedPhased : IPhasedKernel
{
    public View<int> Values;

    public int PhaseCount => 1;

    public void Run(int phase, int group, int lane) => Values[group] = Values.AsSpan()[lane];
}

public struct PlantedInterfaceCall : IKernel
{
    private static readonly IComparer<int> Order = Comparer<int>.Default;

    public View<int> Values;

    public void Run(int index) => Values[index] = Order.Compare(index, 3);
}
