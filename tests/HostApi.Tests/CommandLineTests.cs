using System.Globalization;
using System.Text.Json;
using Arena.Kernels;
using Arena.HostApi.Cli;

namespace Arena.HostApi.Tests;

/// <summary>The command line, called in this process, writing plain text.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("benhc corridor", "There is no command 'benhc'. Did you mean 'bench'?")]
    [InlineData("bench coridor", "There is no game called 'coridor'. Did you mean 'corridor'?")]
    [InlineData("bench", "needs a game: arena bench GAME")]
    [InlineData("bench corridor --max-tick 3", "Unknown option '--max-tick' for 'arena bench corridor'. Did you mean '--max-ticks'?")]
    [InlineData("bench corridor extra", "'extra' is one word too many")]
    [InlineData("bench corridor --max-ticks 0", "--max-ticks is 0 ticks; allowed are 1..1048576 ticks.")]
    [InlineData("bench corridor --max-ticks many", "--max-ticks is 'many', which is not a whole number")]
    [InlineData("bench corridor --envs 0", "--envs is 0 matches; allowed are 1..16777216 matches.")]
    [InlineData("bench corridor --actions sideways", "allowed: discrete | continuous")]
    [InlineData("bench corridor --masks --actions continuous", "--masks is on, but continuous actions have no masks")]
    [InlineData("bench corridor --preset byte", "'corridor' has no preset 'byte'. Did you mean 'bytes'?")]
    [InlineData("bench corridor --set maxTicks", "--set is 'maxTicks'; expected is PATH=VALUE")]
    [InlineData("bench corridor --set maxTick=3", "Unknown setting 'maxTick'")]
    [InlineData("bench corridor --seconds soon", "--seconds is 'soon'; allowed are numbers 0.01..3600.")]
    [InlineData("bench corridor --threads 5000", "--threads is '5000'; allowed are whole numbers 0..1024.")]
    [InlineData("bench corridor --seed -1", "--seed is '-1'")]
    [InlineData("bench corridor --device cuda", "--device is cuda, but ")]
    [InlineData("bench corridor --device cudaa", "--device is 'cudaa'; allowed are auto, cpu, cuda. Did you mean 'cuda'?")]
    [InlineData("train corridor --engine troch", "--engine is 'troch'; allowed are auto, builtin, torch. Did you mean 'torch'?")]
    [InlineData("train corridor --engine torch", "this build has no torch engine")]
    [InlineData("train corridor --precision bfloat16", "--precision is bfloat16, which the built-in engine does not have")]
    [InlineData("bench corridor --config nowhere.json", "there is no such file")]
    [InlineData("eval corridor --games 0", "--games is '0'; allowed are whole numbers 1..")]
    [InlineData("eval corridor --a scripted:best", "no built-in opponent 'scripted:best'")]
    [InlineData("eval corridor --against random", "has one side only")]
    [InlineData("eval soccer --against random", "--a is missing")]
    [InlineData("watch soccer --record match.replay", "a replay is recorded in the terminal")]
    [InlineData("watch soccer --ascii --record match.mp4", "leave --ascii out")]
    [InlineData("watch soccer --record match.gif --speed 0", "a film needs a speed above 0")]
    [InlineData("watch soccer --run nowhere", "'nowhere' is not a run directory")]
    [InlineData("watch --run nowhere", "'nowhere' is not a run directory")]
    [InlineData("watch soccer --matches 65", "--matches is '65'; allowed are whole numbers 0..64.")]
    [InlineData("watch soccer --port 70000", "--port is '70000'; allowed are whole numbers 0..65535.")]
    [InlineData("watch soccer --b random --against random", "say who plays side B")]
    [InlineData("watch corridor --against random", "has one side only; use --a")]
    [InlineData("play corridor --against random", "the others are --with")]
    [InlineData("play corridor --agent 1", "has the agents 0..0")]
    [InlineData("play soccer --with nobody", "no built-in opponent 'nobody'")]
    [InlineData("watch corridor --ascii --b random", "has one side only; use --a")]
    [InlineData("train soccer --opponent random,chasse:2", "no opponent 'chasse:2' to play a share of the matches against. Did you mean 'chase'?")]
    [InlineData("doctor now", "'now' is one word too many")]
    public void A_bad_command_line_is_one_paragraph_on_the_error_stream_and_code_2(string line, string expected)
    {
        (int code, string output, string error) = Run(line.Split(' '));
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal("", output);
        Assert.StartsWith("arena: ", error);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Contains(expected, error);
    }

    [Theory]
    [InlineData("""{ "maxTick": 3 }""", "Did you mean 'maxTicks'?")]
    [InlineData("""{ "maxTicks": 0 }""", "--max-ticks is 0 ticks; allowed are")]
    [InlineData("""{ "maxTicks": "soon" }""", "which is not a whole number")]
    [InlineData("""{ "maxTicks": null }""", "'maxTicks' is null; allowed:")]
    [InlineData("""{ "maxTicks": 3""", "is not valid JSON, line 1, column 16")]
    [InlineData("""{ "maxTicks": 3, "maxTicks": 4 }""", "is not valid JSON")]
    [InlineData("[3]", "It holds a list; expected is an object")]
    [InlineData("", "is not valid JSON")]
    public void A_bad_configuration_file_is_one_paragraph_that_names_the_file(string json, string expected)
    {
        string path = Write("bad.json", json);
        (int code, _, string error) = Run("bench", "corridor", "--config", path);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Contains(path, error);
        Assert.Contains(expected, error);
    }

    [Fact]
    public void An_unknown_key_of_a_section_is_named_with_its_path()
    {
        string path = Write("section.json", """{ "physics": { "balDrag": 0.4 } }""");
        (int code, _, string error) = Run("bench", "soccer", "--config", path);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("Unknown setting 'physics.balDrag'", error);
        Assert.Contains("Did you mean 'physics.ballDrag'?", error);
    }

    [Theory]
    [InlineData("eval")]
    [InlineData("bench")]
    public void An_unwritable_output_is_code_4_before_any_work(string command)
    {
        (int code, string output, string error) = Run(command, "corridor", "--out", Path.Combine(folder, "no", "such", "folder", "result.json"));
        Assert.Equal((ExitCode.Disk, ""), (code, output));
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Equal(ExitCode.Disk, Run(command, "corridor", "--out", folder).Code);
        Assert.Empty(Directory.GetFiles(folder));
    }

    [Fact]
    public void A_NaN_action_maps_to_code_3_and_other_bad_actions_to_1()
    {
        Assert.Equal(ExitCode.NonFinite, ExitCode.Of(new BadActionException(0, 0, Kernels.Environments.ErrorCode.ActionNotFinite, 1)));
        Assert.Equal(ExitCode.Failure, ExitCode.Of(new BadActionException(0, 0, Kernels.Environments.ErrorCode.ActionOutOfRange, 1)));
        Assert.Equal(ExitCode.NonFinite, ExitCode.Of(new NonFiniteException("x")));
    }

    [Fact]
    public void Later_sources_of_settings_win_over_earlier_ones()
    {
        string file = Write("config.json", """{ "maxTicks": 11, /* a comment */ "matchOffset": 12, "desync": true, }""");
        Assert.Equal("defaults", Options());
        Assert.Equal("--memory true", Options("--preset", "memory"));
        Assert.Equal("--match-offset 12 --desync true --memory true --max-ticks 11", Options("--preset", "memory", "--config", file));
        Assert.Equal("--match-offset 12 --desync true --max-ticks 13", Options("--config", file, "--set", "maxTicks=13"));
        Assert.Equal("--match-offset 15 --max-ticks 14",
            Options("--max-ticks", "14", "--set", "maxTicks=13", "--set", "match-offset=15", "--config", file, "--desync", "off"));
        Assert.Equal("--envs 5", Options("--envs", "5"));
    }

    [Fact]
    public void A_switch_needs_no_value_and_does_not_swallow_the_next_word()
    {
        Assert.Equal("--memory true", Options("--memory"));
        Assert.Equal("--memory true", Options("--memory", "yes"));
        Assert.Equal("defaults", Options("--memory", "false"));
        (int code, string output, _) = Run("eval", "--memory", "corridor", "--games", "2", "--json");
        Assert.Equal(0, code);
        Assert.Contains("--memory true", output);
    }

    [Fact]
    public void Games_lists_every_game_and_one_game_shows_every_setting()
    {
        (int code, string list, string error) = Run("games");
        Assert.Equal((0, ""), (code, error));
        foreach (var game in Kernels.Environments.Registry.Games)
        {
            Assert.Contains(game.Name, list);
            (code, string one, _) = Run("games", game.Name);
            Assert.Equal(0, code);
            foreach (var setting in Kernels.Environments.Settings.Of(game.DefaultOptions)) Assert.Contains(setting.OptionName + " ", one);
            foreach (var preset in game.Presets) Assert.Contains(preset.Name, one);
        }
    }

    [Theory]
    [InlineData("bench")]
    [InlineData("eval")]
    [InlineData("watch")]
    [InlineData("play")]
    [InlineData("validate")]
    public void Help_lists_the_settings_of_the_game_that_is_named(string command)
    {
        (int code, string help, _) = Run(command, "soccer", "--help");
        Assert.Equal(0, code);
        Assert.Contains("--physics.ball-drag <0..100>", help);
        Assert.Contains("[1/s] (default 0.6)", help);
        Assert.All(help.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, Terminal.PlainWidth));
        Assert.Contains($"arena {command} soccer --help", Run(command, "--help").Output);
    }

    [Fact]
    public void Doctor_says_what_is_here()
    {
        (int code, string output, _) = Run("doctor");
        Assert.Equal(0, code);
        foreach (string line in new[] { "runtime", "cores", "instruction set", "build: checked", "NVIDIA driver", "device chosen" }) Assert.Contains(line, output);
    }

    [Fact]
    public void Eval_writes_the_same_json_to_a_file_and_to_the_output()
    {
        string file = Path.Combine(folder, "result.json");
        (int code, string output, _) = Run("eval", "corridor", "--games", "20", "--json", "--out", file);
        Assert.Equal(0, code);
        Assert.Equal(output, File.ReadAllText(file));
        using JsonDocument json = JsonDocument.Parse(output);
        JsonElement script = json.RootElement.GetProperty("players")[1];
        Assert.Equal("scripted:optimal", script.GetProperty("player").GetString());
        Assert.Equal(0.97, script.GetProperty("score").GetProperty("value").GetDouble(), 5);
        Assert.Equal([file], Directory.GetFiles(folder));
    }

    [Fact]
    public void Eval_of_a_two_sided_game_writes_a_table_of_strengths()
    {
        Kernels.Environments.Registry.Add<DuelGame>();
        (int code, string output, _) = Run("eval", "duel", "--games", "16");
        Assert.Equal(0, code);
        Assert.Contains("scripted:low     scripted:high", output);
        (_, string one, _) = Run("eval", "duel", "--games", "16", "--a", "scripted:high", "--against", "scripted:low,scripted:middle");
        Assert.Contains("scripted:high against scripted:middle, per game", one);
        Assert.Contains("100.0 % (80.6 to 100.0)", one); // Wilson: 16 of 16
    }

    [Fact]
    public void Bench_writes_numbers_that_fit_together_in_any_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            // Commas as decimal points would make the JSON and the tables of this machine unreadable elsewhere.
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            (int code, string output, _) = Run("bench", "corridor", "--seconds", "0.05", "--envs", "32", "--threads", "1", "--json");
            Assert.Equal(0, code);
            using JsonDocument json = JsonDocument.Parse(output);
            JsonElement row = json.RootElement.GetProperty("rows")[0];
            Assert.Equal(row.GetProperty("agentStepsPerSecond").GetDouble(), 1e9 / row.GetProperty("nanosecondsPerAgentStep").GetDouble(), 1.0);
            Assert.Equal(row.GetProperty("agentStepsPerSecond").GetDouble(), row.GetProperty("matchStepsPerSecond").GetDouble());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Watch_prints_plain_frames_and_the_result_without_escape_codes()
    {
        (int code, string output, _) = Run("watch", "corridor", "--ascii", "--every", "2");
        Assert.Equal(0, code);
        Assert.DoesNotContain('\e', output);
        Assert.Contains("tick 0 of 32", output);
        Assert.Contains("tick 2 of 32", output);
        Assert.DoesNotContain("tick 3 of 32", output);
        Assert.Contains("The match is over: score 0.97", output);
    }

    [Theory]
    [InlineData("corridor", "--a random --seed 4")]
    [InlineData("soccer", "--team-size 2 --max-ticks 60 --match-offset 3")]
    public void A_recorded_match_is_shown_again_frame_by_frame(string game, string options)
    {
        string file = Path.Combine(folder, "match.replay");
        (int code, string live, string error) = Run(["watch", game, "--ascii", "--every", "5", "--record", file, .. options.Split(' ')]);
        Assert.True(code == 0, error);
        (code, string again, error) = Run("watch", game, "--ascii", "--every", "5", "--replay", file);
        Assert.True(code == 0, error);
        Assert.Equal(WithoutPlayers(live), WithoutPlayers(again));
    }

    [Fact]
    public void Replays_of_another_game_with_players_or_damaged_are_refused()
    {
        string file = Path.Combine(folder, "match.replay");
        Assert.Equal(0, Run("watch", "corridor", "--ascii", "--record", file).Code);
        Assert.Contains("replay of 'corridor'", Run("watch", "soccer", "--ascii", "--replay", file).Error);
        Assert.Contains("leave --a or --replay out", Run("watch", "corridor", "--ascii", "--replay", file, "--a", "random").Error);
        Assert.Contains("a replay has its own", Run("watch", "corridor", "--ascii", "--replay", file, "--max-ticks", "9").Error);
        File.WriteAllText(file, "damaged");
        (int code, _, string error) = Run("watch", "corridor", "--ascii", "--replay", file);
        Assert.Equal(ExitCode.Usage, code);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Equal(ExitCode.Disk, Run("watch", "corridor", "--ascii", "--record", Path.Combine(folder, "no", "match.replay")).Code);
    }

    [Fact]
    public void Watch_in_a_terminal_redraws_in_place_and_gives_the_cursor_back()
    {
        var output = new StringWriter();
        var terminal = new Terminal { Output = output, Error = TextWriter.Null, IsTerminal = true, Color = true, Width = 60, Height = 20 };
        Assert.Equal(0, CommandLine.Run(["watch", "corridor", "--ascii", "--speed", "0"], terminal, CancellationToken.None));
        string text = output.ToString();
        Assert.StartsWith(Ansi.HideCursor, text);
        Assert.Contains(Ansi.ShowCursor, text);
        Assert.Contains(Ansi.Up(1)[..2], text);
    }

    [Theory]
    [InlineData("watch corridor --ascii --a random --max-ticks 1000000 --ticks 1000000")]
    [InlineData("eval corridor --games 100000")]
    [InlineData("bench corridor --seconds 60")]
    public void Ctrl_C_ends_a_command_with_code_130(string line)
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        var error = new StringWriter();
        Assert.Equal(ExitCode.Cancelled, CommandLine.Run(line.Split(' '), Terminal.Plain(TextWriter.Null, error), cancellation.Token));
        Assert.Contains("Stopped by Ctrl-C or SIGTERM.", error.ToString());
    }

    [Fact]
    public void Verbose_adds_the_stack_trace()
    {
        Assert.DoesNotContain("   at ", Run("bench", "coridor").Error);
        Assert.Contains("   at ", Run("bench", "coridor", "--verbose").Error);
    }

    [Fact]
    public void Validate_passes_on_the_corridor()
    {
        (int code, string output, _) = Run("validate", "corridor", "--envs", "8", "--ticks", "64");
        Assert.Equal(0, code);
        Assert.Contains("1 thread again", output);
        Assert.EndsWith("Passed." + Environment.NewLine, output);
    }

    [Fact]
    public void Nothing_given_shows_the_commands()
    {
        (int code, string output, _) = Run();
        Assert.Equal(0, code);
        foreach (string command in new[] { "games", "watch", "eval", "validate", "bench", "doctor" }) Assert.Contains(command, output);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        StringWriter output = new(), error = new();
        int code = CommandLine.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    // The legend names the players, which a replay does not know.
    private static string WithoutPlayers(string frames) => string.Join('\n', frames.Split('\n').Where(line => !line.StartsWith('(')));

    // The resolved settings, as eval reports them.
    private static string Options(params string[] args)
    {
        (int code, string output, string error) = Run(["eval", "corridor", "--games", "2", "--json", .. args]);
        Assert.True(code == 0, error);
        using JsonDocument json = JsonDocument.Parse(output);
        return json.RootElement.GetProperty("options").GetString()!;
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }
}
