using Arena.Kernels.Common;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Random;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Every episode starts afresh: nothing of the last one is left, and where everybody stands is a function of the seed.</summary>
public sealed class ResetTests
{
    [Fact]
    public void A_reset_leaves_nothing_of_what_was() => Check.ForAll(20, dice =>
    {
        SoccerOptions options = dice.Options(3) with { RandomStart = 0.5f };
        using var fresh = new Pitch(options);
        using var used = new Pitch(options);
        Soil(dice, used);
        fresh.Reset(3);
        used.Reset(3);
        Assert.True(Difference.First(fresh, used) is null, $"{dice}: {Difference.First(fresh, used)}");
        Assert.Null(Difference.First("observations", fresh.Observations, used.Observations));
        Assert.All(used.Rewards.ToArray(), reward => Assert.Equal(0f, reward));
        Assert.All(used.Buffers.Errors!.ToArray(), error => Assert.Equal(0u, error));
        Assert.All(used.Buffers.EpisodeStart!.ToArray(), start => Assert.Equal((byte)1, start));
        Assert.All(used.Buffers.EpisodesFinished!.ToArray(), finished => Assert.Equal(0, finished));
    });

    [Fact]
    public void The_next_episode_starts_as_if_it_were_the_first_thing_that_happened() => NextEpisode(Rules.Shipped);

    [Fact]
    public void Statistics_that_live_on_are_caught() => Check.Catches(() => NextEpisode(Rules.Broken("touches live on", (Stage stage, ref SoccerTick tick, in SoccerArguments a) =>
    {
        if (stage == Stage.Continue) a.State.Statistics[tick.Env, SoccerStatistic.Touches] += 1f;
    })));

    [Fact]
    public void A_ball_history_that_lives_on_is_caught() => Check.Catches(() => NextEpisode(Rules.Then("an old ball", pitch => pitch.State.BallHistory[1, 9] = 0.25f)));

