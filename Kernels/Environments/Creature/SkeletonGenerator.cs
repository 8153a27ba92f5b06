using System.Globalization;
using Arena.Kernels.Common;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Creature;

/// <summary>How the legs of a generated creature stand.</summary>
public enum SkeletonPlan
{
    /// <summary>Left and right, mirrored, along the torso; an even number.</summary>
    Pairs,

    /// <summary>Evenly on a circle; three or more.</summary>
    Ring,
}

/// <summary>Makes skeletons by chance: the same seed, legs, segments and plan give the same file.</summary>
/// <remarks>
/// A draft is kept when it fulfils every rule of a skeleton file and stands for 100 ticks with zero action; else the next attempt draws
/// again, at most 16 times.
/// </remarks>
public static class SkeletonGenerator
{
    /// <summary>Attempts before it gives up.</summary>
    public const int Attempts = 16;

    /// <summary>Ticks that a draft must stand.</summary>
    public const int StandTicks = 100;

    /// <summary>Before the parameters of a code: "generated:legs=6,segments=2,plan=pairs,seed=7".</summary>
    public const string Prefix = "generated:";

    private const double LastElevation = -72;      // degrees, of a lowest segment in a leg of its natural height
    private const double FlattestShare = 0.2;      // of the lowest segment: less height than that is no leg to stand on
    private const double Clearance = 0.05;         // m under the torso
    private const double SpreadShare = 0.85;       // of the torso's length, with hips
    private const double LastRadius = 0.8;

