using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;

namespace Arena.HostApi.Tests.Curricula;

/// <summary>When stages begin and end, what ramps and rehearsals are worth: by hand.</summary>
public class CurriculumRuleTests
{
    private static readonly CurriculumCondition Good = new("score", AtLeast: 0.8, AtMost: null, For: 2);

    [Fact]
    public void A_stage_ends_after_its_evaluations_in_a_row()
    {
        using var rig = new CurriculumRig([Short("a", 20) with { AdvanceWhen = Good }, Short("b", 24) with { AdvanceWhen = Good }, Short("c", 28)]);
        Assert.Equal(20, ((CorridorOptions)rig.Environment.Variants.OptionsOf(0)).MaxTicks); // the first episodes too
        foreach ((double score, int stage) in new[] { (0.9, 0), (0.79, 0), (0.8, 0), (0.8, 1), (0.9, 1), (double.NaN, 1), (0.7, 1), (0.9, 1), (double.NaN, 1), (1.0, 2), (1.0, 2), (1.0, 2) })
        {
            rig.Evaluate(score);
            Assert.Equal(stage, rig.Curriculum.Stage);
        }

        Assert.Equal(("c", null), (rig.Curriculum.StageName, rig.Curriculum.StopReason));
        rig.Update(10);
        Assert.Equal(28, rig.Coming(3).MaxTicks);
    }

    [Fact]
    public void A_stage_goes_back_only_when_told_to()
    {
        CurriculumStage first = Short("a", 20) with { AdvanceWhen = Good };
        var lost = new CurriculumCondition("score", AtLeast: null, AtMost: 0.3, For: 3);
        foreach ((CurriculumCondition? retreat, int expected) in new[] { (lost, 0), (null, 1) })
        {
            using var rig = new CurriculumRig([first, Short("b", 24) with { RetreatWhen = retreat }]);
            foreach (double score in new[] { 0.8, 0.8, 0.2, 0.1, 0.4, 0.3, 0.3 }) rig.Evaluate(score);
            Assert.Equal(1, rig.Curriculum.Stage);
            rig.Evaluate(0);
            Assert.Equal(expected, rig.Curriculum.Stage);
            rig.Update(1);
            Assert.Equal(expected == 0 ? 20 : 24, rig.Coming(0).MaxTicks);
        }
    }

    [Fact]
    public void Agent_steps_end_a_stage_or_the_run()
    {
        using var rig = new CurriculumRig([Short("a", 20) with { AtMostAgentSteps = 100, Continue = true }, Short("b", 24) with { AtMostAgentSteps = 50, AdvanceWhen = Good }]);
        rig.Update(99);
        Assert.Equal((0, 99L), (rig.Curriculum.Stage, rig.Curriculum.StageAgentSteps));
        rig.Update(1);
        Assert.Equal((1, 0L), (rig.Curriculum.Stage, rig.Curriculum.StageAgentSteps));
        rig.Update(49);
        Assert.Null(rig.Curriculum.StopReason);
        rig.Update(1);
        Assert.Contains("'b'", rig.Curriculum.StopReason);
        Assert.Contains("score at least 0.8 in 2 evaluations in a row", rig.Curriculum.StopReason);

        using var won = new CurriculumRig([Short("only", 20) with { AdvanceWhen = Good }]);
        won.Evaluate(1);
        won.Evaluate(1);
        Assert.Contains("has reached score", won.Curriculum.StopReason);
    }