    [Fact]
    public void Mirrored_jitter_gives_both_sides_the_same_start()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 16, TeamSize = 5 });
        for (int env = 0; env < 16; env++)
        {
            for (int index = 0; index < 5; index++)
            {
                SoccerBody a = pitch.Player(env, index), b = pitch.Player(env, 5 + index);
                Assert.True(a.X == -b.X && a.Y == -b.Y, $"match {env}, player {index}: ({a.X}, {a.Y}) and ({b.X}, {b.Y})");
                CheckStart(pitch, env, index, (uint)index);
            }
        }
    }

    [Fact]
    public void Independent_jitter_gives_every_player_his_own()
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 16, TeamSize = 5, Jitter = SoccerJitter.Independent });
        for (int env = 0; env < 16; env++)
        {
            for (int agent = 0; agent < 10; agent++) CheckStart(pitch, env, agent, (uint)agent);
            Assert.NotEqual(pitch.Player(env, 0).X, -pitch.Player(env, 5).X);
        }
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(0.5f)]
    [InlineData(1f)]
    public void A_random_start_goes_from_the_formation_to_uniform_by_its_difficulty(float difficulty)
    {
        SoccerOptions options = new() { NumEnvs = 64, RandomStart = 1f, Difficulty = difficulty };
        using var pitch = new Pitch(options);
        using var formation = new Pitch(options with { RandomStart = 0f });
        for (int env = 0; env < 64; env++)
        {
            for (int agent = 0; agent < pitch.Agents; agent++) CheckBlend(pitch, env, formation.Player(env, agent), pitch.Player(env, agent), (uint)agent, difficulty);
            CheckBlend(pitch, env, default, pitch.Ball(env), SoccerPurpose.BallSlot, difficulty);
        }
    }

    [Theory]
    [InlineData(0f, 0, 0)]
    [InlineData(0.25f, 440, 610)] // 2,048 matches: mean 512, standard deviation 20; 3.6 of them to either side
    [InlineData(1f, 2048, 2048)]
    public void The_share_of_random_starts_is_as_asked(float share, int least, int most)
    {
        using var pitch = new Pitch(new SoccerOptions { NumEnvs = 2048, TeamSize = 1, RandomStart = share });
        int random = Enumerable.Range(0, 2048).Count(env => pitch.Ball(env).X != 0f);
        Assert.InRange(random, least, most);
    }

    [Fact]
    public void Everybody_starts_in_his_own_half_of_a_pitch_without_overlaps()
    {
        for (int teamSize = 1; teamSize <= SoccerConstants.MaxTeamSize; teamSize++)
        {
            using var pitch = new Pitch(new SoccerOptions { NumEnvs = 1, TeamSize = teamSize });
            SoccerReset.Formation(0, pitch.Arguments);
            for (int agent = 0; agent < pitch.Agents; agent++)
            {
                SoccerBody body = pitch.Player(0, agent);
                Assert.True(agent < teamSize ? body.X < 0f : body.X > 0f, $"{teamSize}v{teamSize}: player {agent} stands at x = {body.X}");
                for (int other = 0; other < agent; other++)
                {
                    SoccerBody mate = pitch.Player(0, other);
                    float distance = new Float2(mate.X - body.X, mate.Y - body.Y).Length;
                    Assert.True(distance > pitch.Parameters.PlayerContactDistance, $"{teamSize}v{teamSize}: players {other} and {agent} are {distance} m apart");
                }
            }
        }
    }

    private static void NextEpisode(Rules rules) => Check.ForAll(20, dice =>
    {
        SoccerOptions options = dice.Options(3) with { MaxTicks = 5, RandomStart = 0.5f };
        using var played = new Pitch(options);
        using var fresh = new Pitch(options);
        int episodes = dice.Int(1, 3);
        for (int tick = 0; tick < 5 * episodes; tick++)
        {
            dice.Act(played);
            rules.Tick(played);
        }

        Soil(dice, fresh);
        for (int env = 0; env < 3; env++)
        {
            SoccerReset.BeginEpisode(env, episodes, fresh.Arguments);
            SoccerReset.FindNearest(env, fresh.Arguments);
        }

        Assert.True(Difference.First(fresh, played) is null, $"{dice}, {rules}, episode {episodes}: {Difference.First(fresh, played)}");
        Assert.All(played.Buffers.EpisodesFinished!.ToArray(), finished => Assert.Equal(episodes, finished));
    });

    // Every byte of state and every result is something else.
    private static void Soil(Dice dice, Pitch pitch)
    {
        foreach (StateColumn column in pitch.Columns.All)
        {
            var bytes = new byte[column.BytesPerMatch];
            Array.Fill(bytes, (byte)dice.Int(1, 100));
            for (int env = 0; env < pitch.Matches; env++) column.WriteMatch(env, bytes);
        }

        pitch.Rewards.Fill(9f);
        pitch.Observations.Fill(9f);
        pitch.Buffers.Errors!.View.AsSpan().Fill(3u);
        pitch.Buffers.EpisodesFinished!.View.AsSpan().Fill(4);
    }

    private static void CheckStart(Pitch pitch, int env, int agent, uint slot)
    {
        float sign = agent < pitch.TeamSize ? 1f : -1f;
        Float2 place = SoccerFormation.Place(pitch.TeamSize, agent % pitch.TeamSize);
        UInt4 words = Philox.Draw(pitch.Seed, (uint)env, 0, 0, slot, SoccerPurpose.Jitter);
        SoccerBody body = pitch.Player(env, agent);
        double offsetX = sign * body.X - place.X * pitch.Parameters.HalfLength, offsetY = sign * body.Y - place.Y * pitch.Parameters.HalfWidth;
        Check.Close(0.5 * Philox.Symmetric(words.X), offsetX, 2e-6, $"match {env}, agent {agent}, jitter x");
        Check.Close(0.5 * Philox.Symmetric(words.Y), offsetY, 2e-6, $"match {env}, agent {agent}, jitter y");
    }

    private static void CheckBlend(Pitch pitch, int env, SoccerBody start, SoccerBody body, uint slot, double difficulty)
    {
        UInt4 words = Philox.Draw(pitch.Seed, (uint)env, 0, 0, slot, SoccerPurpose.RandomStart);
        double x = pitch.Parameters.HalfLength * Philox.Symmetric(words.X), y = pitch.Parameters.HalfWidth * Philox.Symmetric(words.Y);
        Check.Close(start.X + difficulty * (x - start.X), body.X, 3e-6, $"match {env}, slot {slot}, x at difficulty {difficulty}");
        Check.Close(start.Y + difficulty * (y - start.Y), body.Y, 3e-6, $"match {env}, slot {slot}, y at difficulty {difficulty}");
    }
}