    /// <summary>The skeleton of a code.</summary>
    /// <exception cref="UsageException">a parameter is missing, unknown or out of range, or no draft was accepted.</exception>
    public static SkeletonFile FromCode(string code)
    {
        string Wrong(string what) => $"--skeleton is '{code}': {what}. A code is {Prefix}legs=2..8,segments=1..3,plan=pairs|ring,seed=0..4294967295, for instance {Prefix}legs=6,segments=2,plan=pairs,seed=7.";
        var given = new Dictionary<string, string>();
        foreach (string part in code[Prefix.Length..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split('=', 2);
            if (pair.Length != 2 || pair[0] is not ("legs" or "segments" or "plan" or "seed")) throw new UsageException(Wrong($"'{part}' is no parameter"));
            if (!given.TryAdd(pair[0], pair[1])) throw new UsageException(Wrong($"'{pair[0]}' stands there twice"));
        }

        uint Number(string name) => given.TryGetValue(name, out string? text) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number : throw new UsageException(Wrong($"'{name}' is missing or no whole number"));
        string plan = given.GetValueOrDefault("plan", "pairs");
        if (plan is not ("pairs" or "ring")) throw new UsageException(Wrong($"plan is '{plan}'"));
        return Generate(Number("seed"), (int)Math.Min(Number("legs"), 100), (int)Math.Min(Number("segments"), 100), plan == "ring" ? SkeletonPlan.Ring : SkeletonPlan.Pairs);
    }

    /// <summary>The first accepted draft.</summary>
    /// <param name="seed">Key of the draws.</param>
    /// <param name="legs">2..8; even with pairs, at least 3 on a ring.</param>
    /// <param name="segments">1..3 per leg.</param>
    /// <param name="plan">How the legs stand.</param>
    /// <exception cref="UsageException">a parameter out of range, or no draft was accepted.</exception>
    public static SkeletonFile Generate(uint seed, int legs, int segments, SkeletonPlan plan)
    {
        if (legs is < 2 or > 8) throw new UsageException($"A generated creature has {legs} legs; allowed are 2..8.");
        if (segments is < 1 or > 3) throw new UsageException($"A generated creature has {segments} segments per leg; allowed are 1..3.");
        if (plan == SkeletonPlan.Pairs && legs % 2 != 0) throw new UsageException($"A generated creature in pairs has {legs} legs; take an even number, or plan=ring.");
        if (plan == SkeletonPlan.Ring && legs < 3) throw new UsageException($"A generated creature on a ring has {legs} legs; take at least 3, or plan=pairs.");
        for (uint attempt = 0; attempt < Attempts; attempt++)
            if (Draft(seed, legs, segments, plan, attempt) is { } draft && Accepts(draft)) return draft;
        throw new UsageException($"None of {Attempts} drafts with legs={legs}, segments={segments}, plan={plan.ToString().ToLowerInvariant()}, seed={seed} fulfils the rules and stands for {StandTicks} ticks; take another seed or more legs.");
    }

    /// <summary>Whether a draft fulfils the rules of a skeleton file and stands.</summary>
    public static bool Accepts(SkeletonFile draft)
    {
        try
        {
            // As everybody else will see it: written and read.
            SkeletonFile read = SkeletonReader.Read(SkeletonWriter.Write(draft), draft.Name);
            return SettledPose.Stands(SkeletonCompiler.Compile(read), StandTicks);
        }
        catch (UsageException)
        {
            return false;
        }
    }

    /// <summary>The skeleton that one attempt draws, or null where its legs cannot reach the ground together.</summary>
    public static SkeletonFile? Draft(uint seed, int legs, int segments, SkeletonPlan plan, uint attempt)
    {
        var draws = new Draws(seed, attempt);
        bool ring = plan == SkeletonPlan.Ring;
        double halfX = draws.Between(0, 0.12, 0.40);
        var half = new Double3(halfX, ring ? halfX : draws.Between(1, 0.10, 0.25), draws.Between(2, 0.04, 0.10));
        int groups = ring ? 1 : legs / 2;
        Leg[] shapes = [.. Enumerable.Range(0, groups).Select(group => new Leg(draws, group, segments))];
        double height = shapes.Min(shape => shape.NaturalHeight);
        if (height - half.Z < Clearance || shapes.Any(shape => !shape.Fit(height))) return null;
        List<SkeletonBody> bodies = [new() { Id = "torso", Shape = SkeletonShape.Box, Center = new(0, 0, height), Half = half }];
        List<SkeletonJoint> joints = [];
        for (int leg = 0; leg < legs; leg++)
        {
            // Pairs: the left side from front to rear, then the right.
            int row = ring ? 0 : leg % groups;
            bool right = !ring && leg >= groups;
            (double forward, double left) = Degrees.CosSin(ring ? 360.0 * leg / legs : right ? -90 : 90);
            var outward = new Double3(forward, left, 0);
            Double3 hip = ring ? outward * half.X + new Double3(0, 0, height)
                : new Double3(groups == 1 ? 0 : SpreadShare * half.X * (1 - 2.0 * row / (groups - 1)), half.Y * outward.Y, height);
            shapes[row].Add(bodies, joints, ring ? $"leg{leg + 1}" : $"{(right ? 'r' : 'l')}{row + 1}", hip, outward, mirrored: right);
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"generated-{legs}x{segments}-{plan.ToString().ToLowerInvariant()}-{seed}");
        return new SkeletonFile { Name = name, Bodies = bodies, Joints = joints };
    }

    private readonly struct Draws(uint seed, uint attempt)
    {
        internal double Between(int slot, double low, double high) =>
            // Rounded to a tenth of a millimetre or degree: files stay readable.
            Math.Round(low + (high - low) * Philox.Uniform(Philox.Draw(seed, 0, 0, attempt, (uint)slot, CreaturePurpose.Generator).X), 4);
    }

    /// <summary>The legs of one pair, or of a whole ring.</summary>
    private sealed class Leg
    {
        private const int SlotsPerLeg = 64, SlotsPerSegment = 16;

        private readonly double[] lengths, radii;
        private readonly (double Cos, double Sin)[] slopes;
        private readonly SkeletonJoint[] kinds;

        internal Leg(Draws draws, int group, int segments)
        {
            int slot = SlotsPerLeg * (1 + group);
            (lengths, radii, slopes, kinds) = (new double[segments], new double[segments], new (double, double)[segments], new SkeletonJoint[segments]);
            double raised = draws.Between(slot, 0, 40);
            for (int segment = 0; segment < segments; segment++)
            {
                int at = slot + 1 + SlotsPerSegment * segment;
                bool last = segment == segments - 1;
                lengths[segment] = draws.Between(at, 0.12, 0.40);
                radii[segment] = Math.Round(draws.Between(at + 1, 0.08, 0.16) * lengths[segment] * (last ? LastRadius : 1), 4);
                slopes[segment] = Degrees.CosSin(last ? LastElevation : segment == 0 ? raised : (raised + LastElevation) / 2);
                kinds[segment] = Kind(draws, at + 2, first: segment == 0);
            }

            NaturalHeight = radii[^1];
            for (int segment = 0; segment < segments; segment++) NaturalHeight -= lengths[segment] * slopes[segment].Sin;
        }

        /// <summary>Of the hip, with the lowest segment at its usual slope; m.</summary>
        internal double NaturalHeight { get; }

        /// <summary>Slopes the lowest segment so that it ends on the ground under a hip at <paramref name="height"/>; false where it cannot.</summary>
        internal bool Fit(double height)
        {
            double drop = height - radii[^1];
            for (int segment = 0; segment < lengths.Length - 1; segment++) drop += lengths[segment] * slopes[segment].Sin;
            double share = drop / lengths[^1];
            if (share is not (>= FlattestShare and <= 1)) return false;
            slopes[^1] = (Math.Sqrt((1 - share) * (1 + share)), -share);
            return true;
        }

        internal void Add(List<SkeletonBody> bodies, List<SkeletonJoint> joints, string name, Double3 hip, Double3 outward, bool mirrored)
        {
            string above = "torso";
            Double3 from = hip;
            for (int segment = 0; segment < lengths.Length; segment++)
            {
                Double3 to = from + outward * (lengths[segment] * slopes[segment].Cos) + new Double3(0, 0, lengths[segment] * slopes[segment].Sin);
                string id = $"{name}_{segment + 1}";
                bodies.Add(new SkeletonBody { Id = id, Shape = SkeletonShape.Capsule, From = from, To = to, Radius = radii[segment], Foot = segment == lengths.Length - 1 });
                joints.Add((mirrored ? Mirrored(kinds[segment]) : kinds[segment]) with { Parent = above, Child = id, At = from });
                (above, from) = (id, to);
            }
        }

        private static SkeletonJoint Kind(Draws draws, int slot, bool first)
        {
            SkeletonLimit Limit(int at) => new(-Math.Round(draws.Between(at, 20, 60), 1), Math.Round(draws.Between(at + 1, 20, 60), 1));
            var joint = new SkeletonJoint { Parent = "", Child = "", At = default, Type = SkeletonJointType.Ball };
            return draws.Between(slot, 0, 1) < 0.5
                ? joint with { Twist = Limit(slot + 1), Lift = Limit(slot + 3), Swing = Limit(slot + 5) }
                : joint with { Type = SkeletonJointType.Hinge, NamedAxis = first ? SkeletonAxis.Swing : SkeletonAxis.Lift, Range = Limit(slot + 1) };
        }

        // In a mirror, turning about the lift axis keeps its sense; twist and swing change theirs.
        private static SkeletonJoint Mirrored(SkeletonJoint joint)
        {
            SkeletonLimit Swapped(SkeletonLimit limit) => new(-limit.High, -limit.Low);
            return joint.Type == SkeletonJointType.Ball ? joint with { Twist = Swapped(joint.Twist), Swing = Swapped(joint.Swing) }
                : joint.NamedAxis == SkeletonAxis.Lift ? joint : joint with { Range = Swapped(joint.Range) };
        }
    }
}
