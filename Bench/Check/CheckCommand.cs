using System.Diagnostics;
using System.Globalization;
using Arena.HostApi.Measuring;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Bench.Check;

/// <summary><c>Bench check</c>: has anything become slower, relative to what the same machine does in the same minute?</summary>
internal static class CheckCommand
{
    private const double Least = 0.75;
    private const int Attempts = 3; // of a figure that fails: noise passes, a slower program does not
    private const string Usage = "check [--update] [--file PATH] [GAME…]";

    /// <summary>0: everything is as fast as stored; 1: something is slower, or is not stored; 2: a bad command line or file.</summary>
    internal static int Run(ReadOnlySpan<string> args)
    {
        try
        {
            (bool update, string file, List<string> games) = Read(args);
            return Run(update, file, games);
        }
        catch (UsageException wrong)
        {
            Console.Error.WriteLine($"bench: {wrong.Message}");
            return 2;
        }
    }

    private static int Run(bool update, string file, List<string> games)
    {
        StoredRatios stored = StoredRatios.Parse(File.Exists(file) ? File.ReadAllText(file) : "", file);
        string kind = CpuDevice.InstructionSet;
        if (!update) stored.Check(kind, new Dictionary<string, double>(), Least); // known before anything is measured
        long start = Stopwatch.GetTimestamp();
        Console.WriteLine($"{Surroundings.Machine}, {kind}; ratios of {file}");
        Console.WriteLine($"{"figure",-34}{"ratio",12}{"stored",12}{"share",8}");
        var measured = new Dictionary<string, double>();
        var slower = new List<string>();
        foreach (Figure figure in Figure.All(games))
        {
            CheckedRatio result = update ? new CheckedRatio(figure.Name, figure.Measure(), null, Least) : Check(figure, stored, kind);
            measured[figure.Name] = result.Measured;
            if (!update && !result.Passed) slower.Add(figure.Name);
            string share = result.Share is { } part ? string.Create(CultureInfo.InvariantCulture, $"{result.Stored,12:G4}{100 * part,6:0} %") : "";
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure.Name,-34}{result.Measured,12:G4}{share}{(update || result.Passed ? "" : result.Stored is null ? "  NOT STORED" : "  SLOWER")}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{measured.Count} figures in {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, each the median of alternating slices of processor time on one core."));
        if (update)
        {
            File.WriteAllText(file, stored.With(kind, Surroundings.Machine, measured));
            Console.WriteLine("Stored.");
            return 0;
        }

        Console.WriteLine(slower.Count == 0
            ? string.Create(CultureInfo.InvariantCulture, $"Passed: nothing is below {100 * Least:0} % of what is stored.")
            : $"FAILED: {string.Join("; ", slower)}. Compare with the build before: arena bench GAME --against-build PATH/arena.dll; if it is meant to be so, store it with check --update.");
        return slower.Count == 0 ? 0 : 1;
    }

    // The best of up to three measurements.
    private static CheckedRatio Check(Figure figure, StoredRatios stored, string kind)
    {
        double best = 0;
        CheckedRatio result;
        int attempts = 0;
        do
        {
            best = Math.Max(best, figure.Measure());
            result = stored.Check(kind, new Dictionary<string, double> { [figure.Name] = best }, Least)[0];
        }
        while (!result.Passed && result.Stored is not null && ++attempts < Attempts);
        return result;
    }

    private static (bool Update, string File, List<string> Games) Read(ReadOnlySpan<string> args)
    {
        bool update = false;
        string? file = null;
        var games = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            if (args[i] == "--update") update = true;
            else if (args[i] == "--file" && i + 1 < args.Length) file = args[++i];
            else if (args[i].StartsWith('-')) throw new UsageException($"'{args[i]}' is no option of check; expected is: {Usage}.");
            else games.Add(Registry.Find(args[i]).Name);
        }

        return (update, file ?? Default(), games);
    }

    // Results/ratios.json of the source tree: the first folder above this program that has it.
    private static string Default()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string results = Path.Combine(folder.FullName, "Results");
            if (Directory.Exists(results) && File.Exists(Path.Combine(folder.FullName, "Bench.csproj"))) return Path.Combine(results, "ratios.json");
        }

        throw new UsageException("The program does not lie in the source tree, so it does not know where ratios are stored; say so with --file PATH.");
    }
}
