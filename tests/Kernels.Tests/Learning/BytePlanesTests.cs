using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Learning;

/// <summary>Bytes to dense planes, and marks of episode starts: what networks outside the built-in engine read.</summary>
public class BytePlanesTests
{
    // Bytes 0 and 1 are two cells of 3 codes, by plane and then by cell; byte 3 is an amount; byte 2 is read by nobody.
    private static readonly PlaneSource[] Two =
    [
        new() { Byte = 0, Codes = 3, Target = 0, Stride = 2 },
        new() { Byte = 1, Codes = 3, Target = 1, Stride = 2 },
        new() { Byte = 3, Codes = 0, Target = 6, Stride = 1 },
    ];

    [Fact]
    public void Two_rows_worked_by_hand()
    {
        (float[] planes, int[] illegal) = Expand(Two, width: 7, length: 4, [2, 0, 99, 51, 1, 1, 99, 255]);
        Assert.Equal([0, 1, 0, 0, 1, 0, 51 * (1f / 255f), 0, 0, 1, 1, 0, 0, 255 * (1f / 255f)], planes);
        Assert.Equal(new int[IllegalCodeField.Count], illegal);
    }

    [Fact]
    public void An_illegal_code_is_in_no_plane_and_the_first_row_and_byte_are_remembered_of_the_first_pass()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 2 });
        using var pass = new Pass(device, Two, width: 7, length: 4, rows: 3);
        pass.Run([0, 0, 0, 0, 0, 7, 9, 0, 9, 8, 0, 0]);
        Assert.Equal([1, 0, 0, 0, 0, 0, 0], pass.Planes.ToArray()[7..14]);
        Assert.Equal([3, 0, 1, 1, 1, 7], pass.Illegal.ToArray());
        pass.Run([4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]); // a later pass, an earlier row
        Assert.Equal([4, 0, 1, 1, 1, 7], pass.Illegal.ToArray());
    }

    [Fact]
    public void Every_source_agrees_with_the_obvious_loop_on_any_number_of_threads() =>
        Prop.ForAll(Gen.Choose(0, 10_000).ToArbitrary(), seed =>
        {
            var random = new System.Random(seed);
            int length = random.Next(1, 20), target = 0, rows = random.Next(1, 40);
            var sources = new PlaneSource[length];
            for (int at = 0; at < length; at++)
            {
                int codes = random.Next(0, 6);
                sources[at] = new PlaneSource { Byte = at, Codes = codes, Target = target, Stride = 1 };
                target += Math.Max(1, codes);
            }

            var bytes = new byte[rows * length];
            foreach (ref byte one in bytes.AsSpan()) one = (byte)random.Next(7);
            (float[] planes, int[] illegal) = Expand(sources, target, length, bytes, threads: 3);
            var expected = new float[rows * target];
            int count = 0;
            for (int i = 0; i < bytes.Length; i++)
            {
                PlaneSource source = sources[i % length];
                int first = i / length * target + source.Target;
                if (source.Codes == 0) expected[first] = bytes[i] * (1f / 255f);
                else if (bytes[i] < source.Codes) expected[first + bytes[i]] = 1f;
                else count++;
            }

            return planes.SequenceEqual(expected) && illegal[IllegalCodeField.Total] == count;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    // The planted bug: planes by cell and then by code, as the stride of 1 has them.
    [Fact]
    public void A_wrong_stride_is_seen()
    {
        PlaneSource[] wrong = [.. Two.Select(source => source with { Stride = 1 })];
        Assert.NotEqual(Expand(Two, 7, 4, [2, 1, 0, 0]).Planes, Expand(wrong, 7, 4, [2, 1, 0, 0]).Planes);
    }

    [Fact]
    public void Marks_of_starts_lie_by_time()
    {
        using var device = new CpuDevice();
        using DeviceBuffer<byte> starts = device.Allocate<byte>(6, "starts");
        using DeviceBuffer<float> marks = device.Allocate<float>(6, "marks");
        starts.Write([1, 0, 0, 0, 0, 1]); // sequence 0 begins at slot 0, sequence 1 at slot 2
        device.Launch(new StartMarks { EpisodeStart = starts.View, Marks = marks.View, Sequences = 2, Slots = 3 }, 6);
        Assert.Equal([1, 0, 0, 0, 0, 1], marks.ToArray());
        starts.Write([0, 1, 0, 0, 0, 0]);
        device.Launch(new StartMarks { EpisodeStart = starts.View, Marks = marks.View, Sequences = 2, Slots = 3 }, 6);
        Assert.Equal([0, 0, 1, 0, 0, 0], marks.ToArray());
    }

    private static (float[] Planes, int[] Illegal) Expand(PlaneSource[] sources, int width, int length, byte[] bytes, int threads = 1)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = threads });
        using var pass = new Pass(device, sources, width, length, bytes.Length / length);
        pass.Run(bytes);
        return (pass.Planes.ToArray(), pass.Illegal.ToArray());
    }

    private sealed class Pass(CpuDevice device, PlaneSource[] sources, int width, int length, int rows) : IDisposable
    {
        private readonly DeviceBuffer<byte> observations = device.Allocate<byte>(rows * length, "bytes");
        private readonly DeviceBuffer<PlaneSource> table = device.Allocate<PlaneSource>(sources.Length, "sources");

        internal DeviceBuffer<float> Planes { get; } = device.Allocate<float>(rows * width, "planes");

        internal DeviceBuffer<int> Illegal { get; } = device.Allocate<int>(IllegalCodeField.Count, "illegal");

        internal void Run(byte[] bytes)
        {
            observations.Write(bytes);
            table.Write(sources);
            Planes.View.AsSpan().Fill(float.NaN); // every element is written
            var expand = new ExpandBytePlanes
            {
                Observations = observations.View,
                Sources = table.View,
                Planes = Planes.View,
                Illegal = Illegal.View,
                SourceCount = sources.Length,
                Length = length,
                Width = width,
                Rows = rows,
                Scale = 1f / 255f,
            };
            device.Launch(expand, rows * sources.Length);
            device.Launch(
                new RememberIllegalCode { Observations = observations.View, Sources = table.View, Illegal = Illegal.View, SourceCount = sources.Length, Length = length, Rows = rows }, 1);
        }

        public void Dispose()
        {
            observations.Dispose();
            table.Dispose();
            Planes.Dispose();
            Illegal.Dispose();
        }
    }
}
