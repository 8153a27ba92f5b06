using Arena.Validation.Learning.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>Holds what an engine computed against the double-precision reference; null if they agree, else the first difference.</summary>
internal static class EngineCheck
{
    // Float rounding of sums over some hundred terms, with an allowance for rows whose terms cancel.
    private const double Relative = 1e-4;
    private const double Absolute = 1e-6;

    internal static string? FirstDifference(EngineCase engineCase, NetworkReference reference, double absolute = Absolute)
    {
        double[] observations = EngineCase.Doubles(engineCase.Observations.View.AsSpan());
        double[] outputGradients = EngineCase.Doubles(engineCase.OutputGradients.View.AsSpan());
        ReferenceRows rows = engineCase.ReferenceRows;
        string? difference = Compare("outputs", engineCase.Outputs.ToArray(), reference.Forward(observations, rows), absolute);
        if (engineCase.Spec.StateSize > 0) difference ??= Compare("next state", engineCase.NextState.ToArray(), reference.NextState(observations, rows), absolute);
        IReadOnlyDictionary<string, double[]> gradients = reference.Backward(observations, outputGradients, rows).Parameters;
        foreach ((string name, _) in reference.Parameters) difference ??= Compare(name, engineCase.Gradient(name), gradients[name], absolute);
        return difference is null ? null
            : $"{difference}; {engineCase.Spec} hidden [{string.Join(", ", engineCase.Spec.Hidden)}], {engineCase.Sequences} × {engineCase.Slots} rows, seed {engineCase.Seed}";
    }

    private static string? Compare(string name, float[] actual, double[] expected, double absolute)
    {
        if (actual.Length != expected.Length) return $"{name} has {actual.Length} elements instead of {expected.Length}";
        for (int i = 0; i < actual.Length; i++)
        {
            double allowed = absolute + Relative * Math.Abs(expected[i]);
            if (!(Math.Abs(actual[i] - expected[i]) <= allowed)) return $"{name}[{i}] is {actual[i]:R}, expected {expected[i]:R} within {allowed:0.0e0}";
        }

        return null;
    }
}
