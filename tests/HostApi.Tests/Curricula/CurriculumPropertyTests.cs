using Arena.HostApi.Training;
using Arena.Kernels.Environments;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.HostApi.Tests.Curricula;

/// <summary>What holds for every curriculum, however its evaluations turn out.</summary>
public class CurriculumPropertyTests
{
    [Fact]
    public void No_match_changes_in_mid_game_and_no_slot_in_use_is_overwritten() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            using CurriculumRig rig = Random(seed, retreats: true, out Random random);
            for (int update = 0; update < 40; update++)
            {
                rig.Play(CurriculumRig.Horizon); // throws where a match changes
                // Those that would have been next may be dealt another slot before this one is overwritten; those that run may not.
                GameOptions[] running = [.. Enumerable.Range(0, rig.Environment.NumEnvs).Select(rig.Environment.Variants.OptionsOf)];
                Tell(rig, random);
                for (int env = 0; env < running.Length; env++)
                {
                    Assert.Equal(running[env], rig.Environment.Variants.OptionsOf(env));
                    Assert.NotNull(rig.Coming(env)); // the next episode's slot is set
                }
            }
        }).Check(TestSize.Cases(25, 500));

    [Fact]
    public void Without_a_retreat_stages_only_go_on() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            using CurriculumRig rig = Random(seed, retreats: false, out Random random);
            for (int update = 0, last = 0; update < 60; update++)
            {
                Tell(rig, random);
                Assert.InRange(rig.Curriculum.Stage, last, last + 2);
                last = rig.Curriculum.Stage;
            }
        }).Check(TestSize.Cases(25, 500));

    [Fact]
    public void Retreats_are_seen_by_the_same_judge() => Assert.ThrowsAny<Exception>(() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
        {
            using CurriculumRig rig = Random(seed, retreats: true, out Random random);
            for (int update = 0, last = 0; update < 60; update++)
            {
                Tell(rig, random);
                Assert.InRange(rig.Curriculum.Stage, last, last + 2);
                last = rig.Curriculum.Stage;
            }
        }).Check(TestSize.Cases(25, 500)));

    [Fact]
    public void A_variant_taken_up_in_mid_game_is_caught()
    {
        CurriculumStage[] stages = [CurriculumRuleTests.Short("a", 20) with { AtMostAgentSteps = 8, Continue = true }, CurriculumRuleTests.Short("b", 24)];
        Assert.Throws<MidGameException>(() => Play(variants =>
        {
            for (int env = 0; env < 8; env++) variants.Running[env, 0] = variants.Next[env, 0];
        }));
        Play(null);

        void Play(Action<MatchVariants>? bug)
        {
            using var rig = new CurriculumRig(stages) { AfterTick = bug };
            for (int update = 0; update < 4; update++)
            {
                rig.Play(3);
                rig.Update(8);
            }
        }
    }

    private static CurriculumRig Random(int seed, bool retreats, out Random random)
    {
        var chance = new Random(seed);
        int count = chance.Next(1, 6);
        var stages = new CurriculumStage[count];
        for (int index = 0; index < count; index++)
        {
            bool ramps = chance.Next(2) == 0, ends = index < count - 1, limited = ends && chance.Next(2) == 0;
            var ramp = new CurriculumStage
            {
                Name = "stage " + index,
                Ramp = new Dictionary<string, CurriculumRange> { ["maxTicks"] = new(chance.Next(10, 33), chance.Next(10, 33)) },
                RampAgentSteps = chance.Next(50, 2000),
            };
            stages[index] = (ramps ? ramp : CurriculumRuleTests.Short(ramp.Name, chance.Next(10, 33))) with
            {
                AdvanceWhen = ends ? new CurriculumCondition("score", chance.NextDouble(), null, chance.Next(1, 4)) : null,
                RetreatWhen = retreats && index > 0 ? new CurriculumCondition("score", null, 0.5 * chance.NextDouble(), 1) : null,
                AtMostAgentSteps = limited ? chance.Next(50, 2000) : 0,
                Continue = limited,
                Rehearse = index > 0 ? 0.9 * chance.NextDouble() : 0,
            };
        }

        random = chance;
        return new CurriculumRig(stages, matches: chance.Next(1, 20), seed: (ulong)chance.Next());
    }

    private static void Tell(CurriculumRig rig, Random random)
    {
        rig.Update(random.Next(1, 300));
        if (random.Next(3) == 0) rig.Evaluate(random.Next(8) == 0 ? double.NaN : random.NextDouble());
    }
}
