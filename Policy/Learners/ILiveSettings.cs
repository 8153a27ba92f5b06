using Arena.Kernels;
using Arena.Kernels.Environments;

namespace Arena.Policy.Learners;

/// <summary>Settings of a learner that may change while it runs: what a curriculum sets by <c>learner.PATH</c>.</summary>
public interface ILiveSettings
{
    /// <summary>The record of all settings, with the values of the moment.</summary>
    object Settings { get; }

    /// <summary>Paths that may change in a run, as <see cref="SettingInfo.Path"/> has them.</summary>
    IReadOnlyList<string> Changeable { get; }

    /// <summary>Changes one of them, from the next update on.</summary>
    /// <exception cref="UsageException">no such setting, one that is fixed for a run, or not a value of its type and range.</exception>
    void Change(string path, string value);
}
