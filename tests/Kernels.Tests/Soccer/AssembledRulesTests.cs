using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>The planted bugs differ from the shipped tick by their fault alone.</summary>
public sealed class AssembledRulesTests
{
    [Fact]
    public void A_tick_of_single_rules_without_a_fault_is_the_shipped_tick() => Check.ForAll(20, dice =>
    {
        SoccerOptions options = dice.Options(4) with { MaxTicks = 40 };
        using var shipped = new Pitch(options);
        using var assembled = new Pitch(options);
        Rules rules = Rules.Broken("no fault", (Stage _, ref SoccerTick _, in SoccerArguments _) => { });
        for (int env = 0; env < shipped.Matches; env++)
        {
            dice.Scatter(shipped, env);
            assembled.Columns.WriteMatch(env, shipped.Columns.ReadMatch(env));
        }

        for (int tick = 0; tick < 60; tick++)
        {
            dice.Act(shipped);
            shipped.Buffers.ContinuousActions!.View.AsSpan().CopyTo(assembled.Buffers.ContinuousActions!.View.AsSpan());
            Rules.Shipped.Tick(shipped);
            rules.Tick(assembled);
            Assert.True(shipped.Columns.Hash() == assembled.Columns.Hash(), $"{dice}, tick {tick}: {Difference.First(shipped, assembled)}");
        }
    });
}
