using Arena.HostApi.GpuCheck;
using Arena.Kernels.Device;
using Arena.Kernels.Device.Cuda;
using Arena.Kernels.Environments;
using Arena.Kernels.Learning;
using Arena.Tests;

namespace Arena.Cuda.Tests.Compiled;

/// <summary>The whole device, but for the GPU: kernels are compiled, packed, launched, and their PTX is run on this machine.</summary>
public sealed class EmulatedDeviceTests : IDisposable
{
    private readonly EmulatedDriver driver = new();
    private readonly CpuDevice cpu = new(new CpuDeviceOptions { Threads = 1 });
    private readonly CudaDevice device;

    public EmulatedDeviceTests() => device = new CudaDevice(driver, KernelCompilers.Create());

    public void Dispose()
    {
        device.Dispose();
        cpu.Dispose();
        driver.Dispose();
    }

    public static TheoryData<string> Games => [.. Registry.Games.Select(game => game.Name)];

    private CheckContext Context => new(cpu, device, new CheckPlan { Matches = TestSize.Of(37, 130), GameSeconds = 3600, Ticks = TestSize.Of(40, 4096), Operands = TestSize.Of(1024, 1 << 16) }, CancellationToken.None);

    [Theory]
    [MemberData(nameof(Games))]
    public void A_game_is_the_same_on_both_devices_bit_by_bit(string name) => Passes(GameCheck.RunGame(Context, Registry.Find(name)));

    [Fact]
    public void Arithmetic_is_the_same_bit_by_bit() => Passes(ArithmeticCheck.Run(Context));

    [Fact]
    public void Learning_kernels_agree() => Passes(LearningCheck.Run(Context));

    [Fact]
    public void Playing_copies_nothing() => Passes(DeviceChecks.NoCopies(Context with { Plan = CheckPlan.Rehearsal }));

    [Fact]
    public void Every_kernel_loads() => Passes(DeviceChecks.Kernels(Context));

    [Fact]
    public void One_wrong_instruction_is_noticed()
    {
        driver.Sabotage = static ptx => Replace(ptx, "shr.s32", "shr.u32", 3);
        Assert.Equal(CheckState.Failed, ArithmeticCheck.Run(Context).State);
        using var other = new EmulatedDriver { Sabotage = static ptx => ptx.Contains("_Indexed", StringComparison.Ordinal) ? Replace(ptx, "add.rn.f32", "sub.rn.f32", 30) : ptx };
        using var wrong = new CudaDevice(other, KernelCompilers.Create());
        IGame soccer = Registry.Find("soccer");
        CheckOutcome outcome = GameCheck.Compare(Context with { Tested = wrong }, soccer, "default", soccer.DefaultOptions, 40, 3600);
        Assert.Equal(CheckState.Failed, outcome.State);
        Assert.Contains("first difference in tick", outcome.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(50, 3)] // several groups share a block
    [InlineData(333, 8)]
    [InlineData(5, 64)]
    [InlineData(3, 2500)] // a thread takes several lanes
    public void Phases_and_barriers_run_as_on_the_cpu(int groups, int lanes)
    {
        int[] expected = Relay(cpu, groups, lanes), actual = Relay(device, groups, lanes);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Opponents_are_dealt_as_on_the_cpu()
    {
        (int[] expected, byte[] expectedControllers) = Deal(cpu);
        (int[] actual, byte[] controllers) = Deal(device);
        Assert.Equal(expected, actual);
        Assert.Equal(expectedControllers, controllers);
        Assert.Equal([-2, -1, 0, 1, 3, 4, 6, 7], expected.Distinct().Order()); // every kind but slot 0, whose odds are 0, and slot 3, whose odds are small
    }

    // Three listed built-in opponents, four slots of a pool, two of listed policies.
    private static (int[] Seats, byte[] Controllers) Deal(IDevice device)
    {
        const int Matches = 700;
        DeviceBuffer<T> Take<T>(params T[] values)
            where T : unmanaged
        {
            DeviceBuffer<T> buffer = device.Allocate<T>(values.Length, "deal");
            buffer.Write(values);
            return buffer;
        }

        using DeviceBuffer<int> episodes = Take(Enumerable.Range(0, Matches).Select(env => env / 9).ToArray()), seats = Take(new int[Matches]), previous = Take(new int[Matches]);
        using DeviceBuffer<int> drawn = Take(new int[Matches]), homes = Take(Enumerable.Range(0, Matches).Select(env => env % 7 - 1).ToArray());
        using DeviceBuffer<byte> active = Take(new byte[2 * Matches]), controllers = Take(new byte[2 * Matches]), weights = Take(new byte[2 * Matches]), listed = Take<byte>(1, 4, 2);
        using DeviceBuffer<uint> odds = Take<uint>(0, 1u << 31, uint.MaxValue, 5), bounds = Take<uint>(0x3FFFFFFF, 0xBFFFFFFF, uint.MaxValue);
        device.Launch(
            new AssignOpponents
            {
                EpisodesFinished = episodes.View, RowActive = active.View, HomeSlots = homes.View, Odds = odds.View, Opponents = seats.View, Previous = previous.View, Drawn = drawn.View,
                Controllers = controllers.View, RowWeights = weights.View, PoolSlots = 4, Listed = listed.View, ListedBounds = bounds.View, Seed = 11, MatchOffset = 5,
                ShareUnits = AssignOpponents.WholeShare / 2, Sides = 2, AgentsPerSide = 1,
            },
            Matches);
        return (seats.ToArray(), controllers.ToArray());
    }

    private static int[] Relay(IDevice device, int groups, int lanes)
    {
        using DeviceBuffer<int> scratch = device.Allocate<int>((long)groups * (lanes + 1), "scratch"), result = device.Allocate<int>((long)groups * (lanes + 1), "result");
        device.LaunchGroups(new PassOn { Scratch = new GroupScratch<int>(scratch.View, lanes + 1), Result = result.View, Lanes = lanes }, groups, lanes);
        return result.ToArray();
    }

    private static void Passes(CheckOutcome outcome) => Assert.True(outcome.State == CheckState.Passed, $"{outcome.Summary}\n{string.Join('\n', outcome.Details)}");

    private static string Replace(string text, string what, string by, int times)
    {
        int at = 0;
        for (; times > 0 && (at = text.IndexOf(what, at, StringComparison.Ordinal)) >= 0; times--)
            text = text.Remove(at, what.Length).Insert(at, by);
        return text;
    }

    private struct PassOn : IPhasedKernel
    {
        internal GroupScratch<int> Scratch;
        internal View<int> Result;
        internal int Lanes;

        public readonly int PhaseCount => 3;

        public readonly void Run(int phase, int group, int lane)
        {
            View<int> scratch = Scratch.Of(group);
            int first = group * (Lanes + 1);
            switch (phase)
            {
                case 0:
                    scratch[lane] = 100 * group + lane;
                    if (lane == 0) scratch[Lanes] = 0;
                    break;
                case 1:
                    int taken = scratch[lane + 1 < Lanes ? lane + 1 : 0];
                    Result[first + lane] = taken;
                    DeviceAtomics.Add(ref scratch[Lanes], taken);
                    break;
                default:
                    if (lane == 0) Result[first + Lanes] = scratch[Lanes];
                    break;
            }
        }
    }
}
