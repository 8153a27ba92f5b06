using System.CommandLine;
using Arena.HostApi.Measuring;
using Arena.Kernels;
using Arena.Kernels.Device;

namespace Arena.HostApi.Cli;

/// <summary><c>arena bench GAME --against …</c>: the same measurement with other settings or another build, in turns.</summary>
internal sealed class BenchComparison
{
    /// <summary>The option whose value are options.</summary>
    internal const string Against = "--against";

    private const string NoTraining = "--training=false";
    private const double DefaultSeconds = 0.5; // per figure and run: there are many runs
    private static readonly string[] WithValues = [Against, "--against-build", "--pairs", "--out"]; // that say how to measure
    private static readonly string[] HowToMeasure = [.. WithValues, "--json", "--profile", "--reinforce", "--help", "--verbose"];

    private readonly Option<string?> against = CliOption.Text(Against, "Compare with these options on top, in turns: --against \"--threads 1\".", "\"OPTIONS\"");
    private readonly Option<string?> build = CliOption.Text("--against-build", "Compare with another build of this program, in turns.", "PATH.dll");
    private readonly Option<int> pairs = CliOption.Whole("--pairs", "Pairs of a comparison, measured in turns.", 12, AlternatingComparison.FewestPairs, 1000);
    private readonly CliContext context;

    private BenchComparison(CliContext context) => this.context = context;

    internal static BenchComparison AddTo(Command command, CliContext context)
    {
        var comparison = new BenchComparison(context);
        foreach (Option option in new Option[] { comparison.against, comparison.build, comparison.pairs }) command.Options.Add(option);
        return comparison;
    }

    /// <summary>Whether a comparison was asked for.</summary>
    internal bool Wanted(ParseResult parsed) => parsed.GetValue(against) is not null || parsed.GetValue(build) is not null;

    /// <summary>Measures both in turns and says which is faster.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="json">Whether to write JSON.</param>
    /// <param name="saved">Where to write JSON too, or null.</param>
    internal void Run(ParseResult parsed, bool json, ResultFile? saved)
    {
        string[] mine = Mine(context.Arguments, context.Game!.Name), others = Others(mine, parsed.GetValue(against));
        ChildProgram other = OtherBuild(parsed.GetValue(build));
        if (parsed.GetValue(build) is null) Check(others);
        var thisRun = new BenchChild(ChildProgram.This, mine);
        var otherRun = new BenchChild(other, others);
        using var progress = new ProgressLine(context.Terminal, "bench");
        IReadOnlyList<ComparedRate> compared = AlternatingComparison.Run(
            side => (side == Side.This ? thisRun : otherRun).Measure(context.Cancellation), parsed.GetValue(pairs), share => progress.Report(share));
        progress.Dispose();
        string thisName = $"{ThisProgram.Name} {string.Join(' ', Shown(mine))}", otherName = $"{parsed.GetValue(build) ?? ThisProgram.Name} {string.Join(' ', Shown(others))}";
        string text = Json(thisName, otherName, compared);
        saved?.Commit(text);
        if (json) context.Terminal.Output.WriteLine(text);
        else Write(context.Terminal, thisName, otherName, compared);
    }

