using System.Reflection;
using BenchmarkDotNet.Running;

namespace Arena.Bench;

/// <summary>Chooses benchmarks by name; README.md says what there is and which to run first.</summary>
public static class Program
{
    /// <summary>Entry point: arguments go to BenchmarkDotNet.</summary>
    public static int Main(string[] args)
    {
        BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args, new BenchConfig());
        return 0;
    }
}
