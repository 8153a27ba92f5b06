using System.Globalization;
using System.Runtime.InteropServices;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Tests;

namespace Arena.Kernels.Tests.Creature;

/// <summary>Determinism, the divergence guard, tasks and rewards.</summary>
public sealed class EpisodeTests
{
    public static TheoryData<string, int, float> Poisons
    {
        get
        {
            var data = new TheoryData<string, int, float>();
            foreach (float poison in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1e6f])
                for (int element = 13; element < 26; element++)
                    data.Add("body", element, poison);
            foreach (string column in (string[])["goal", "distance", "wanted", "actions", "heading", "command", "statistics", "ball"]) data.Add(column, 0, float.NaN);
            data.Add("body", 3 + 13, 0f);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Poisons))]
    public void A_poisoned_state_is_counted_reset_and_stays_alone(string column, int element, float poison)
    {
        using var well = new Herd(new CreatureOptions { NumEnvs = 3 });
        using var ill = new Herd(new CreatureOptions { NumEnvs = 3 });
        for (int tick = 0; tick < 5; tick++)
        {
            well.Play(1);
            ill.Play(1);
        }

        float[] values = ill.Floats(column, 1);
        values[element] = poison;
        if (poison == 0f) values.AsSpan(16, 4).Clear(); // no rotation at all
        ill.Put(column, values, 1);
        well.Play(1);
        ill.Play(1);
        bool recomputed = column is "distance" or "wanted" or "actions" or "heading" or "ball"; // overwritten in every tick, or not looked at
        if (ill.Buffers.Terminated!.ToArray()[1] == 0) Assert.True(recomputed, $"{column}[{element}] = {poison} went unseen");
        else
        {
            Assert.NotEqual(0f, ill.Buffers.EpisodeStatistics!.ToArray()[CreatureStatistic.Reported + CreatureStatistic.Diverged]);
            Assert.Equal(-5f, ill.Buffers.Rewards!.ToArray()[1]);
            Assert.Equal((1, 1), (ill.Buffers.EpisodesFinished!.ToArray()[1], ill.Buffers.EpisodeStart!.ToArray()[1]));
            Assert.Equal(0.0, ill.Environment.State["tick"].ReadMatch(1)[0]);
        }

        Assert.All(ill.Environment.State.All, state => Assert.All(state.ReadMatch(1), value => Assert.True(double.IsFinite(value), $"{state.Name} is {value}")));
        Assert.All(ill.Buffers.Observations!.ToArray(), value => Assert.True(float.IsFinite(value)));
        foreach (int neighbour in (int[])[0, 2]) Assert.Equal(well.Environment.State.ReadMatch(neighbour), ill.Environment.State.ReadMatch(neighbour));
    }

    [Fact]
    public void The_log_counts_every_divergence_and_keeps_the_first_of_every_match()
    {
        using var herd = new Herd(new CreatureOptions { NumEnvs = 5, MatchOffset = 40 });
        for (int tick = 0; tick < 12; tick++)
        {
            if (tick is 3 or 9) Poison(1, CreatureConstants.Velocity, 1e6f);
            if (tick == 9) Poison(4, 0, float.NaN);
            herd.Step();
        }

        Assert.Equal(3, herd.Environment.Divergences.Take(out IReadOnlyList<Divergence> firsts));
        Assert.Equal(
            [new Divergence(41, 0, 4, CreatureGuard.Causes[CreatureGuard.Position]), new Divergence(44, 0, 10, CreatureGuard.Causes[CreatureGuard.Position])], firsts);
        Assert.Equal(0, herd.Environment.Divergences.Take(out firsts));
        Assert.Empty(firsts);
        Poison(2, 0, float.NaN);
        herd.Step();
        herd.Environment.Reset(1, herd.Buffers.Views);
        Assert.Equal(0, herd.Environment.Divergences.Take(out _)); // a new beginning

        void Poison(int env, int element, float value)
        {
            float[] body = herd.Floats("body", env);
            body[element] = value;
            herd.Put("body", body, env);
        }
    }

    // 50 ticks; 1,000 at full size.
    [Theory]
    [InlineData("ant", "D381F795298FE523", "DE05BA6EABB55348")]
    [InlineData("six-legs", "A0074E1343D383FA", "9884C7E0D97B9630")]
    public void The_gait_of_64_creatures_has_a_stored_hash_on_any_number_of_threads(string skeleton, string expected, string expectedAtFullSize)
    {
        string one = Hash(skeleton, threads: 1);
        Assert.Equal(one, Hash(skeleton, threads: 3));
        Assert.Equal(TestSize.Full ? expectedAtFullSize : expected, one);
    }

    [Fact]
    public void Generated_skeletons_have_stored_hashes_and_are_mirror_images_of_themselves()
    {
        Assert.Equal("75CC075D3E5EA368", Code("generated:legs=6,segments=2,plan=pairs,seed=7"));
        Assert.Equal("D509DD4EAFA074F9", Code("generated:legs=5,segments=3,plan=ring,seed=1"));
        SkeletonFile pairs = Skeletons.Find("generated:legs=6,segments=2,plan=pairs,seed=7");
        Assert.Equal((13, 12), (pairs.Bodies.Count, pairs.Joints.Count));
        for (int body = 1; body <= 6; body++)
        {
            Double3 left = pairs.Bodies[body].To, right = pairs.Bodies[body + 6].To;
            Assert.Equal((left.X, left.Y, left.Z), (right.X, -right.Y, right.Z));
        }
    }

    [Theory]
    [InlineData("generated:legs=5,segments=2,plan=pairs,seed=1", "take an even number")]
    [InlineData("generated:legs=2,segments=2,plan=ring,seed=1", "take at least 3")]
    [InlineData("generated:legs=9,segments=2,seed=1", "allowed are 2..8")]
    [InlineData("generated:legs=4,segments=4,seed=1", "allowed are 1..3")]
    [InlineData("generated:legs=4,segments=2", "'seed' is missing")]
    [InlineData("generated:legs=4,segments=2,seed=1,seed=2", "'seed' stands there twice")]
    [InlineData("generated:arms=4", "'arms=4' is no parameter")]
    public void A_wrong_code_says_what_is_wrong(string code, string expected) =>
        Assert.Contains(expected, Assert.Throws<UsageException>(() => Skeletons.Find(code)).Message, StringComparison.Ordinal);

    [Fact]
    public void Rewards_are_their_parts_and_speed_is_way_by_time()
    {
        using var herd = new Herd(new CreatureOptions { NumEnvs = 4, SlowestCommand = 0.5f });
        for (int tick = 0; tick < 60; tick++)
        {
            float[][] before = [.. Enumerable.Range(0, 4).Select(env => herd.Floats("body", env))];
            float[][] last = [.. Enumerable.Range(0, 4).Select(env => herd.Floats("actions", env))];
            herd.Play(1);
            float[] parts = herd.Buffers.RewardParts!.ToArray(), rewards = herd.Buffers.Rewards!.ToArray();
            for (int env = 0; env < 4; env++)
            {
                float sum = 0f;
                for (int part = 0; part < CreatureReward.Count; part++) sum += parts[(env * CreatureReward.Count) + part];
                Assert.Equal(sum, rewards[env]);
                if (herd.Buffers.EpisodeStart!.ToArray()[env] != 0) continue;
                float[] goal = herd.Floats("goal", env), now = herd.Floats("body", env);
                if (herd.Environment.State["origin"].ReadMatch(env).Any(o => o != 0)) continue;
                double along = (((now[0] - before[env][0]) * goal[0]) + ((now[1] - before[env][1]) * goal[1])) * 50;
                Assert.Equal(Math.Clamp(along, -1, herd.Floats("command", env)[0] + 0.5), parts[env * CreatureReward.Count], 1e-3);
                double change = 0;
                float[] actions = herd.Floats("actions", env);
                for (int action = 0; action < 8; action++) change += Math.Pow(actions[action] - last[env][action], 2);
                Assert.Equal(tick == 0 ? 0 : -0.05 * change / 8, parts[(env * CreatureReward.Count) + CreatureReward.Smooth], 1e-6);
                Assert.Equal(0.2f, parts[(env * CreatureReward.Count) + CreatureReward.Alive]);
            }
        }
    }

    [Fact]
    public void A_reached_point_pays_and_another_one_is_drawn()
    {
        using var herd = new Herd(new CreatureOptions { NumEnvs = 1, Task = CreatureTask.Target, Level = 1 });
        float[] body = herd.Floats("body");
        herd.Put("goal", [body[0] + 0.4f, body[1], 0f, 0f]);
        herd.Put("distance", [0.4f, 0f, 0f]);
        herd.Step();
        Assert.Equal(20f, herd.Buffers.RewardParts!.ToArray()[CreatureReward.Reach]);
        Assert.Equal(1f, herd.Floats("statistics")[CreatureStatistic.Events]);
        float distance = herd.Floats("distance")[0];
        Assert.InRange(distance, 1.99f, 4.01f);
        herd.Step();
        Assert.InRange(herd.Buffers.RewardParts!.ToArray()[CreatureReward.Progress], -0.5f, 0.5f); // by the new distance, no jump
    }

    [Fact]
    public void Bad_actions_are_zero_and_flagged()
    {
        using var herd = new Herd(new CreatureOptions { NumEnvs = 1 });
        herd.Actions[3] = float.NaN;
        herd.Actions[4] = 7f;
        herd.Step();
        Assert.Equal(ErrorCode.ActionNotFinite, herd.Buffers.Errors!.ToArray()[0]);
        Assert.Equal((0f, 1f), (herd.Floats("actions")[3], herd.Floats("actions")[4]));
        Assert.Equal(1f, herd.Floats("statistics")[CreatureStatistic.BadActions]);
    }

    private static string Hash(string skeleton, int threads)
    {
        using var herd = new Herd(new CreatureOptions { Skeleton = skeleton, NumEnvs = 64 }, threads, seed: 11);
        for (int tick = 0; tick < TestSize.Of(50, 1000); tick++) herd.Play(2);
        byte[] all = [.. Enumerable.Range(0, 64).SelectMany(herd.Environment.State.ReadMatch)];
        return CreatureHash.Of(all).ToString("X16", CultureInfo.InvariantCulture);
    }

    private static string Code(string code) => CreatureHash.Of(MemoryMarshal.AsBytes(SkeletonWriter.Write(Skeletons.Find(code)).AsSpan())).ToString("X16", CultureInfo.InvariantCulture);
}
