using Arena.Kernels.Device;
using Arena.Kernels.Environments.Moba;
using Xunit;

namespace Arena.Kernels.Tests.Moba;

/// <summary>Wrong variants of what lanes meet in, and the checks that notice them.</summary>
public class PlantedBugTests
{
    [Fact]
    public void Claims_of_hash_and_table_agree_and_the_smallest_counts()
    {
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using DeviceBuffer<int> table = device.Allocate<int>(MobaConstants.Cells, "table"), places = device.Allocate<int>(MobaClaimHash.Size, "places"), claims = device.Allocate<int>(MobaClaimHash.Size, "claims");
        table.View.AsSpan().Fill(MobaClaim.None);
        var dense = new MobaClaimTable { Cells = table.View };
        var hash = new MobaClaimHash { Places = places.View, Claims = claims.View };
        var random = new System.Random(3);
        int[] smallest = [.. Enumerable.Repeat(MobaClaim.None, MobaConstants.Cells)];
        for (int i = 0; i < 404; i++)
        {
            // Cells of a few rows, so that many meet and places of the hash are shared.
            int cell = random.Next(900), claim = random.Next() + (i % 2 == 0 ? MobaClaim.FirstRound : 0);
            dense.Claim<DeviceAtomics>(cell, claim);
            hash.Claim<OwnedAtomics>(cell, claim);
            smallest[cell] = Math.Min(smallest[cell], claim);
        }

        for (int cell = 0; cell < MobaConstants.Cells; cell++)
        {
            Assert.Equal(smallest[cell], dense.Of(cell));
            Assert.Equal(smallest[cell], hash.Of(cell));
            dense.Release(cell);
            Assert.Equal(MobaClaim.None, dense.Of(cell));
        }
    }

    [Fact]
    public void Sums_that_keep_the_last_blow_only_play_something_else() => Assert.True(Differs<LastOnly>());

    [Fact]
    public void Credit_of_the_last_instead_of_the_largest_blow_plays_something_else() => Assert.True(Differs<LastCredit>());

    [Fact]
    public void The_same_comparison_finds_nothing_in_the_shipped_operations() => Assert.False(Differs<DeviceAtomics>());

    [Fact]
    public void Claims_that_the_last_to_come_wins_play_something_else() => Assert.True(DiffersByClaims((cells, _) => new LastWins { Cells = cells }));

    [Fact]
    public void A_second_chance_that_does_not_see_the_first_round_plays_something_else() =>
        Assert.True(DiffersByClaims((cells, phase) => new Forgetful { Cells = cells, Phase = phase }));

    [Fact]
    public void The_same_comparison_finds_nothing_in_the_shipped_claims() =>
        Assert.False(DiffersByClaims((cells, _) => new MobaClaimTable { Cells = cells }));

    private static bool Differs<TAtomics>()
        where TAtomics : struct, IAtomics
    {
        using var whole = new Play(new MobaOptions { NumEnvs = 1 }, seed: 5);
        using var planted = new Play(new MobaOptions { NumEnvs = 1 }, seed: 5);
        for (int tick = 0; tick < 250; tick++)
        {
            whole.Tick(Play.Strong, Play.Normal);
            planted.TickByPhases<TAtomics>(Play.Strong, Play.Normal, _ => Enumerable.Range(0, MobaTick<TAtomics>.Lanes));
            if (!whole.Everything(0).AsSpan().SequenceEqual(planted.Everything(0))) return true;
        }

        return false;
    }

    // Whether 250 ticks in which moves are claimed in TClaims are others than those of the shipped loop.
    private static bool DiffersByClaims<TClaims>(Func<View<int>, int, TClaims> over)
        where TClaims : struct, IMobaClaims
    {
        using var whole = new Play(new MobaOptions { NumEnvs = 1 }, seed: 5);
        using var planted = new Play(new MobaOptions { NumEnvs = 1 }, seed: 5);
        using var workspace = new MobaWorkspace(planted.Environment.Device, 1);
        for (int tick = 0; tick < 250; tick++)
        {
            whole.Tick(Play.Strong, Play.Normal);
            planted.Act(Play.Strong, Play.Normal);
            var run = new MobaTick<OwnedAtomics> { Arguments = workspace.In(planted.Environment.Arguments(planted.Views)) };
            for (int phase = 0; phase < run.PhaseCount; phase++)
            {
                MobaMatch match = MobaMatch.Of(run.Arguments, 0);
                TClaims claims = over(run.Arguments.Claims.Of(0), phase);
                for (int lane = 0; lane < MobaTick<OwnedAtomics>.Lanes; lane++)
                {
                    if (phase is < MobaPhase.Propose or > MobaPhase.Commit) run.Run(phase, 0, lane);
                    else if (lane < MobaConstants.Slots) Walk(match, phase, lane, claims, run.Arguments);
                }
            }

            if (!whole.Everything(0).AsSpan().SequenceEqual(planted.Everything(0))) return true;
        }

        return false;
    }

    private static void Walk<TClaims>(in MobaMatch match, int phase, int slot, in TClaims claims, in MobaArguments a)
        where TClaims : struct, IMobaClaims
    {
        if (phase == MobaPhase.Propose) MobaWalk.Propose<OwnedAtomics, TClaims>(match, slot, claims, a);
        else if (phase == MobaPhase.Retry) MobaWalk.Retry<OwnedAtomics, TClaims>(match, slot, claims, a);
        else MobaWalk.Commit<OwnedAtomics, TClaims>(match, slot, claims, a);
    }

    private struct LastWins : IMobaClaims
    {
        internal View<int> Cells;

        public readonly void Claim<TAtomics>(int cell, int claim)
            where TAtomics : struct, IAtomics => Cells[cell] = claim;

        public readonly int Of(int cell) => Cells[cell];

        public readonly void Release(int cell) => Cells[cell] = MobaClaim.None;
    }

    private struct Forgetful : IMobaClaims
    {
        internal View<int> Cells;

        internal int Phase;

        public readonly void Claim<TAtomics>(int cell, int claim)
            where TAtomics : struct, IAtomics => TAtomics.Min(ref Cells[cell], claim);

        public readonly int Of(int cell) => Phase == MobaPhase.Retry ? MobaClaim.None : Cells[cell];

        public readonly void Release(int cell) => Cells[cell] = MobaClaim.None;
    }

    private struct LastOnly : IAtomics
    {
        public static void Add(ref int target, int value) => target = value;

        public static void Count(ref int target, int flag) => target += flag;

        public static void Min(ref int target, int value) => target = Math.Min(target, value);

        public static void Max(ref int target, int value) => target = Math.Max(target, value);

        public static void And(ref int target, int value) => target &= value;

        public static void Or(ref int target, int value) => target |= value;
    }

    private struct LastCredit : IAtomics
    {
        public static void Add(ref int target, int value) => target += value;

        public static void Count(ref int target, int flag) => target += flag;

        public static void Min(ref int target, int value) => target = Math.Min(target, value);

        public static void Max(ref int target, int value) => target = value;

        public static void And(ref int target, int value) => target &= value;

        public static void Or(ref int target, int value) => target |= value;
    }
}
