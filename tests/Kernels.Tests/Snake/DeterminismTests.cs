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

        hash.AppendData(play.Outputs());
        Assert.Equal(StoredOutputs, Convert.ToHexStringLower(hash.GetHashAndReset()));
        // The state lies as its layout has it: another layout may change this hash, never the one above.
        hash.AppendData(play.State());
        Assert.Equal(StoredState, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public void An_arena_takes_the_memory_the_rule_book_states()
    {
        var options = new SnakeOptions { NumEnvs = 1 };
        SnakeParameters p = SnakeParameters.From(options);
        Assert.Equal((648, 360), (p.Stride, p.GridRows));
        int perSnake = 3 * sizeof(ushort) + 2 * sizeof(byte) + 2 * sizeof(int) + 5 * sizeof(uint), scalars = (3 + SnakeTotal.Count) * sizeof(int), scratch = 2 * sizeof(int);
        int grid = p.Stride * p.GridRows * sizeof(ushort), steps = p.Snakes * p.RingLength / 4;
        using var play = new Play(options, seed: 1);
        Assert.Equal(grid + steps + p.Snakes * perSnake + scalars, play.Environment.State.BytesPerMatch);
        Assert.Equal((466_560, 65_536, 36, 64), (grid, steps, perSnake, scalars));
        int sum = play.Environment.State.BytesPerMatch + p.Snakes * scratch;
        string readme = File.ReadAllText(Path.Join(Root(), "Kernels/Environments/Snake/README.md"));
        Assert.Contains(sum.ToString("N0", System.Globalization.CultureInfo.InvariantCulture) + " B", readme, StringComparison.Ordinal);
    }

    private const string StoredOutputs = "eb61b04435ef6caad2cd2935eaeb29e2a6edabdf04c698fb5eb9f8d8cec1c30c";
    private const string StoredState = "31efe48dfd7278fa47c90f8c7440344b8ef1eaf2eb89c7da9857837585c43007";

    private static string Root()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Join(folder.FullName, "Gpu.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
