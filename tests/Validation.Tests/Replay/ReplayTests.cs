using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Validation.Replay;

namespace Arena.Validation.Tests.Replay;

public sealed class ReplayTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("arena-replay-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string, int, int> Games => new()
    {
        { "corridor", 6, 2 },
        { "soccer", 5, 3 },
    };

    [Theory]
    [MemberData(nameof(Games))]
    public void A_match_of_a_batch_comes_back_bit_for_bit(string game, int envs, int env)
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        GameOptions options = Registry.Find(game).DefaultOptions with { NumEnvs = envs, MatchOffset = 40, Desync = true };
        options = Settings.With(options, "maxTicks", "30");
        (ReplayFile recorded, byte[] state) = Record(device, game, options, env, ticks: 75);
        string path = Path.Combine(folder, "match" + ReplayFile.Extension);

        ReplayFile.Write(path, recorded);
        ReplayFile read = ReplayFile.Read(path);
        using var player = new ReplayPlayer(device, read);
        player.Check();

        Assert.Equal(40 + env, read.Match);
        Assert.Equal(75, player.Tick);
        Assert.True(player.Finished);
        Assert.False(player.Step());
        Assert.Equal(state, player.Environment.State.ReadMatch(0));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void Settings_travel_and_those_of_the_batch_stay()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        var options = new SoccerOptions
        {
            NumEnvs = 3,
            MatchOffset = 9,
            TeamSize = 2,
            Physics = new SoccerPhysics { KickRule = KickRule.Sum, BallDrag = 0.3f },
            Actions = SoccerActions.Discrete,
        };

        ReplayFile read = Saved(Record(device, "soccer", options, 1, 5).Replay);

        Assert.Equal(["teamSize", "actions", "physics.kickRule", "physics.ballDrag"], read.Settings.Select(setting => setting.Key));
        Assert.Equal(options with { NumEnvs = 1, MatchOffset = 10 }, read.Options());
    }

    [Fact]
    public void Actions_that_are_not_numbers_survive()
    {
        ReplayFile replay = Small() with { Ticks = [new ReplayTick(0.25f, new MatchActions([float.NaN], [])), new ReplayTick(1, new MatchActions([float.NegativeInfinity], []))] };

        ReplayFile read = Saved(replay);

        Assert.Equal([float.NaN, float.NegativeInfinity], read.Ticks.Select(tick => tick.Actions.Continuous[0]));
        Assert.Equal([0.25f, 1], read.Ticks.Select(tick => tick.Progress));
    }

    [Fact]
    public void A_tampered_action_is_noticed_at_the_end()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        ReplayFile replay = Record(device, "corridor", new CorridorOptions { NumEnvs = 2 }, 0, 20).Replay;
        ReplayTick[] ticks = [.. replay.Ticks];
        ticks[19] = new ReplayTick(0, new MatchActions([], [1 - ticks[19].Actions.Discrete[0]]));
        using var player = new ReplayPlayer(device, replay with { Ticks = ticks });

        string message = Assert.Throws<UsageException>(player.Check).Message;

        Assert.Contains("was recorded", message);
        Assert.Contains("After 20 ticks of match 0 of corridor", message);
    }

    [Fact]
    public void Every_truncation_is_explained()
    {
        byte[] whole = ReplayFile.Encode(Small());
        for (int length = 0; length < whole.Length; length++)
        {
            string message = Rejected(whole[..length]);
            Assert.Contains(length == 0 ? "not a replay" : "cut off", message);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        byte[] whole = ReplayFile.Encode(Small());
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            byte[] damaged = [.. whole];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEmpty(Rejected(damaged));
        }
    }

    [Fact]
    public void A_file_with_more_than_its_header_says_is_rejected() =>
        Assert.Contains("1 more than its header says", Rejected([.. ReplayFile.Encode(Small()), 0]));

    [Fact]
    public void A_missing_file_and_another_kind_of_file_are_explained()
    {
        Assert.Contains("no file", Assert.Throws<UsageException>(() => ReplayFile.Read(Path.Combine(folder, "none.replay"))).Message);
        Assert.Contains("not a replay", Rejected("{\"game\":\"soccer\"}"u8.ToArray()));
    }

    [Fact]
    public void A_newer_format_asks_for_a_newer_program()
    {
        byte[] bytes = ReplayFile.Encode(Small());
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 2);
        Assert.Contains("has replay format 2; this program reads up to format 1", Rejected(bytes));
    }

    [Theory]
    [InlineData("chess", "teamSize", "no game called 'chess'")]
    [InlineData("corridor", "maxTick", "Did you mean 'maxTicks'?")]
    public void An_unknown_game_or_setting_is_named(string game, string setting, string said)
    {
        string message = Rejected(ReplayFile.Encode(Small() with { Game = game, Settings = [KeyValuePair.Create(setting, "3")] }));
        Assert.Contains("cannot play", message);
        Assert.Contains(said, message);
    }

    [Fact]
    public void Actions_of_another_shape_than_the_games_are_rejected() =>
        Assert.Contains("1 agents with 1 continuous and 0 discrete", Rejected(ReplayFile.Encode(Small() with { Settings = [] })));

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1 << 21)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_hostile_header_length_is_rejected(int length)
    {
        byte[] bytes = ReplayFile.Encode(Small());
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), length);
        Assert.Contains("header claims", Rejected(bytes));
    }

    [Theory]
    [InlineData("\"ticks\":2147483647,\"agents\":65536,\"continuous\":1024,\"discrete\":1024", "cut off")]
    [InlineData("\"ticks\":-1,\"agents\":1,\"continuous\":1,\"discrete\":0", "claims match 0, -1 ticks")]
    [InlineData("\"ticks\":1,\"agents\":0,\"continuous\":1,\"discrete\":0", "0 agents")]
    [InlineData("\"ticks\":1,\"agents\":1,\"continuous\":-5,\"discrete\":0", "-5 continuous")]
    [InlineData("\"ticks\":1e9", "not the JSON")]
    [InlineData("\"ticks\":1,\"surprise\":1", "not the JSON")]
    public void A_hostile_header_is_rejected(string fields, string said) =>
        Assert.Contains(said, Rejected(Sealed($"{{\"game\":\"corridor\",\"settings\":{{}},\"seed\":1,\"match\":0,\"finalState\":\"\",{fields}}}")));

    [Theory]
    [InlineData("null", "empty")]
    [InlineData("[]", "not the JSON")]
    [InlineData("{}", "lacks")]
    [InlineData("{\"game\":\"corridor\",\"settings\":{\"maxTicks\":null},\"finalState\":\"\"}", "without a value")]
    public void A_header_that_is_not_one_is_rejected(string json, string said) => Assert.Contains(said, Rejected(Sealed(json)));

    // A file with this header, no ticks, and a correct checksum.
    private static byte[] Sealed(string json)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        byte[] bytes = [.. "ARENARPL"u8, .. BitConverter.GetBytes(1), .. BitConverter.GetBytes(header.Length), .. header];
        return [.. bytes, .. SHA256.HashData(bytes)];
    }

    private static ReplayFile Small() => new()
    {
        Game = "corridor",
        Settings = [KeyValuePair.Create("actions", "continuous")],
        Seed = ulong.MaxValue,
        Match = 3,
        Agents = 1,
        Continuous = 1,
        Discrete = 0,
        FinalState = "00",
        Ticks = [new ReplayTick(0, new MatchActions([0.5f], []))],
    };

    private ReplayFile Saved(ReplayFile replay)
    {
        string path = Path.Combine(folder, "saved.replay");
        ReplayFile.Write(path, replay);
        return ReplayFile.Read(path);
    }

    private string Rejected(byte[] bytes)
    {
        string path = Path.Combine(folder, "bad.replay");
        File.WriteAllBytes(path, bytes);
        string message = Assert.Throws<UsageException>(() => ReplayFile.Read(path)).Message;
        Assert.Contains(path, message);
        return message;
    }

    private static (ReplayFile Replay, byte[] State) Record(IDevice device, string game, GameOptions options, int env, int ticks)
    {
        using IEnvironment environment = Registry.Find(game).Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, environment.NumEnvs);
        using var driver = new Driver(environment, new LockstepPlan { Drive = "random" });
        environment.Reset(11, buffers.Views);
        var recorder = new ReplayRecorder(environment, env);
        for (int tick = 0; tick < ticks; tick++)
        {
            environment.Progress = tick / 100f;
            driver.Act(buffers, tick);
            recorder.Record(buffers);
            environment.Step(buffers.Views);
        }

        return (recorder.Finish(), environment.State.ReadMatch(env));
    }
}
