using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>Where the time of a run went.</summary>
public readonly record struct TrainingTimes(TimeSpan Collect, TimeSpan Environment, TimeSpan Learn, TimeSpan Evaluate)
{
    /// <summary>Collecting and learning.</summary>
    public TimeSpan Training => Collect + Learn;

    /// <summary>Everything.</summary>
    public TimeSpan Total => Collect + Learn + Evaluate;

    internal void Save(SavedValues values)
    {
        values.Write("time/collect", Collect.Ticks);
        values.Write("time/environment", Environment.Ticks);
        values.Write("time/learn", Learn.Ticks);
        values.Write("time/evaluate", Evaluate.Ticks);
    }

    internal static TrainingTimes Load(SavedValues values)
    {
        TimeSpan Read(string name) => TimeSpan.FromTicks(values.ReadLong(name));
        return new TrainingTimes(Read("time/collect"), Read("time/environment"), Read("time/learn"), Read("time/evaluate"));
    }
}
