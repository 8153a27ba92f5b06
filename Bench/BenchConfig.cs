using Arena.Kernels.Environments;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Arena.Bench;

/// <summary>One table for all suites: time, ratio, allocation, and agent-steps per second where that means something.</summary>
public sealed class BenchConfig : ManualConfig
{
    /// <summary>The configuration.</summary>
    public BenchConfig()
    {
        AddLogger(ConsoleLogger.Default);
        AddColumnProvider(DefaultColumnProviders.Instance);
        AddColumn(new AgentStepsColumn());
        AddDiagnoser(BenchmarkDotNet.Diagnosers.MemoryDiagnoser.Default);
        AddExporter(MarkdownExporter.GitHub);
    }

    /// <summary>Agents · matches per tick over the mean time of a tick; needs parameters "Game" (or soccer) and "Matches".</summary>
    private sealed class AgentStepsColumn : IColumn
    {
        public string Id => "AgentSteps";

        public string ColumnName => "Agent-steps/s";

        public string Legend => "agents of all matches acting once, per second";

        public bool AlwaysShow => false;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(HasMatches);

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            if (!HasMatches(benchmarkCase) || summary[benchmarkCase]?.ResultStatistics is not { } statistics) return "-";
            string[] name = ((string)(benchmarkCase.Parameters["Game"] ?? "soccer")).Split('/');
            EnvironmentSpec spec = BenchCases.Game(name).Describe(BenchCases.Options(name));
            double agents = (double)(int)benchmarkCase.Parameters["Matches"] * spec.AgentsPerMatch;
            return $"{agents / statistics.Mean * 1e9 / 1e6:0.00} M"; // the mean is ns per tick
        }

        private static bool HasMatches(BenchmarkCase benchmarkCase) => benchmarkCase.Parameters.Items.Any(item => item.Name == "Matches");
    }
}