    [Fact]
    public void Conditions_over_episodes_are_judged_after_every_update_and_retreats_are_counted()
    {
        var good = new CurriculumCondition("stage/success", 0.8, null, Episodes: 12);
        CurriculumStage second = Short("b", 24) with { AdvanceWhen = good, RetreatWhen = new("stage/success", null, 0.3, Episodes: 12, AtMostTimes: 2) };
        using var rig = new CurriculumRig([Short("a", 20) with { AdvanceWhen = good }, second, Short("c", 28) with { AdvanceWhen = good }]);
        // Eight episodes end in every update, and the first of a stage were begun before it: two updates later there are twelve of its own. Those of the start are cut.
        (double Success, int Stage)[] story =
        [
            (1, 0), (1, 0), (1, 1), // cut, 8, 16
            (0, 1), (0, 1), (0, 0), // of a, 8, 16: back
            (1, 0), (1, 0), (1, 1),
            (0, 1), (0, 1), (1, 1), (0, 1), (0, 0), // half of 16 is neither: the latest 16 decide
            (1, 0), (1, 0), (1, 1),
            (0, 1), (0, 1), (0, 1), (0, 1), // twice is enough
        ];
        foreach ((double success, int expected) in story)
        {
            rig.Finish(success);
            Assert.Equal(expected, rig.Curriculum.Stage);
        }

        Assert.Equal(24, rig.Coming(0).MaxTicks);
        Assert.Equal(new[] { 0, 2, 0 }, rig.Curriculum.Save().RetreatsOf);
        for (int update = 0; update < 4; update++) rig.Finish(1);
        Assert.Equal((2, null), (rig.Curriculum.Stage, rig.Curriculum.StopReason));
        rig.Finish(1);
        Assert.Contains("'c', has reached stage/success at least 0.8 over 12 episodes", rig.Curriculum.StopReason);
    }

    [Fact]
    public void A_ramp_has_sixteen_equal_parts_and_exact_ends()
    {
        // 32 − k ticks in part k of 100 agent-steps each; the entropy coefficient goes along, 0.015 − k/1000.
        CurriculumStage ramp = new()
        {
            Name = "ramp",
            Ramp = new Dictionary<string, CurriculumRange> { ["maxTicks"] = new(32, 17), ["learner.entropy-coefficient"] = new(0.015, 0) },
            RampAgentSteps = 1600,
        };
        using var rig = new CurriculumRig([ramp]);
        Assert.Equal(0.015, rig.Learner.Config.EntropyCoefficient);
        for (int update = 1; update <= 170; update++)
        {
            rig.Update(10);
            int part = Math.Min(15, update / 10);
            Assert.Equal((part, 32 - part), (rig.Curriculum.Level, rig.Coming(0).MaxTicks));
            Assert.Equal(0.015 - part / 1000.0, rig.Learner.Config.EntropyCoefficient, 12);
        }

        Assert.Equal(0.0, rig.Learner.Config.EntropyCoefficient);
    }

    [Fact]
    public void Progress_is_the_runs_unless_the_stage_moves_it()
    {
        CurriculumStage moved = Short("b", 20) with { Progress = new CurriculumRange(0.2, 1), RampAgentSteps = 200 };
        using var rig = new CurriculumRig([Short("a", 20) with { AdvanceWhen = Good with { For = 1 } }, moved]);
        Assert.Equal(0.37, rig.Curriculum.ProgressAt(0.37));
        rig.Evaluate(1);
        Assert.Equal(0.2, rig.Curriculum.ProgressAt(0.37), 12);
        rig.Update(50);
        Assert.Equal(0.4, rig.Curriculum.ProgressAt(0.37), 12);
        rig.Update(500);
        Assert.Equal(1.0, rig.Curriculum.ProgressAt(0.37));
    }

    [Fact]
    public void Settings_do_not_carry_over()
    {
        CurriculumStage first = Short("a", 20) with { Set = new Dictionary<string, string> { ["maxTicks"] = "20", ["learner.learningRate"] = "0.5" }, AdvanceWhen = Good with { For = 1 } };
        using var rig = new CurriculumRig([first, new CurriculumStage { Name = "b" }]);
        Assert.Equal(0.5, rig.Learner.Config.LearningRate);
        rig.Evaluate(1);
        rig.Update(1);
        Assert.Equal(1e-3, rig.Learner.Config.LearningRate);
        Assert.Equal(32, rig.Coming(0).MaxTicks);
    }

