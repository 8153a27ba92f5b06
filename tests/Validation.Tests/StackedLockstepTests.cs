using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Tests;

/// <summary>Stacked observations against the reference: it judges what a row showed before as well.</summary>
public class StackedLockstepTests
{
    private static readonly CorridorOptions Corridor = new() { NumEnvs = 12, MaxTicks = 9, Desync = true, FrameStack = 3, ActionStack = 2 };

    [Theory]
    [InlineData(CorridorActions.Discrete, ObservationKind.Float)]
    [InlineData(CorridorActions.Continuous, ObservationKind.Float)]
    [InlineData(CorridorActions.Discrete, ObservationKind.Byte)]
    [InlineData(CorridorActions.Continuous, ObservationKind.Byte)]
    public void Corridor_agrees_exactly(CorridorActions actions, ObservationKind kind) =>
        LockstepCase.MustPass("corridor", Corridor with { Actions = actions, Observation = kind }, new LockstepPlan { Ticks = TestSize.Of(80, 2000) }, 0);

    [Theory]
    [InlineData(8, 0)]
    [InlineData(1, 7)]
    [InlineData(2, 1)]
    public void Soccer_agrees_within_its_rounding(int frames, int actions) =>
        LockstepCase.MustPass(
            "soccer", new SoccerOptions { NumEnvs = 6, TeamSize = 2, MaxTicks = 30, FrameStack = frames, ActionStack = actions }, new LockstepPlan { Ticks = TestSize.Of(70, 2000) }, 0.02);

    [Fact]
    public void A_row_that_remembers_something_else_is_caught()
    {
        const int Width = 3 * CorridorConstants.ObservationLength + 2 * 2;
        foreach (int element in new[] { 0, CorridorConstants.ObservationLength + 4, Width - 1 })
        {
            var plan = new LockstepPlan
            {
                Ticks = 30,
                Drive = "random",
                AfterStep = (environment, _, tick) =>
                {
                    if (tick == 5) LockstepCase.Corrupt(environment, StackedEnvironment.ColumnName, 3, element, 0.5f);
                },
            };
            Difference found = Assert.IsType<Difference>(LockstepCase.Run("corridor", Corridor, plan).First);
            Assert.Equal((StackedEnvironment.ColumnName, 3, 5), (found.Column, found.Match, found.Tick));
            Assert.Contains("frameStack=3", found.Command, StringComparison.Ordinal);
        }
    }
}
