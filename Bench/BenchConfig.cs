using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Filters;
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
        AddFilter(new SimpleFilter(Exists));
        HideColumns(Column.AllocRatio); // of nothing
        WithBuildTimeout(TimeSpan.FromMinutes(10)); // the program that each case runs in; two minutes are not enough on a busy machine
    }

    // Reference of a game that has none: nothing to run.
    private static bool Exists(BenchmarkCase benchmarkCase) =>
        benchmarkCase.Descriptor.WorkloadMethod.Name != nameof(EndToEnd.GameSteps.Reference) || benchmarkCase.Parameters["Case"] is not GameCase { HasReference: false };

    /// <summary>Agent-steps of an operation over its mean time; for suites over games.</summary>
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

        public bool IsAvailable(Summary summary) => summary.BenchmarksCases.Any(one => one.Parameters["Case"] is GameCase);

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase) =>
            benchmarkCase.Parameters["Case"] is GameCase played && summary[benchmarkCase]?.ResultStatistics is { } statistics
                ? (played.AgentStepsPerOperation / statistics.Mean * 1e9).ToString("N0", CultureInfo.InvariantCulture) // the mean is in ns
                : "-";
    }
}
