using System.Reflection;
using Arena.Bench.Check;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Arena.Bench;

/// <summary>Chooses benchmarks by name; README.md says what there is and which to run first.</summary>
public static class Program
{
    /// <summary>Entry point: "check" is a program of its own, other arguments go to BenchmarkDotNet. Exit code 1 when a case could not be measured.</summary>
    public static int Main(string[] args)
    {
        if (args is ["check", ..]) return CheckCommand.Run(args.AsSpan(1));
        IEnumerable<Summary> summaries = BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, new BenchConfig());
        return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.BenchmarksCases.All(one => summary[one]?.Success == true)) ? 0 : 1;
    }
}