    [Fact]
    public void Rehearsal_takes_its_share_of_matches_and_every_earlier_stage_alike()
    {
        const int Matches = 6000;
        CurriculumStage[] stages =
        [
            Short("a", 20) with { AdvanceWhen = Good with { For = 1 } }, Short("b", 24) with { AdvanceWhen = Good with { For = 1 } }, Short("c", 28) with { Rehearse = 0.3 },
        ];
        using var rig = new CurriculumRig(stages, Matches);
        using var part = new CurriculumRig(stages, matches: 100, offset: 2000);
        foreach (CurriculumRig either in new[] { rig, part })
        {
            either.Evaluate(1);
            either.Evaluate(1);
            either.Update(1);
        }

        var counts = Enumerable.Range(0, Matches).CountBy(env => rig.Coming(env).MaxTicks).ToDictionary();
        // Standard deviation of a count of 900 among 6,000: 28.
        Assert.InRange(counts[20], 760, 1040);
        Assert.InRange(counts[24], 760, 1040);
        Assert.Equal(Matches, counts[20] + counts[24] + counts[28]);
        for (int env = 0; env < 100; env++) Assert.Equal(rig.Coming(2000 + env).MaxTicks, part.Coming(env).MaxTicks); // by global match number
        int[] before = [.. Enumerable.Range(0, 100).Select(env => part.Coming(env).MaxTicks)];
        part.Update(1);
        Assert.Equal(before, Enumerable.Range(0, 100).Select(env => part.Coming(env).MaxTicks)); // the same episode, the same draw
        part.Finished.AsSpan().Fill(7);
        part.Update(1);
        Assert.NotEqual(before, Enumerable.Range(0, 100).Select(env => part.Coming(env).MaxTicks));
    }

    [Fact]
    public void Without_a_free_slot_new_episodes_keep_the_present_part()
    {
        var ramp = new CurriculumStage { Name = "ramp", Ramp = new Dictionary<string, CurriculumRange> { ["maxTicks"] = new(31, 16) }, RampAgentSteps = 160 };
        using var rig = new CurriculumRig([ramp], matches: 32);
        MatchVariants variants = rig.Environment.Variants;
        for (int part = 0; part < 15; part++)
        {
            Assert.Equal(part, rig.Curriculum.Level);
            variants.Running[part, 0] = variants.Next[0, 0]; // one match for ever plays by each of the first 15 parts
            rig.Update(10);
        }

        Assert.Equal((14, 150L), (rig.Curriculum.Level, rig.Curriculum.StageAgentSteps)); // part 15 is wanted, but all 15 slots are in use
        byte freed = variants.Running[3, 0];
        for (int env = 0; env < 32; env++)
            if (variants.Running[env, 0] == freed) variants.Running[env, 0] = 0;
        rig.Update(1);
        Assert.Equal((15, 16), (rig.Curriculum.Level, rig.Coming(0).MaxTicks));
        Assert.Equal(freed, variants.Next[0, 0]);
    }

    [Fact]
    public void A_saved_curriculum_continues_exactly()
    {
        CurriculumStage[] stages =
        [
            Short("a", 20) with { AdvanceWhen = Good },
            new() { Name = "b", Ramp = new Dictionary<string, CurriculumRange> { ["maxTicks"] = new(31, 16), ["learner.learningRate"] = new(1e-3, 1e-4) }, RampAgentSteps = 640, Rehearse = 0.4 },
        ];
        using var whole = new CurriculumRig(stages);
        for (int update = 0; update < 7; update++) Next(whole, update);
        using var resumed = new CurriculumRig(stages);
        resumed.Play(3);
        resumed.Load(whole.Save());
        for (int update = 7; update < 25; update++)
        {
            Next(whole, update);
            Next(resumed, update);
            Assert.Equal(whole.Save().Curriculum, resumed.Save().Curriculum);
            Assert.Equal(whole.Environment.State.Hash(), resumed.Environment.State.Hash());
            Assert.Equal(whole.Learner.Config, resumed.Learner.Config);
        }

        Assert.Equal(1, whole.Curriculum.Stage);
        CurriculumState state = whole.Curriculum.Save();
        foreach (CurriculumState damaged in new[] { state with { Stage = 2 }, state with { Slot = 99 }, state with { SlotStages = [] }, state with { Level = 16 }, state with { Rehearsed = [-1] } })
            Assert.Contains("does not fit", Assert.Throws<UsageException>(() => resumed.Curriculum.Load(damaged)).Message);
        Assert.Throws<UsageException>(() => CurriculumState.FromJson("{"));

        static void Next(CurriculumRig rig, int update)
        {
            rig.Play(CurriculumRig.Horizon);
            rig.Update(64);
            if (update % 2 == 1) rig.Evaluate(0.9);
        }
    }

    internal static CurriculumStage Short(string name, int maxTicks) =>
        new() { Name = name, Set = new Dictionary<string, string> { ["maxTicks"] = maxTicks.ToString(System.Globalization.CultureInfo.InvariantCulture) } };
}
