using Arena.Kernels.Device;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>The CPU's wide loop over observation rows writes the bits of the plain one.</summary>
public sealed class WideObserveTests
{
    public static TheoryData<int> TeamSizes => [.. Enumerable.Range(1, SoccerConstants.MaxTeamSize)];

    [Theory]
    [MemberData(nameof(TeamSizes))]
    public void The_wide_loop_writes_the_bits_of_the_plain_one(int teamSize) => Wide(teamSize, pitch => pitch.Observe(), pitch => { });

    [Theory]
    [MemberData(nameof(TeamSizes))]
    public void The_loop_for_narrower_registers_writes_the_bits_of_the_plain_one(int teamSize) => Wide(
        teamSize, pitch => pitch.Device.Launch(new NarrowObserve { Observe = new SoccerObserve { Arguments = pitch.Arguments } }, pitch.Matches * pitch.Agents), pitch => { });

    [Fact]
    public void A_lost_sign_of_a_zero_is_caught() => Check.Catches(() => Wide(3, pitch => pitch.Observe(), pitch =>
    {
        foreach (ref float value in pitch.Observations) value += 0f; // −0 becomes +0
    }));

    [Fact]
    public void A_row_that_is_not_written_is_caught() => Check.Catches(() => Wide(3, pitch => pitch.Observe(), pitch => pitch.Observations[^1] = 77f));

    private static void Wide(int teamSize, Action<Pitch> observe, Action<Pitch> spoil) => Check.ForAll(15, dice =>
    {
        SoccerOptions options = new() { NumEnvs = 9, TeamSize = teamSize };
        int agents = 2 * teamSize;
        using var plain = new Pitch(options);
        for (int env = 0; env < options.NumEnvs; env++)
        {
            dice.Scatter(plain, env);
            Zeros(dice, plain, env);
        }

        plain.Observations.Fill(77f);
        plain.Device.Launch(new PlainObserve { Observe = new SoccerObserve { Arguments = plain.Arguments } }, options.NumEnvs * agents);
        foreach (int chunk in new[] { 1, 3, agents, agents + 1, 2 * agents - 1, 10_000 })
        {
            using var wide = new Pitch(options, new CpuDeviceOptions { Threads = 1, ChunkSize = chunk });
            for (int env = 0; env < options.NumEnvs; env++) wide.Columns.WriteMatch(env, plain.Columns.ReadMatch(env));
            wide.Observations.Fill(77f);
            observe(wide);
            spoil(wide);
            string? difference = Difference.First("observations", plain.Observations, wide.Observations);
            Assert.True(difference is null, $"{dice}, {teamSize}v{teamSize}, chunks of {chunk} rows of {plain.Parameters.ObservationLength}: {difference}");
        }
    });

    // Signed zeros in places and velocities, and differences that are zero.
    private static void Zeros(Dice dice, Pitch pitch, int env)
    {
        for (int slot = 0; slot < pitch.State.Player.Slots; slot++)
            if (dice.Chance(0.2f)) pitch.State.Player[env, slot] = dice.Pick(0f, -0f, pitch.State.Player[env, slot % 4]);
        for (int slot = 0; slot < 4; slot++)
            if (dice.Chance(0.3f)) pitch.State.Ball[env, slot] = dice.Pick(0f, -0f, pitch.State.Player[env, slot]);
    }

    // The same kernel without its loop over ranges: the device then calls Run for every row.
    private struct PlainObserve : IKernel
    {
        public SoccerObserve Observe;

        public void Run(int index) => Observe.Run(index);
    }

    // The loop that processors without 512-bit registers run.
    private struct NarrowObserve : IRangeKernel
    {
        public SoccerObserve Observe;

        public void Run(int index) => Observe.Run(index);

        public void RunRange(int begin, int end) => Observe.RunRange256(begin, end);
    }
}
