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
    /// <param name="episodeStart">Whether the next observation is the first of an episode.</param>
    /// <param name="episodesFinished">Since the reset.</param>
    public void CompareTick(int env, HostCopy after, HostCopy before, ExpectedTick expected, bool episodeStart, double episodesFinished)
    {
        amplification = expected.Amplification;
        CompareState(env, after, expected);
        ExpectedValues Flag(bool value) => Flags(Enumerable.Repeat(value, environment.Spec.AgentsPerMatch));
        ExpectedValues Unchanged(string name) => ExpectedValues.Exact(before.Buffer(name, env));
        void Buffer(string name, ExpectedValues values) => Compare(name, i => after.ElementName(name, i), values, after.Buffer(name, env));

        Buffer("terminated", Flag(expected.Terminated));
        Buffer("truncated", Flag(expected.Truncated));
        Buffer("episodeStart", Flag(episodeStart));
        Buffer("rowActive", Flags(expected.RowActive));
        Buffer("errors", ExpectedValues.Exact([.. expected.Errors.Select(bits => (double)bits)]));
        Buffer("episodesFinished", ExpectedValues.Exact(episodesFinished));
        Buffer("rewards", expected.Rewards);
        Buffer("rewardParts", expected.RewardParts);
        Buffer("observations", expected.Observations);
        if (expected.ActionMasks is { } masks) Buffer("actionMasks", masks);
        Buffer("finalObservations", expected.FinalObservations ?? Unchanged("finalObservations"));
        Buffer("episodeStatistics", expected.EpisodeStatistics ?? Unchanged("episodeStatistics"));
    }

    /// <summary>Compares the action of one built-in opponent, exactly.</summary>
    public void CompareAction(HostCopy acted, string buffer, int offset, double[] expected, double[] all)
    {
        amplification = 1;
        if (expected.Length > 0)
            Compare(buffer, i => acted.ElementName(buffer, offset + i), ExpectedValues.Exact(expected), all[offset..(offset + expected.Length)]);
    }

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
        for (int i = 0; i < actual.Length; i++)
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
