using Arena.HostApi.Training;
using Arena.Kernels;

namespace Arena.HostApi.Cli;

/// <summary>What one <c>--set</c> says.</summary>
/// <param name="Section">Of which section of a configuration: the game's settings where none is named.</param>
/// <param name="Path">The setting, without the section.</param>
/// <param name="Value">Its value.</param>
internal sealed record Assignment(string Section, string Path, string Value)
{
    /// <summary>Reads "physics.ballDrag=0.4" or "learner.learningRate=1e-3".</summary>
    /// <param name="text">What was given.</param>
    /// <param name="training">Whether the command trains, and so has a learner and a plan.</param>
    /// <exception cref="UsageException">it is no assignment, or one of something that the command does not have.</exception>
    internal static Assignment Parse(string text, bool training)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal), dot = text.IndexOf('.', StringComparison.Ordinal);
        if (equals < 1)
            throw new UsageException($"--set is '{text}'; expected is PATH=VALUE, as in --set physics.ballDrag=0.4{(training ? " or --set learner.learningRate=2e-3" : "")}.");
        string path = text[..equals], value = text[(equals + 1)..], first = dot > 0 && dot < equals ? path[..dot] : "";
        switch (first)
        {
            case ConfigurationFile.ForGame:
                return new Assignment(first, path[(dot + 1)..], value);
            case ConfigurationFile.ForLearner or ConfigurationFile.ForPlan:
                return training ? new Assignment(first, path[(dot + 1)..], value) : throw new UsageException($"--set is '{text}', but this command does not train: it has no {first}. Leave it out, or give it to 'train'.");
            case ConfigurationFile.ForNetwork:
                throw new UsageException($"--set is '{text}'; the network is set by the plan. Give {(training ? "--network NAME, --hidden-width, --core and the others, or their paths, as in --set plan.hiddenWidth=128" : "it to 'train', as --hidden-width, --core and the others")}.");
            default:
                return new Assignment(ConfigurationFile.ForGame, path, value);
        }
    }
}
