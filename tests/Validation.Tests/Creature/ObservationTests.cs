using Arena.Kernels.Device;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Validation.Creature;

namespace Arena.Validation.Tests.Creature;

/// <summary>What the kernels show of their own states, beside a slow rendering in double precision.</summary>
public class ObservationTests
{
    private const double Allowed = 1e-5;

    public static TheoryData<string> Variants => [.. Options.Keys];

    private static Dictionary<string, CreatureOptions> Options { get; } = new()
    {
        ["run"] = new CreatureOptions(),
        ["target, six legs, bumps"] = new CreatureOptions { Skeleton = "six-legs", Task = CreatureTask.Target, Ground = CreatureGround.Bumpy, Level = 3, PreviousActions = 5 },
        ["dribble, bumps"] = new CreatureOptions { Task = CreatureTask.Dribble, Ground = CreatureGround.Bumpy, Level = 2, PreviousActions = 0 },
        ["hopper"] = new CreatureOptions { Skeleton = "hopper" },
        ["ball joints"] = new CreatureOptions { Skeleton = "generated:legs=4,segments=3,plan=ring,seed=11" },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Every_entry_is_within_1e_5(string variant)
    {
        const int Matches = 4;
        const ulong Seed = 3;
        CreatureOptions options = Options[variant] with { NumEnvs = Matches };
        using var device = new CpuDevice(new CpuDeviceOptions { Threads = 1 });
        using IEnvironment environment = new CreatureGame().Create(device, options);
        using var buffers = new StepBuffers(device, environment.Spec, Matches);
        using var driver = new Driver(environment, new LockstepPlan { Drive = "random", Seed = Seed });
        string text = SkeletonWriter.Write(Skeletons.Find(options.Skeleton));
        CreatureMatch[] matches = [.. Enumerable.Range(0, Matches).Select(match => new CreatureMatch(options, text, Seed, match))];
        environment.Reset(Seed, buffers.Views);
        double worst = 0;
        var seen = new HashSet<int>();
        for (int tick = 0; tick < TestSize.Of(60, 3000); tick++)
        {
            float[] rows = buffers.Observations!.ToArray();
            for (int match = 0; match < Matches; match++)
            {
                Dictionary<string, double[]> state = environment.State.All.ToDictionary(column => column.Name, column => column.ReadMatch(match));
                double[] row = matches[match].Observe(CreatureColumns.Read(state, matches[match].Model));
                for (int entry = 0; entry < row.Length; entry++)
                {
                    worst = Math.Max(worst, Math.Abs(row[entry] - rows[match * row.Length + entry]));
                    if (Math.Abs(row[entry]) > 100 * Allowed) seen.Add(entry);
                }
            }

            driver.Act(buffers, tick);
            environment.Step(buffers.Views);
        }

        Assert.InRange(worst, 1e-9, Allowed);
        // Entries of other tasks, and those of flat ground, are always zero.
        Assert.True(seen.Count >= 0.5 * environment.Spec.Observation.Length, $"{seen.Count} entries of {environment.Spec.Observation.Length} were ever different from zero");
    }
}
