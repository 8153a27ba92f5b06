using Arena.HostApi.Measuring;
using Arena.Kernels.Device;

namespace Arena.HostApi.Cli;

/// <summary>What <c>arena bench GAME --profile</c> prints.</summary>
internal static class ProfileTable
{
    private const double Least = 0.002; // shares below are added up in one line

    /// <summary>The phases of a tick.</summary>
    internal static void Write(Terminal terminal, GameRequest request, PhaseTimes times)
    {
        var table = new ResultTable(Numbers.Text($"{request.Game.Name}, {request.Options.NumEnvs} matches, {times.Workload}, 1 thread, {times.Ticks} ticks"), "phase", "ns per match and tick", "share");
        foreach ((string name, double nanoseconds, double share) in times.Phases)
            table.Add(name, Numbers.Text($"{nanoseconds:0}"), Numbers.Text($"{100 * share:0.0} %"));
        table.Write(terminal);
    }

    /// <summary>The kernels of training.</summary>
    internal static void Write(Terminal terminal, GameRequest request, KernelTimes times)
    {
        double steps = times.AgentSteps, total = times.Total.TotalSeconds;
        var table = new ResultTable(
            Numbers.Text($"{request.Game.Name}, training, {request.Options.NumEnvs} matches, {times.Threads} thread{(times.Threads == 1 ? "" : "s")}: {times.Updates} updates, {steps / total / 1e6:0.00} M agent-steps/s"),
            "kernel", "launches per update", "ns per agent-step", "share");
        double rest = 0, restShare = 0;
        foreach (LaunchTime one in times.Kernels)
        {
            double share = one.Time.TotalSeconds / total;
            if (share < Least)
            {
                (rest, restShare) = (rest + (double)one.Launches / times.Updates, restShare + share);
                continue;
            }

            Add(table, one.Kernel, (double)one.Launches / times.Updates, share, total / steps);
        }

        if (restShare > 0) Add(table, "others", rest, restShare, total / steps);
        Add(table, "between launches", double.NaN, times.OutsideShare, total / steps);
        table.Write(terminal);
    }

    private static void Add(ResultTable table, string name, double launches, double share, double secondsPerStep) =>
        table.Add(name, double.IsNaN(launches) ? "" : Numbers.Text($"{launches:0.#}"), Numbers.Text($"{1e9 * share * secondsPerStep:0.0}"), Numbers.Text($"{100 * share:0.0} %"));
}
