using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Arena.Kernels;
using Arena.Policy.SelfPlay;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>Admission, eviction, slots and scores of the pool of past selves.</summary>
public class OpponentPoolTests
{
    private const int Parameters = 3;

    [Fact]
    public void What_is_frozen_is_a_copy()
    {
        var pool = new OpponentPool(new(), Parameters);
        float[] live = [1, 2, 3];
        PoolEntry entry = pool.Admit(50, 1000, live);
        live[1] = 9;
        Assert.Equal([1, 2, 3], entry.Weights.ToArray());
        pool.Verify();
        // SHA-256 of the twelve bytes 0000803f 00000040 00004040, by sha256sum.
        Assert.Equal(PinnedHash, entry.Hash);
    }

    [Fact]
    public void A_write_into_frozen_weights_is_found_in_the_pool_and_in_a_slot()
    {
        var pool = new OpponentPool(new(), Parameters);
        PoolEntry entry = pool.Admit(50, 1000, [1, 2, 3]);
        pool.AssignSlots(1, 50, new int[8]);
        pool.VerifySlot(0, [1, 2, 3]);
        Assert.Contains("in slot 0", Assert.Throws<InvalidOperationException>(() => pool.VerifySlot(0, [1, 2, 3.0000002f])).Message);
        // The planted alias: somebody who casts the constness away.
        MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(entry.Weights), 3)[2] = -3;
        Assert.Contains("Policy 0 in the pool", Assert.Throws<InvalidOperationException>(pool.Verify).Message);
    }

    [Fact]
    public void Admission_is_due_after_50_updates_or_10_million_agent_steps_whichever_comes_first()
    {
        var pool = new OpponentPool(new(), Parameters);
        Assert.False(pool.AdmissionDue(49, 9_999_999));
        Assert.True(pool.AdmissionDue(50, 10));
        Assert.True(pool.AdmissionDue(3, 10_000_000));
        pool.Admit(30, 10_000_001, new float[Parameters]);
        Assert.False(pool.AdmissionDue(79, 20_000_000));
        Assert.True(pool.AdmissionDue(80, 10_000_001));
        Assert.True(pool.AdmissionDue(31, 20_000_001));
        pool.Promote(79, 19_000_000, new float[Parameters]); // admits too
        Assert.False(pool.AdmissionDue(128, 28_999_999));
    }

    [Fact]
    public void The_first_the_champion_the_held_out_and_those_in_slots_are_never_evicted()
    {
        var pool = new OpponentPool(new() { MaxEntries = 8, Slots = 2 }, Parameters);
        pool.AddHeldOut(7, [9, 9, 9]);
        PoolEntry first = pool.Admit(1, 1, [0, 0, 0]);
        PoolEntry champion = pool.Promote(2, 2, [1, 0, 0]);
        for (int i = 3; i < 200; i++)
        {
            pool.AssignSlots((ulong)i, i, new int[2]);
            PoolEntry[] seated = [pool.SlotEntry(0)!, pool.SlotEntry(1)!];
            if (i == 100) champion = pool.Promote(i, i, [i, 0, 0], rating: i % 7);
            else pool.Admit(i, i, [i, 0, 0], rating: i % 7);
            Assert.Contains(first, pool.Entries);
            Assert.Contains(pool.Champion, pool.Entries);
            Assert.Equal(champion, pool.Champion);
            Assert.Contains(pool.Entries, entry => entry.Flags == PoolFlags.HeldOut);
            Assert.True(pool.Entries.Count <= 8);
            Assert.Empty(seated.Except(pool.Entries));
        }

        Assert.Equal(8, pool.Entries.Count);
        pool.Verify();
    }

    // Elo 0 (first), 100, 130, 300, 500: 100 and 130 are nearest, and as far apart in age from their neighbours; the older one goes.
    [Fact]
    public void The_entry_nearest_in_rating_to_another_is_evicted()
    {
        var pool = new OpponentPool(new() { MaxEntries = 5, Slots = 1 }, Parameters);
        foreach (double rating in new[] { 0.0, 300, 130, 100, 500 }) pool.Admit(1, pool.Entries.Count, [(float)rating, 0, 0], rating);
        pool.Admit(1, 5, [600, 0, 0], 600);
        Assert.Equal([0, 300, 100, 500, 600], pool.Entries.Select(entry => entry.Rating));
        // 0 and 100 are 100 apart, as are 500 and 600. The first is protected; without 100 agent-steps 1 to 4 would lack a policy, without 500 only 3 to 5.
        pool.Admit(1, 6, [900, 0, 0], 900);
        Assert.Equal([0, 300, 100, 600, 900], pool.Entries.Select(entry => entry.Rating));
    }

    [Fact]
    public void Unrated_entries_are_thinned_out_evenly_over_time()
    {
        var pool = new OpponentPool(new() { MaxEntries = 12, Slots = 1 }, Parameters);
        for (int i = 0; i < 100; i++) pool.Admit(i, i, [i, 0, 0]);
        long[] steps = [.. pool.Entries.Select(entry => entry.AgentSteps)];
        Assert.Equal(0, steps[0]);
        Assert.Equal(99, steps[^1]);
        Assert.True(steps.Zip(steps.Skip(1), (a, b) => b - a).Max() <= 24, string.Join(' ', steps)); // twice the even spacing, rounded up
    }

    [Fact]
    public void A_pool_that_could_not_evict_is_refused()
    {
        Assert.Contains("allowed are at least 11", Assert.Throws<UsageException>(() => new OpponentPool(new() { MaxEntries = 10 }, Parameters)).Message);
        var pool = new OpponentPool(new() { MaxEntries = 11 }, Parameters);
        Assert.Contains("at most 0", Assert.Throws<UsageException>(() => pool.AddHeldOut(1, new float[Parameters])).Message);
        Assert.Throws<ArgumentException>(() => pool.Admit(1, 1, new float[2]));
        Assert.Throws<ArgumentException>(() => pool.Admit(1, 1, [0, float.NaN, 0]));
        Assert.Contains("no policy 3", Assert.Throws<UsageException>(() => pool.Find(3)).Message);
    }

    [Fact]
    public void Many_games_at_once_count_as_one_after_the_other_and_old_ones_fade()
    {
        OpponentPool one = Seated(), many = Seated();
        for (int i = 0; i < 40; i++) one.Report(0, 0.5, 1);
        many.Report(0, 20, 40);
        Assert.Equal(one.SlotEntry(0)!.Score, many.SlotEntry(0)!.Score, 12);
        Assert.Equal(40, many.SlotEntry(0)!.Games);
        // 256 wins from the prior ½: 1 − ½·(255/256)^256 = 0.816...
        OpponentPool won = Seated();
        won.Report(0, 256, 256);
        Assert.Equal(1 - 0.5 * Math.Pow(255.0 / 256, 256), won.SlotEntry(0)!.Score, 12);
        Assert.Equal(0.816, won.SlotEntry(0)!.Score, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => won.Report(0, 3, 2));
        Assert.Throws<InvalidOperationException>(() => won.Report(1, 1, 2));
    }

    [Fact]
    public void Held_out_policies_get_no_slot()
    {
        var pool = new OpponentPool(new(), Parameters);
        pool.AddHeldOut(5, [1, 1, 1]);
        Assert.True(pool.AssignSlots(1, 0, new int[8]).IsEmpty);
        PoolEntry own = pool.Admit(1, 1, [2, 2, 2]);
        Assert.Equal([0], pool.AssignSlots(1, 1, new int[8]).ToArray());
        Assert.Equal(own, pool.SlotEntry(0));
        Assert.Equal(1, pool.SlotWeight(0), 12);
    }

    [Fact]
    public void A_slot_is_overwritten_only_when_no_match_plays_it()
    {
        var pool = new OpponentPool(new() { Slots = 2, MaxEntries = 8, Choice = OpponentChoice.RecentHalf }, Parameters);
        pool.Admit(1, 1, [1, 0, 0]);
        pool.Admit(2, 2, [2, 0, 0]);
        Assert.Equal([0], pool.AssignSlots(1, 2, [0, 0]).ToArray()); // the newer half: entry 1
        pool.Admit(3, 3, [3, 0, 0]);
        pool.Admit(4, 4, [4, 0, 0]); // the newer half: 2 and 3
        Assert.Equal([1], pool.AssignSlots(1, 4, [5, 0]).ToArray());
        Assert.Equal((1, 2), (pool.SlotEntry(0)!.Id, pool.SlotEntry(1)!.Id));
        Assert.True(pool.SlotRetiring(0) && pool.SlotWeight(0) == 0); // no new games, but entry 1 plays on
        Assert.True(pool.AssignSlots(1, 5, [1, 7]).IsEmpty);
        Assert.Equal(1, pool.SlotEntry(0)!.Id);
        Assert.Equal([0], pool.AssignSlots(1, 6, [0, 9]).ToArray());
        Assert.Equal(3, pool.SlotEntry(0)!.Id);
        Assert.Throws<ArgumentException>(() => pool.AssignSlots(1, 7, [0]).Length);
        Assert.Throws<ArgumentException>(() => pool.AssignSlots(1, 7, [-1, 0]).Length);
        Assert.Throws<ArgumentException>(() => Seated().AssignSlots(1, 7, [0, 1, 0, 0, 0, 0, 0, 0]).Length); // plays what is not there
    }

    /// <summary>A long life with made-up matches: the protocol holds after every step, and a copy saved and loaded in the middle goes on the same.</summary>
    [Fact]
    public void The_protocol_holds_through_any_life_and_a_restored_pool_goes_on_bit_for_bit() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            var life = new PoolLife(seed);
            for (int update = 1; update <= 60; update++) life.Update(update);
            PoolLife copy = life.Restored();
            for (int update = 61; update <= 120; update++)
            {
                life.Update(update);
                copy.Update(update);
                Assert.Equal(Json(life.Pool), Json(copy.Pool));
            }
        }).Check(TestSize.Cases(20, 300));

    [Fact]
    public void A_pool_that_overwrites_a_slot_in_use_would_be_noticed()
    {
        var life = new PoolLife(3) { PretendsThatSlotsAreEmpty = true };
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() =>
        {
            for (int update = 1; update <= 120; update++) life.Update(update);
        });
    }

    [Fact]
    public void The_same_seed_draws_the_same_opponents_and_another_one_others()
    {
        Assert.Equal(Seatings(1), Seatings(1));
        Assert.NotEqual(Seatings(1), Seatings(2));

        static string Seatings(ulong seed)
        {
            var pool = new OpponentPool(new(), Parameters);
            for (int i = 0; i < 30; i++) pool.Admit(i, i, [i, 0, 0]);
            var seen = new StringBuilder();
            for (int update = 30; update < 300; update++)
            {
                pool.AssignSlots(seed, update, new int[8]);
                for (int slot = 0; slot < 8; slot++) seen.Append(pool.SlotEntry(slot)?.Id).Append(' ');
            }

            return seen.ToString();
        }
    }

    [Fact]
    public void Reports_and_assignments_allocate_nothing()
    {
        var pool = new OpponentPool(new() { RenewEveryUpdates = 2 }, Parameters);
        for (int i = 0; i < 30; i++) pool.Admit(i, i, [i, 0, 0]);
        var matches = new int[8];
        pool.AssignSlots(1, 30, matches);
        pool.Report(0, 1, 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int update = 31; update < 60; update++)
        {
            pool.AssignSlots(1, update, matches);
            pool.Report(0, 1, 1);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("\"format\":1", "\"format\":2", "its format is 2")]
    [InlineData("\"parameters\":3", "\"parameters\":4", "have 4 weights")]
    [InlineData("\"score\":0.5,", "", "")]
    [InlineData("\"id\":0", "\"id\":\"zero\"", "")]
    [InlineData("\"sha256\":\"", "\"sha256\":\"0", "are not those that were frozen")]
    [InlineData("\"slots\":[", "\"slots\":[null,", "it has 9 slots")]
    public void A_damaged_state_is_one_paragraph(string from, string to, string expected)
    {
        string json = Json(Seated());
        Assert.Contains(from, json);
        string damaged = json.Replace(from, to, StringComparison.Ordinal);
        UsageException error = Assert.Throws<UsageException>(() => PoolState.Read(new(), Parameters, JsonDocument.Parse(damaged).RootElement, _ => [1, 2, 3]));
        Assert.Contains(expected, error.Message);
        Assert.Contains("The saved opponent pool cannot be used", error.Message);
        Assert.Throws<UsageException>(() => PoolState.Read(new(), Parameters, JsonDocument.Parse(json).RootElement, _ => [1, 2, 4]));
    }

    internal static string Json(OpponentPool pool)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory)) PoolState.Write(pool, writer);
        return Encoding.UTF8.GetString(memory.ToArray());
    }

    private static OpponentPool Seated()
    {
        var pool = new OpponentPool(new(), Parameters);
        pool.Admit(1, 1, [1, 2, 3]);
        pool.AssignSlots(1, 1, new int[8]);
        return pool;
    }

    private const string PinnedHash = "8e628779e6a74ee0b36991c10158f63cafec7d340ad4e075592502c8708524dd";
}
