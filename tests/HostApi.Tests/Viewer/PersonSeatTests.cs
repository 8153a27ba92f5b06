using Arena.HostApi.Cli;
using Arena.HostApi.Viewer;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Snake;
using Arena.Kernels.Environments.Soccer;

namespace Arena.HostApi.Tests.Viewer;

/// <summary>Stick and button become the actions the game documents.</summary>
public sealed class PersonSeatTests
{
    [Theory]
    [InlineData(0, 0, false, "0 0 0 0")]
    [InlineData(1, 0, false, "1 0 0 0")]
    [InlineData(0, -1, true, "0 -1 0 -1")]
    [InlineData(0, 0, true, "0 0 1 0")] // a stick at rest kicks straight ahead
    public void Soccer_moves_with_the_stick_and_kicks_with_the_button(float x, float y, bool button, string expected) =>
        Assert.Equal(expected, Actions("soccer", new SoccerOptions { NumEnvs = 1 }, new StickInput(x, y, button), agent: 1));

    [Theory]
    [InlineData(0, 0, false, "0 0")]
    [InlineData(0.8f, 0.7f, false, "2 0")]
    [InlineData(-1, 0, true, "5 5")]
    [InlineData(0, -1, true, "7 7")]
    [InlineData(0, 0, true, "0 1")]
    public void Discrete_soccer_takes_the_nearest_of_eight_directions(float x, float y, bool button, string expected) =>
        Assert.Equal(expected, Actions("soccer", new SoccerOptions { NumEnvs = 1, Actions = SoccerActions.Discrete }, new StickInput(x, y, button), agent: 0));

    [Theory]
    [InlineData(0, 1, "0")]
    [InlineData(1, 0, "1")]
    [InlineData(0, -1, "2")]
    [InlineData(-1, 0, "3")]
    public void A_snake_turns_to_the_side_of_the_stick(float x, float y, string expected) =>
        Assert.Equal(expected, Actions("snake", Registry.Find("snake").Presets.First(preset => preset.Name == "small").Options with { NumEnvs = 1 }, new StickInput(x, y, false), agent: 3));

    [Fact]
    public void A_choice_without_a_key_is_the_one_before()
    {
        using var device = new CpuDevice();
        IGame game = Registry.Find("corridor");
        var options = new CorridorOptions { NumEnvs = 1 };
        EnvironmentSpec spec = game.Describe(options);
        using var buffers = new StepBuffers(device, spec, 1);
        var seat = new PersonSeat(spec, 0) { Input = new StickInput(1, 0, false) };
        seat.Write(buffers);
        seat.Input = StickInput.Rest;
        seat.Write(buffers);
        Assert.Equal([1], buffers.DiscreteActions!.ToArray());
        seat.Reset();
        seat.Write(buffers);
        Assert.Equal([0], buffers.DiscreteActions.ToArray());
    }

    [Fact]
    public void Every_game_says_how_it_is_played_in_full()
    {
        foreach (IGame game in Registry.Games)
        {
            foreach (GameOptions options in game.Presets.Select(preset => preset.Options).Prepend(game.DefaultOptions))
            {
                ActionSpec action = game.Describe(options).Action;
                if (action.Controls is not { } controls) continue;
                Assert.Equal((action.Continuous.Count, action.Discrete.Count), (controls.Continuous.Count, controls.Discrete.Count));
                foreach ((HeadControl control, DiscreteHead head) in controls.Discrete.Zip(action.Discrete))
                {
                    Assert.Equal(9, control.Choices.Count);
                    Assert.All(control.Choices, choice => Assert.InRange(choice, -1, head.Size - 1));
                }
            }
        }
    }

    [Fact]
    public void A_person_walks_the_corridor_to_its_end()
    {
        using var device = new CpuDevice();
        IGame game = Registry.Find("corridor");
        var options = new CorridorOptions { NumEnvs = 1 };
        var seat = new PersonSeat(game.Describe(options), 0) { Input = new StickInput(1, 0, false) };
        using var match = new LiveMatch(device, new GameRequest(game, options, 3, 1, "cpu"), [Player.BuiltIn("random")], deterministic: false, record: false, seat);
        for (int tick = 0; tick < 4; tick++) Assert.True(match.Step()); // the shortest way: the random player it sits in for would not find it
        Assert.Equal([1], match.Buffers.EpisodesFinished!.ToArray());
        Assert.Equal([1f], match.Buffers.Rewards!.ToArray());
    }

    private static string Actions(string name, GameOptions options, StickInput input, int agent)
    {
        using var device = new CpuDevice();
        EnvironmentSpec spec = Registry.Find(name).Describe(options);
        using var buffers = new StepBuffers(device, spec, options.NumEnvs);
        new PersonSeat(spec, agent) { Input = input }.Write(buffers);
        int continuous = spec.Action.Continuous.Count, discrete = spec.Action.Discrete.Count;
        float[] floats = buffers.ContinuousActions?.ToArray() ?? [];
        int[] heads = buffers.DiscreteActions?.ToArray() ?? [];
        IEnumerable<string> row = floats.Skip(agent * continuous).Take(continuous).Select(value => $"{value + 0f}").Concat(heads.Skip(agent * discrete).Take(discrete).Select(choice => $"{choice}"));
        return string.Join(' ', row);
    }
}
