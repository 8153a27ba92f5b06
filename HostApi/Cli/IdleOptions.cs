using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Policy.Learners;
using Arena.Policy.Networks;
using Arena.Policy.SelfPlay;

namespace Arena.HostApi.Cli;

/// <summary>Finds options of training that were given and do nothing with the others: whoever gives one believes that it does.</summary>
/// <remarks>A value that says "off" is never wrong. Configuration files, which name every setting, are left alone.</remarks>
internal static class IdleOptions
{
    private const string Pool = "pool.";
    private static readonly string[] OfReinforce = ["discount", "learningRate", "maxGradientNorm"];

    /// <summary>Refuses the first of them.</summary>
    /// <param name="given">Settings of the learner and of the plan that are on the command line, with their values.</param>
    /// <param name="spec">The game.</param>
    /// <param name="learner">All of the learner's settings.</param>
    /// <param name="plan">The whole plan.</param>
    /// <param name="changes">Whether a curriculum may change settings of the learner on the way.</param>
    /// <exception cref="UsageException">says why it does nothing, and what to do.</exception>
    internal static void Check(IEnumerable<SettingInfo> given, EnvironmentSpec spec, PpoConfig learner, TrainingPlan plan, bool changes)
    {
        foreach (SettingInfo setting in given)
            if (!IsOff(setting) && Reason(setting.Path, spec, learner, plan, changes) is { } reason)
                throw new UsageException($"{setting.OptionName} is {Settings.Format(setting.Default)}, but {reason}, or leave {setting.OptionName} out.");
    }

    private static bool IsOff(SettingInfo setting) => setting.Path switch
    {
        "pool.fraction" or "gateGames" or "snapshots" or "opponentShare" or "coreWidth" or "boundCoefficient" or "pastKlCoefficient" or "segmentLength" => Settings.Format(setting.Default) == "0",
        "stateDependentStd" or "vTrace" => setting.Default is false,
        _ => false,
    };

    // Null: it does something.
    private static string? Reason(string path, EnvironmentSpec spec, PpoConfig learner, TrainingPlan plan, bool changes)
    {
        bool twoSided = path.StartsWith(Pool, StringComparison.Ordinal) || path is "gateGames" or "snapshots" or "opponent" or "opponentShare" or "twoPolicies";
        if (twoSided && spec.Sides == 1) return $"'{spec.Game}' has one side only, and nobody to play against: train a game of two sides";
        if (path is "squash" or "stateDependentStd" or "boundCoefficient" && spec.Action.Continuous.Count == 0) return $"'{spec.Game}' with these settings has no continuous actions: choose settings with them, if the game has any";
        if (plan.Algorithm == Algorithm.Reinforce) return Reinforced(path);
        return path switch
        {
            "twoPolicies" => "--algorithm ppo trains one policy for both sides: give --algorithm reinforce",
            "coreWidth" when plan.Core == NetworkCore.None => "the network has no memory: give --core lstm or --core mingru",
            "opponent" when learner.OpponentShare == 0 && !changes => "--opponent-share is 0, so nobody meets it: raise that",
            "pastRate" when learner.PastKlCoefficient == 0 => "--kl-to-past is 0, so there is no average of past weights: raise that",
            "vTrace" when learner.Epochs == 1 => "--epochs is 1, and it corrects the passes after the first: give two or more",
            "pool.uniformShare" when plan.Pool.Choice != OpponentChoice.Prioritised => $"--pool-choice is {Settings.Format(plan.Pool.Choice)}, and it is a share of prioritised choices: give --pool-choice prioritised",
            _ when path.StartsWith(Pool, StringComparison.Ordinal) && plan.Pool.Fraction == 0 => "--pool-fraction is 0, so nobody meets past selves: raise that",
            _ => null,
        };
    }

    private static string? Reinforced(string path)
    {
        bool learners = Settings.Of(new PpoConfig()).Any(setting => setting.Path == path);
        bool idle = learners ? !OfReinforce.Contains(path) : path.StartsWith(Pool, StringComparison.Ordinal);
        return idle ? "--algorithm reinforce does not use it: give --algorithm ppo" : null;
    }
}
