using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.Validation.Tests;

/// <summary>Runs lockstep comparisons as tests do.</summary>
internal static class LockstepCase
{
    public static LockstepReport Run(string game, GameOptions options, LockstepPlan plan)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        return Lockstep.Run(device, Registry.Find(game), options, plan);
    }

    public static void MustPass(string game, GameOptions options, LockstepPlan plan, double mostSetApart)
    {
        LockstepReport report = Run(game, options, plan);
        Assert.True(report.Passed, report.First?.ToString());
        Assert.True(report.TicksCompared > 0);
        string reasons = string.Join("; ", report.Reasons.Select(reason => $"{reason.Key}: {reason.Value}"));
        Assert.True(report.ShareSetApart <= mostSetApart, $"{report.ShareSetApart:P3} of {report.TicksCompared + report.TicksSetApart} match-ticks set apart: {reasons}");
    }

    /// <summary>Adds <paramref name="amount"/> to one float element of a state column.</summary>
    public static void Corrupt(IEnvironment environment, string column, int env, int slot, float amount)
    {
        StateColumn target = environment.State[column];
        var bytes = new byte[target.BytesPerMatch];
        target.ReadMatch(env, bytes);
        Span<byte> element = bytes.AsSpan(slot * sizeof(float));
        if (target.ElementType == typeof(float)) BitConverter.TryWriteBytes(element, BitConverter.ToSingle(element) + amount);
        else BitConverter.TryWriteBytes(element, BitConverter.ToInt32(element) + (int)amount);
        target.WriteMatch(env, bytes);
    }
}
