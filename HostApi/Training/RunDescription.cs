using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;

namespace Arena.HostApi.Training;

/// <summary>What a run is: everything that goes into its config.json and run.json.</summary>
public sealed record RunDescription
{
    /// <summary>Name of the game.</summary>
    public required string Game { get; init; }

    /// <summary>Seed of the training.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The game's options, resolved; the section "settings" of config.json.</summary>
    public required GameOptions Options { get; init; }

    /// <summary>Further sections of config.json, each a record of settings: ("learner", its configuration).</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Sections { get; init; } = [];

    /// <summary>The stages of the curriculum, or null.</summary>
    public IReadOnlyList<CurriculumStage>? Curriculum { get; init; }

    /// <summary>The network.</summary>
    public required NetworkSpec Network { get; init; }

    /// <summary>The device in words.</summary>
    public required string Device { get; init; }

    /// <summary>What ran the network that learned.</summary>
    internal EngineRequest Engine { get; init; } = EngineRequest.Auto;

    /// <summary>Threads that run kernels.</summary>
    public required int Threads { get; init; }

    /// <summary>Processes of the run.</summary>
    public int Ranks { get; init; } = 1;

    /// <summary>The words the program was started with.</summary>
    public IReadOnlyList<string> CommandLine { get; init; } = [];

    /// <summary>When it began.</summary>
    public DateTimeOffset Started { get; init; } = DateTimeOffset.UtcNow;

    /// <summary>Updates of the checkpoint it was resumed from; null for a run that began anew.</summary>
    public long? ResumedFrom { get; init; }

    /// <summary>File or run whose weights it began with; null for a run from nothing.</summary>
    public string? StartedFrom { get; init; }

    /// <summary>config.json: every setting with its resolved value.</summary>
    internal string ConfigJson() => JsonText.Of(writer =>
    {
        writer.WriteString("game", Game);
        writer.WriteNumber("seed", Seed);
        writer.WriteNumber("threads", Threads);
        writer.WriteString("engine", Engine.Engine);
        writer.WriteString("precision", Engine.Precision);
        WriteSettings(writer, "settings", Options);
        NetworkSection.Write(writer, Network);
        foreach ((string name, object settings) in Sections) WriteSettings(writer, name, settings);
        if (Curriculum is not null) CurriculumFile.Write(writer, Curriculum);
    });

    /// <summary>The same as a table in Markdown, with paths as in "learner.clipRange".</summary>
    internal string ConfigMarkdown()
    {
        using JsonDocument config = JsonDocument.Parse(ConfigJson());
        var table = new StringBuilder("| setting | value |\n| --- | --- |\n");
        AddRows(table, "", config.RootElement);
        return table.ToString();
    }

    /// <summary>run.json: where and how it ran; <paramref name="finished"/> and <paramref name="reason"/> are null until the end.</summary>
    internal string RunJson(DateTimeOffset? finished, string? reason) => JsonText.Of(writer =>
    {
        writer.WriteString("commit", GitCommit.Find(AppContext.BaseDirectory));
        writer.WriteString("version", typeof(RunDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
        writer.WriteString("dotnet", RuntimeInformation.FrameworkDescription);
        writer.WriteString("system", RuntimeInformation.OSDescription);
        writer.WriteString("device", Device);
        writer.WriteString("instructionSet", CpuDevice.InstructionSet);
        writer.WriteNumber("threads", Threads);
        if (Ranks > 1) writer.WriteNumber("ranks", Ranks);
        writer.WriteBoolean("checkedBuild", BuildInfo.Checked);
        writer.WriteNumber("seed", Seed);
        writer.WriteStartArray("commandLine");
        foreach (string word in CommandLine) writer.WriteStringValue(word);
        writer.WriteEndArray();
        if (StartedFrom is not null) writer.WriteString("startedFrom", StartedFrom);
        if (ResumedFrom is { } update) writer.WriteNumber("resumedFrom", update);
        writer.WriteString("started", Started.UtcDateTime);
        if (finished is { } end) writer.WriteString("finished", end.UtcDateTime);
        else writer.WriteNull("finished");
        writer.WriteString("exitReason", reason);
    });

    private static void AddRows(StringBuilder table, string path, JsonElement section)
    {
        foreach (JsonProperty property in section.EnumerateObject())
        {
            string name = path + property.Name;
            if (property.Value.ValueKind == JsonValueKind.Object) AddRows(table, name + ".", property.Value);
            else table.Append(CultureInfo.InvariantCulture, $"| {name} | {property.Value.ToString().ReplaceLineEndings("").Replace("|", "\\|")} |\n");
        }
    }

    private static void WriteSettings(Utf8JsonWriter writer, string name, object settings)
    {
        writer.WriteStartObject(name);
        foreach (SettingInfo setting in Settings.Of(settings))
        {
            writer.WritePropertyName(setting.Path);
            if (setting.Default is bool flag) writer.WriteBooleanValue(flag);
            else if (setting.Default is Enum or string) writer.WriteStringValue(Settings.Format(setting.Default));
            else writer.WriteRawValue(Settings.Format(setting.Default)); // numbers, as the same text everywhere
        }

        writer.WriteEndObject();
    }
}
