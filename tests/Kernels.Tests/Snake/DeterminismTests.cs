using System.Security.Cryptography;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Snake;

namespace Arena.Kernels.Tests.Snake;

/// <summary>Stored results of long games, and the memory an arena takes.</summary>
public class DeterminismTests
{
    private const int Ticks = 10_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Ten_thousand_ticks_have_the_stored_hash_on_any_number_of_threads(int threads)
    {
        var options = new SnakeOptions { NumEnvs = 3, Width = 40, Height = 24, Snakes = 8, Food = 30, MaxLength = 64, LifeLimit = 500, MatchOffset = 7 };
        using var play = new Play(options, seed: 2024, threads);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int tick = 0; tick < Ticks; tick++)
        {
            play.Tick(player: 1 + tick / 100 % 2);
            StepViews views = play.Views;
            hash.AppendData(views.ByteObservations.AsSpan());
            hash.AppendData(views.Terminated.AsSpan());
            hash.AppendData(views.Truncated.AsSpan());
            hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(views.Rewards.AsSpan()));
        }

        hash.AppendData(play.Everything());
        string result = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(result == Stored, $"the hash is {result}");
    }

    [Fact]
    public void An_arena_takes_the_memory_the_rule_book_states()
    {
        var options = new SnakeOptions { NumEnvs = 1 };
        SnakeParameters p = SnakeParameters.From(options);
        Assert.Equal((648, 360), (p.Stride, p.GridRows));
        int perSnake = 3 * sizeof(ushort) + 2 * sizeof(byte) + 5 * sizeof(uint), scalars = (3 + SnakeTotal.Count) * sizeof(int), scratch = 2 * sizeof(int);
        int grid = p.Stride * p.GridRows, rings = p.Snakes * p.RingLength * sizeof(uint);
        using var play = new Play(options, seed: 1);
        Assert.Equal(grid + rings + p.Snakes * perSnake + scalars, play.Environment.State.BytesPerMatch);
        Assert.Equal((233_280, 1_048_576, 28, 64), (grid, rings, perSnake, scalars));
        int sum = play.Environment.State.BytesPerMatch + p.Snakes * scratch;
        string readme = File.ReadAllText(Path.Join(Root(), "Kernels/Environments/Snake/README.md"));
        Assert.Contains(sum.ToString("N0", System.Globalization.CultureInfo.InvariantCulture) + " B", readme, StringComparison.Ordinal);
    }

    private const string Stored = "91026445ef79a4148981d98ec196b222be00a6a5df234e86379ae89f45c5f21b";

    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Join(folder.FullName, "Gpu.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
