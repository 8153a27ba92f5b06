using Arena.Tests.KernelScan;

namespace Arena.Kernels.Tests.KernelScan;

/// <summary>What a GPU compiler would get wrong, found in the IL without a GPU.</summary>
public class KernelScanTests
{
    public static TheoryData<string> KernelNames => [.. Shipped.Select(type => type.ToString())];

    public static TheoryData<string, Ban> Offenders { get; } = new()
    {
        { nameof(PlantedThrow), Ban.Throw },
        { nameof(PlantedThrowTwoCallsDeep), Ban.Throw },
        { nameof(PlantedTry), Ban.ExceptionHandler },
        { nameof(PlantedNewObject), Ban.NewObject },
        { nameof(PlantedNewArray), Ban.NewArray },
        { nameof(PlantedNewArray), Ban.ArrayAccess },
        { nameof(PlantedBox), Ban.Box },
        { nameof(PlantedStackAlloc), Ban.StackAlloc },
        { nameof(PlantedString), Ban.StringLiteral },
        { nameof(PlantedDelegate), Ban.FunctionPointer },
        { nameof(PlantedBitCast), Ban.OutsideCall },
        { nameof(PlantedMutableStatic), Ban.StaticField },
        { nameof(PlantedStaticTable), Ban.StaticTable },
        { nameof(PlantedDataTable), Ban.StaticTable },
        { nameof(PlantedBoolField), Ban.BoolField },
        { nameof(PlantedBoolInside), Ban.BoolField },
        { nameof(PlantedBoolView), Ban.BoolField },
        { nameof(PlantedPhased), Ban.OutsideCall },
        { nameof(PlantedInterfaceCall), Ban.VirtualCall },
        { nameof(PlantedMathFMin), Ban.LibraryMath },
        { nameof(PlantedMathFMax), Ban.LibraryMath },
        { nameof(PlantedCopySign), Ban.LibraryMath },
        { nameof(PlantedExponential), Ban.LibraryMath },
        { nameof(PlantedMath), Ban.DoubleMath },
        { nameof(PlantedIntDivision), Ban.PowerOfTwoDivision },
        { nameof(PlantedUintDivision), Ban.PowerOfTwoDivision },
        { nameof(PlantedIntRemainder), Ban.PowerOfTwoDivision },
        { nameof(PlantedUintRemainder), Ban.PowerOfTwoDivision },
        { "PlantedInGeneric`1", Ban.PowerOfTwoDivision },
        { nameof(PlantedTwoSums), Ban.FoldedConstants },
        { nameof(PlantedTwoProducts), Ban.FoldedConstants },
        { nameof(PlantedTwoDifferences), Ban.FoldedConstants },
        { nameof(PlantedConstantInFront), Ban.FoldedConstants },
        { nameof(PlantedConstantThroughLocal), Ban.FoldedConstants },
        { nameof(PlantedNegation), Ban.NegationBySubtraction },
        { nameof(PlantedAddingZero), Ban.AddingZero },
        { nameof(PlantedNativeUnsigned), Ban.NativeUnsigned },
        { nameof(PlantedCompareExchange), Ban.CompareExchange },
        { nameof(PlantedUintToFloat), Ban.UintToFloat },
        { nameof(PlantedChoice), Ban.ConvertedChoice },
        { nameof(PlantedTruth), Ban.ConvertedChoice },
        { nameof(PlantedDouble), Ban.Double },
        { nameof(PlantedDoubleConstant), Ban.Double },
    };

    private static IEnumerable<Type> Shipped => KernelTypes.Of(typeof(Kernels.Device.IKernel).Assembly);

    [Theory]
    [MemberData(nameof(KernelNames))]
    public void A_shipped_kernel_contains_nothing_a_gpu_gets_wrong(string name)
    {
        Type kernel = Shipped.First(type => type.ToString() == name);
        IReadOnlyList<Finding> findings = KernelScanner.Scan(kernel);
        Assert.True(findings.Count == 0, string.Join(Environment.NewLine, findings));
    }

    [Theory]
    [MemberData(nameof(Offenders))]
    public void A_planted_offence_is_caught(string name, Ban ban)
    {
        Type kernel = KernelTypes.Of(typeof(PlantedThrow).Assembly).First(type => type.Name == name);
        IReadOnlyList<Finding> findings = KernelScanner.Scan(kernel);
        Finding? caught = findings.FirstOrDefault(finding => finding.Ban == ban);
        Assert.True(caught is not null, $"{name} should be caught for {ban}; found only: {string.Join("; ", findings)}");
        Assert.Contains(name, caught.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_ban_has_a_planted_offence()
    {
        Ban[] planted = [.. Offenders.Select(row => (Ban)row[1]).Distinct().Order()];
        Assert.Equal(Enum.GetValues<Ban>(), planted);
    }

    [Fact]
    public void What_kernels_may_do_is_not_reported()
    {
        Type[] harmless = [typeof(HarmlessArithmetic), typeof(HarmlessPhased<Kernels.Device.DeviceAtomics>), typeof(HarmlessPhased<Kernels.Device.OwnedAtomics>)];
        Finding[] findings = [.. harmless.SelectMany(KernelScanner.Scan)];
        Assert.True(findings.Length == 0, string.Join(Environment.NewLine, findings.AsEnumerable()));
    }

    [Fact]
    public void Calls_on_type_arguments_are_followed_to_their_implementation()
    {
        Finding[] findings = [.. KernelScanner.Scan(typeof(PlantedInGeneric<ThrowingAtomics>))];
        Assert.Contains(findings, finding => finding.Ban == Ban.Throw && finding.Method.Contains(nameof(ThrowingAtomics), StringComparison.Ordinal));
    }

    private readonly struct ThrowingAtomics : Kernels.Device.IAtomics
    {
        public static void Add(ref int target, int value) => throw new InvalidOperationException();

        public static void Count(ref int target, int flag) => target += flag;

        public static void Min(ref int target, int value) => target = value;

        public static void Max(ref int target, int value) => target = value;

        public static void And(ref int target, int value) => target &= value;

        public static void Or(ref int target, int value) => target |= value;
    }
}
