using System.CommandLine;
using Arena.Kernels.Device;
using Arena.Policy.Networks;

namespace Arena.HostApi.Cli;

/// <summary>The options that say what runs the network that learns.</summary>
internal sealed class EngineOptions
{
    private const string AutoPrecision = "auto";
    private static readonly string[] Engines = [.. Enum.GetNames<EngineKind>().Select(name => name.ToLowerInvariant())];
    private static readonly string[] Precisions = [AutoPrecision, .. Enum.GetNames<NetworkPrecision>().Select(name => name.ToLowerInvariant())];

    private readonly Option<string> engine;
    private readonly Option<string> precision;

    private EngineOptions(EngineRequest start)
    {
        engine = CliOption.Choice("--engine", "What runs the network that learns; auto: torch on CUDA, builtin on a CPU.", start.Engine, Engines);
        precision = CliOption.Choice("--precision", "Of the network's matrix products; auto: tensorfloat32 on CUDA, float32 on a CPU.", start.Precision, Precisions);
    }

    /// <summary>Adds them to <paramref name="command"/>, with the engine of a run that is resumed as the default.</summary>
    internal static EngineOptions AddTo(Command command, EngineRequest? resumed)
    {
        var options = new EngineOptions(resumed ?? EngineRequest.Auto);
        command.Options.Add(options.engine);
        command.Options.Add(options.precision);
        return options;
    }

    /// <summary>What was asked for; <paramref name="file"/>, of a configuration file, counts where an option is not given.</summary>
    internal EngineRequest Read(ParseResult parsed, (string? Engine, string? Precision) file = default) => new(
        file.Engine is not null && !Given(parsed, engine) ? file.Engine : parsed.GetValue(engine)!,
        file.Precision is not null && !Given(parsed, precision) ? file.Precision : parsed.GetValue(precision)!);

    /// <summary>Whether either was said on the command line.</summary>
    internal bool Given(ParseResult parsed) => Given(parsed, engine) || Given(parsed, precision);

    /// <summary>The engine that is meant, on a device.</summary>
    /// <exception cref="Kernels.UsageException">it cannot be had.</exception>
    internal static EngineChoice Choose(EngineRequest asked, IDevice device) => NetworkEngines.Choose(
        Enum.Parse<EngineKind>(asked.Engine, ignoreCase: true), device,
        asked.Precision == AutoPrecision ? null : Enum.Parse<NetworkPrecision>(asked.Precision, ignoreCase: true));

    /// <summary>Whether both are words of these options.</summary>
    internal static bool Known(EngineRequest request) => Engines.Contains(request.Engine) && Precisions.Contains(request.Precision);

    /// <summary>All words, for messages.</summary>
    internal static string Words => $"{string.Join(", ", Engines)} and {string.Join(", ", Precisions)}";

    private static bool Given(ParseResult parsed, Option<string> option) => parsed.GetResult(option) is { Implicit: false };
}

/// <summary>The words of <c>--engine</c> and <c>--precision</c>.</summary>
internal sealed record EngineRequest(string Engine, string Precision)
{
    /// <summary>Whatever suits the device.</summary>
    internal static EngineRequest Auto { get; } = new("auto", "auto");

    /// <summary>The words for an engine that was chosen.</summary>
    internal static EngineRequest Of(EngineChoice choice) => new(choice.Kind.ToString().ToLowerInvariant(), choice.Precision.ToString().ToLowerInvariant());
}