    /// <summary>What the other one is started with: the words without those options that <paramref name="against"/> gives itself, and then those.</summary>
    /// <exception cref="UsageException">they are no options, or ones that say how to compare.</exception>
    internal static string[] Others(IReadOnlyList<string> words, string? against)
    {
        string[] added = (against ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (against is not null && (added.Length == 0 || !added[0].StartsWith("--", StringComparison.Ordinal)))
            throw new UsageException($"--against is '{against}'; expected are options of this command in one pair of quotation marks, as in --against \"--threads 1\".");
        foreach (string name in added.Where(IsOption).Select(NameOf))
        {
            if (HowToMeasure.Contains(name)) throw new UsageException($"--against holds {name}, which says how to measure and not what; give it outside the quotation marks.");
            words = Without(words, name);
        }

        return [.. words, .. added];
    }

    /// <summary>A command line without an option and its values; the first two words, command and game, always stay.</summary>
    internal static List<string> Without(IReadOnlyList<string> words, string option)
    {
        var kept = new List<string>();
        bool dropping = false;
        for (int i = 0; i < words.Count; i++)
        {
            if (IsOption(words[i])) dropping = NameOf(words[i]) == option;
            if (!dropping || i < 2) kept.Add(words[i]);
        }

        return kept;
    }

    internal static void Write(Terminal terminal, string thisName, string otherName, IReadOnlyList<ComparedRate> compared)
    {
        int pairs = compared[0].Ratios.Count;
        WrappedText.Write(terminal.Output, "", $"{Surroundings.Machine}, {CpuDevice.InstructionSet}", terminal.Width - 1);
        WrappedText.Write(terminal.Output, "", Surroundings.Software, terminal.Width - 1);
        WrappedText.Write(terminal.Output, "this     ", thisName, terminal.Width - 1);
        WrappedText.Write(terminal.Output, "other    ", otherName, terminal.Width - 1);
        terminal.Output.WriteLine();
        var table = new ResultTable("Agent-steps per second", "figure", "this", "other", "ratio (95 % interval)", "this one is");
        foreach (ComparedRate rate in compared)
        {
            (double lower, double upper) = rate.Interval;
            table.Add(rate.What, Numbers.Short(rate.This), Numbers.Short(rate.Other), Numbers.Text($"{rate.Ratio:0.000} ({lower:0.000} to {upper:0.000})"), Words(rate.Verdict));
        }

        table.Write(terminal);
        WrappedText.Write(terminal.Output, "", Numbers.Text(
            $"How to read it: both ran {pairs} times in turns (A B B A …). ratio: this by other, the median over the {pairs} pairs of neighbours, with its interval by ranks. ") +
            "\"no difference shown\": the interval holds 1; more --pairs or --seconds make it narrower. Figures are on all cores that each may use, unless they say otherwise.", terminal.Width - 1);
    }

    /// <summary>The words of a command line in the order command, game, options, without those of the comparison.</summary>
    internal static string[] Mine(IReadOnlyList<string> arguments, string game)
    {
        List<string> words = ["bench", game], left = [.. arguments];
        left.Remove("bench");
        left.Remove(game);
        for (int i = 0; i < left.Count; i++)
        {
            if (!HowToMeasure.Contains(NameOf(left[i]))) words.Add(left[i]);
            else if (WithValues.Contains(left[i])) i++; // its value may look like an option
        }

        if (!words.Exists(word => NameOf(word) == "--seconds")) words.AddRange(["--seconds", Numbers.Text($"{DefaultSeconds}")]);
        if (!words.Exists(word => NameOf(word) == "--training")) words.Add(NoTraining);
        return [.. words];
    }

    // Words of this build are known to be wrong before anything is measured; another build may know others.
    private void Check(string[] words)
    {
        try
        {
            CommandLine.Check(words, context);
        }
        catch (UsageException wrong)
        {
            throw new UsageException($"--against cannot be measured: {wrong.Message}");
        }
    }

    private static ChildProgram OtherBuild(string? path)
    {
        if (path is null) return ChildProgram.This;
        if (File.Exists(path)) return ChildProgram.At(Path.GetFullPath(path));
        string library = $"{ThisProgram.Name}.dll", inside = Path.Combine(path, library);
        string hint = File.Exists(inside) ? $" Did you mean '{inside}'?" : $" Build it with 'dotnet build -c Release' in its folder: bin/Release/net10.0/{library}.";
        throw new UsageException($"--against-build is '{path}', and there is no such file; expected is the path of another build's {library}.{hint}");
    }

    private static bool IsOption(string word) => word.StartsWith("--", StringComparison.Ordinal);

    private static string NameOf(string word) => word.Split('=', 2)[0];

    private static IEnumerable<string> Shown(string[] words) => words.Where(word => word != NoTraining);

    private static string Words(Verdict verdict) => verdict switch { Verdict.Faster => "faster", Verdict.Slower => "slower", _ => "no difference shown" };

    private static string Json(string thisName, string otherName, IReadOnlyList<ComparedRate> compared) => JsonText.Of(writer =>
    {
        writer.WriteString("this", thisName);
        writer.WriteString("other", otherName);
        writer.WriteString("machine", Surroundings.Machine);
        writer.WriteStartArray("compared");
        foreach (ComparedRate rate in compared)
        {
            writer.WriteStartObject();
            writer.WriteString("figure", rate.What);
            writer.WriteNumber("this", rate.This);
            writer.WriteNumber("other", rate.Other);
            writer.WriteNumber("ratio", rate.Ratio);
            writer.WriteNumber("lower", rate.Interval.Lower);
            writer.WriteNumber("upper", rate.Interval.Upper);
            writer.WriteString("verdict", Words(rate.Verdict));
            writer.WriteStartArray("ratios");
            foreach (double ratio in rate.Ratios) writer.WriteNumberValue(ratio);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
