using System.Text.Json;
using Arena.HostApi.Cli;
using Arena.HostApi.Video;
using Arena.HostApi.Viewer;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Moba;
using Arena.Kernels.Environments.Snake;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>What the page is told about an agent, and captions of pictures.</summary>
public class AgentDetailTests
{
    [Fact]
    public void Every_channel_of_a_window_is_a_picture_and_every_choice_has_its_name()
    {
        using var rig = new Rig(new MobaOptions { NumEnvs = 1 });
        JsonElement detail = rig.Detail(agent: 7, out byte[] seen);
        JsonElement[] pictures = [.. detail.GetProperty("observation").EnumerateArray().Where(field => field.TryGetProperty("columns", out _))];
        ByteGrid grid = rig.Spec.Observation.Grid!;
        Assert.Equal(["tile", "health", "mana", "level"], pictures.Select(picture => picture.GetProperty("name").GetString()));
        for (int channel = 0; channel < 4; channel++)
            Assert.Equal(Enumerable.Range(0, 121).Select(cell => (int)seen[grid.Offset + 4 * cell + channel]), pictures[channel].GetProperty("values").EnumerateArray().Select(value => value.GetInt32()));
        Assert.NotEqual(pictures[0].GetProperty("values").ToString(), pictures[1].GetProperty("values").ToString());
        JsonElement targets = detail.GetProperty("heads").EnumerateArray().Single(head => head.GetProperty("name").GetString() == "targets");
        Assert.Equal("heroes and structures", targets.GetProperty("choices")[2].GetString());
    }

    [Fact]
    public void Padding_is_left_out_and_parts_of_a_record_have_names()
    {
        using var snakes = new Rig((SnakeOptions)Registry.Find("snake").Presets.First(preset => preset.Name == "classic").Options with { NumEnvs = 1 });
        string[] fields = [.. snakes.Detail(agent: 0, out _).GetProperty("observation").EnumerateArray().Select(field => field.GetProperty("name").GetString()!)];
        Assert.Equal(["cell", "heading: up, right, down, left", "length, at most 255", "growth owed", "hunger"], fields);

        using var units = new Rig(new MobaOptions { NumEnvs = 1, Observation = MobaObservation.Entities });
        JsonElement unit = units.Detail(agent: 0, out _).GetProperty("observation")[0];
        Assert.Equal(("unit 1", 12), (unit.GetProperty("name").GetString(), unit.GetProperty("parts").GetArrayLength()));
        Assert.Equal("kind", unit.GetProperty("parts")[0].GetString());
    }

    [Fact]
    public void Choices_are_named_for_all_heads_of_a_game_or_for_none() =>
        Assert.All(Registry.Games.SelectMany(game => game.Presets.Select(preset => preset.Options).Prepend(game.DefaultOptions).Select(game.Describe)), spec =>
        {
            if (spec.Action.Choices.Count > 0) Assert.Equal(spec.Action.Discrete.Select(head => head.Size), spec.Action.Choices.Select(names => names.Count));
        });

    [Theory]
    [InlineData("A 0 : 0 B   8.7 s of 40.0 s", 34, new[] { "A 0 : 0 B   8.7 s of 40.0 s" })]
    [InlineData("structures A 12 : 12 B   levels 5 : 5   kills 0 : 0", 34, new[] { "structures A 12 : 12 B", "levels 5 : 5   kills 0 : 0" })]
    [InlineData("unbreakable", 4, new[] { "unbr" })]
    [InlineData("", 4, new string[0])]
    public void A_caption_is_broken_between_its_parts(string caption, int room, string[] lines) => Assert.Equal(lines, ScenePainter.CaptionLines(caption, room));

    private sealed class Rig : IDisposable
    {
        private readonly CpuDevice device = new(new CpuDeviceOptions { Threads = 1 });
        private readonly LiveMatch match;

        internal Rig(GameOptions options)
        {
            IGame game = Registry.Games.First(game => game.DefaultOptions.GetType() == options.GetType());
            Spec = game.Describe(options);
            Player[] players = [.. Enumerable.Repeat(Player.BuiltIn(Opponents.Baseline(Spec)), Spec.Sides)];
            match = new LiveMatch(device, new GameRequest(game, options, Seed: 5, Threads: 1, "cpu"), players, deterministic: false, record: false);
        }

        internal EnvironmentSpec Spec { get; }

        // After two ticks, with what the agent saw before the second.
        internal JsonElement Detail(int agent, out byte[] seen)
        {
            var detail = new AgentDetail(match);
            match.Step();
            seen = match.Buffers.ByteObservations!.ToArray()[(agent * Spec.Observation.Length)..((agent + 1) * Spec.Observation.Length)];
            detail.BeforeTick();
            match.Step();
            detail.AfterTick();
            using JsonDocument json = JsonDocument.Parse(detail.Json(0, agent, "who", person: false));
            return json.RootElement.Clone();
        }

        public void Dispose()
        {
            match.Dispose();
            device.Dispose();
        }
    }
}
