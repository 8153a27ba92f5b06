using Arena.Kernels.Environments;

namespace Arena.Validation;

/// <summary>A disagreement, before it is known where and when.</summary>
internal sealed record FoundDifference(string Column, string Element, double Expected, double Actual, double Scale, Tolerance Tolerance);

/// <summary>Compares buffers and columns element by element, and keeps count.</summary>
internal sealed class Comparer(IEnvironment environment, Tolerances tolerances)
{
    private readonly Dictionary<string, ColumnResult> columns = [];
    private double amplification = 1;

    /// <summary>The first difference, or null.</summary>
    public FoundDifference? Found { get; private set; }

    /// <summary>Counts so far.</summary>
    public IReadOnlyList<ColumnResult> Columns => [.. columns.Values];

    /// <summary>Compares all of one match.</summary>
    /// <param name="env">Match within the batch.</param>
    /// <param name="after">What the kernels wrote.</param>
    /// <param name="before">What the buffers held before.</param>
    /// <param name="expected">What the reference says.</param>
    /// <param name="isReset">Whether this was a reset, after which nothing has finished, and episodes begin unless the reference speaks of lives.</param>
    public void CompareTick(int env, HostCopy after, HostCopy before, ExpectedTick expected, bool isReset)
    {
        amplification = expected.Amplification;
        CompareState(env, after, expected);
        IReadOnlyList<ExpectedLife> lives = LivesOf(expected, isReset);
        ExpectedValues Unchanged(string name) => ExpectedValues.Exact(before.Buffer(name, env));
        ExpectedValues Kept(string name, ExpectedValues? values) => values is null ? Unchanged(name) : Fill(values, before.Buffer(name, env));
        void Buffer(string name, ExpectedValues values) => Compare(name, i => after.ElementName(name, i), values, after.Buffer(name, env));

        Buffer("terminated", Flags(lives.Select(life => life.Terminated)));
        Buffer("truncated", Flags(lives.Select(life => life.Truncated)));
        Buffer("episodeStart", Flags(lives.Select(life => life.Starts)));
        Buffer("rowActive", Flags(expected.RowActive));
        Buffer("errors", ExpectedValues.Exact([.. expected.Errors.Select(bits => (double)bits)]));
        Buffer("episodesFinished", isReset ? ExpectedValues.Exact(new double[environment.Spec.EpisodesPerMatch]) : Finished(before.Buffer("episodesFinished", env), lives));
        Buffer("rewards", expected.Rewards);
        Buffer("rewardParts", expected.RewardParts);
        Buffer("observations", expected.Observations);
        if (expected.ActionMasks is { } masks) Buffer("actionMasks", masks);
        Buffer("finalObservations", Kept("finalObservations", expected.FinalObservations));
        Buffer("episodeStatistics", Kept("episodeStatistics", expected.EpisodeStatistics));
    }

    /// <summary>Episodes that ended in a tick.</summary>
    public int Ended(ExpectedTick expected) =>
        LivesOf(expected, isReset: false).Where((_, agent) => agent % (environment.Spec.AgentsPerMatch / environment.Spec.EpisodesPerMatch) == 0)
            .Count(life => life.Terminated || life.Truncated);

    /// <summary>Compares the action of one built-in opponent, exactly.</summary>
    public void CompareAction(HostCopy acted, string buffer, int offset, double[] expected, double[] all)
    {
        amplification = 1;
        if (expected.Length > 0)
            Compare(buffer, i => acted.ElementName(buffer, offset + i), ExpectedValues.Exact(expected), all[offset..(offset + expected.Length)]);
    }

    // Where the match has one episode, all agents share it.
    private IReadOnlyList<ExpectedLife> LivesOf(ExpectedTick expected, bool isReset) =>
        expected.Lives
        ?? [.. Enumerable.Repeat(new ExpectedLife(expected.Terminated, expected.Truncated, isReset || expected.Terminated || expected.Truncated), environment.Spec.AgentsPerMatch)];

    private ExpectedValues Finished(double[] before, IReadOnlyList<ExpectedLife> lives)
    {
        int agents = lives.Count / before.Length;
        return ExpectedValues.Exact([.. before.Select((count, episode) => count + (lives[episode * agents].Terminated || lives[episode * agents].Truncated ? 1 : 0))]);
    }

    private static ExpectedValues Fill(ExpectedValues values, double[] before) =>
        values with { Values = [.. values.Values.Select((value, i) => double.IsNaN(value) ? before[i] : value)] };

    private void CompareState(int env, HostCopy after, ExpectedTick expected)
    {
        foreach (StateColumn column in environment.State.All)
        {
            if (!expected.State.TryGetValue(column.Name, out ExpectedValues? values))
                throw new InvalidOperationException(
                    $"The reference of {environment.Spec.Game} says nothing about the state column '{column.Name}'; every column must be judged.");
            Compare(column.Name, column.ElementName, values, after.State(env)[column.Name]);
        }
    }

    private void Compare(string name, Func<int, string> elementName, ExpectedValues expected, double[] actual)
    {
        if (Found is not null) return;
        if (actual.Length != expected.Values.Length)
            throw new InvalidOperationException(
                $"The reference of {environment.Spec.Game} expects {expected.Values.Length} elements of '{name}' per match, the environment has {actual.Length}.");
        ColumnResult result = columns.GetValueOrDefault(name) ?? new ColumnResult(name, 0, 0, 0);
        double largest = result.MaxScaledError;
        double tolerance = result.Tolerance;
        // Exact columns can be half a million elements long, and are nearly always equal.
        bool exact = expected.Scales.AsSpan().IndexOfAnyExcept(0.0) < 0;
        int first = exact ? expected.Values.AsSpan().CommonPrefixLength(actual) : 0;
        for (int i = first; i < actual.Length; i++)
        {
            double scale = expected.Scales[i];
            Tolerance allowed = tolerances.For(scale);
            double error = Error(expected.Values[i], actual[i], scale);
            tolerance = Math.Max(tolerance, allowed.ScaledError);
            if (error > allowed.ScaledError || double.IsNaN(error))
            {
                Found = new FoundDifference(name, elementName(i), expected.Values[i], actual[i], scale * amplification, allowed);
                break;
            }

            largest = Math.Max(largest, error);
        }

        columns[name] = result with { Comparisons = result.Comparisons + actual.Length, MaxScaledError = largest, Tolerance = tolerance };
    }

    // Equal values, two NaN among them (a buffer that nobody wrote), have no error.
    private double Error(double expected, double actual, double scale)
    {
        if (expected.Equals(actual)) return 0;
        double difference = Math.Abs(actual - expected);
        return scale == 0 ? difference : difference / (scale * amplification);
    }

    private static ExpectedValues Flags(IEnumerable<bool> flags) => ExpectedValues.Exact([.. flags.Select(flag => flag ? 1.0 : 0.0)]);
}
