using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Creature;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Kernels.Tests.Creature;

/// <summary>The format "creature-1": every rule has a text that breaks it, and the message names source, path and rule.</summary>
public sealed class SkeletonReaderTests
{
    private const string Good = """
        { "format": "creature-1", "name": "two-piece",
          "bodies": [
            { "id": "torso", "shape": "box", "center": [0,0,0.30], "half": [0.30,0.15,0.06] },
            { "id": "l1_up", "shape": "capsule", "from": [0.25,0.15,0.30], "to": [0.25,0.35,0.40], "radius": 0.035 },
            { "id": "l1_lo", "shape": "capsule", "from": [0.25,0.35,0.40], "to": [0.25,0.47,0.025], "radius": 0.025, "foot": true } ],
          "joints": [
            { "parent": "torso", "child": "l1_up", "at": [0.25,0.15,0.30], "type": "ball",
              "limits": { "twist": [-30,30], "lift": [-55,55], "swing": [-45,45] } },
            { "parent": "l1_up", "child": "l1_lo", "at": [0.25,0.35,0.40], "type": "hinge", "axis": "lift", "range": [-50,50] } ] }
        """;

    [Fact]
    public void A_good_text_is_read()
    {
        SkeletonFile file = SkeletonReader.Read(Good, "good.json");
        Assert.Equal(("two-piece", 3, 2, 500.0, 0.4), (file.Name, file.Bodies.Count, file.Joints.Count, file.Density, file.Strength));
        Assert.True(file.Bodies[2].Foot);
        Assert.Null(file.Bodies[0].Fatal);
        Assert.Equal(new SkeletonLimit(-55, 55), file.Joints[0].LimitOf(SkeletonAxis.Lift));
        Assert.Equal((SkeletonAxis.Lift, new SkeletonLimit(-50, 50)), (file.Joints[1].NamedAxis, file.Joints[1].LimitOf(SkeletonAxis.Lift)));
        Assert.False(file.Joints[1].IsFree(SkeletonAxis.Swing));
    }

    [Theory]
    [InlineData("creature-1", "creature-2", "$.format is \"creature-2\": must be \"creature-1\"")]
    [InlineData("\"name\": \"two-piece\",", "", "$ lacks the key 'name'")]
    [InlineData("two-piece", "Two Piece", "$.name is \"Two Piece\": a name is 1 to 40 characters")]
    [InlineData("\"name\":", "\"densty\": 500, \"name\":", "$ has no key 'densty'. Did you mean 'density'?")]
    [InlineData("\"name\":", "\"format\": \"creature-1\", \"name\":", "$ has the key 'format' twice")]
    [InlineData("\"name\":", "\"density\": 49, \"name\":", "$.density is 49: must be a number 50..5000")]
    [InlineData("\"name\":", "\"friction\": 2.5, \"name\":", "$.friction is 2.5: must be a number 0..2")]
    [InlineData("\"name\":", "\"restitution\": 1, \"name\":", "$.restitution is 1: must be a number 0..0.9")]
    [InlineData("\"name\":", "\"strength\": 0, \"name\":", "$.strength is 0: must be a number 0.05..2")]
    [InlineData("\"name\":", "\"planar\": 1, \"name\":", "$.planar is 1: must be true or false")]
    [InlineData("\"id\": \"l1_up\"", "\"id\": \"torso\"", "$.bodies[1].id is \"torso\", which an earlier body has")]
    [InlineData("\"id\": \"l1_up\"", "\"id\": \"\"", "$.bodies[1].id is \"\": an id has at least one character")]
    [InlineData("\"shape\": \"box\"", "\"shape\": \"cube\"", "$.bodies[0].shape is \"cube\": must be one of \"capsule\", \"sphere\", \"box\"")]
    [InlineData("\"half\": [0.30,0.15,0.06]", "\"half\": [0.30,0.15]", "$.bodies[0].half is [0.30,0.15]: must be a list of 3 numbers")]
    [InlineData("\"half\": [0.30,0.15,0.06]", "\"half\": [0.30,0.15,0]", "$.bodies[0].half[2] is 0: must be a number 0.005..5")]
    [InlineData("\"half\": [0.30,0.15,0.06]", "\"radius\": 0.1", "$.bodies[0] has no key 'radius'")]
    [InlineData("\"radius\": 0.035", "\"radius\": \"thin\"", "$.bodies[1].radius is \"thin\": must be a number 0.005..1")]
    [InlineData("\"to\": [0.25,0.35,0.40]", "\"to\": [0.25,0.15,0.30]", "$.bodies[1].to is [0.25,0.15,0.30]: the ends of a capsule are at least 1 mm apart")]
    [InlineData("\"radius\": 0.035", "\"radius\": 0.035, \"mass\": 1, \"density\": 400", "$.bodies[1].density is 400: give a mass or a density, not both")]
    [InlineData("\"radius\": 0.035", "\"radius\": 0.035, \"mass\": 0.01", "$.bodies[1].mass is 0.01: must be a number 0.02..200")]
    [InlineData("\"radius\": 0.035", "\"radius\": 0.005", "$.bodies[1] has a mass of 0.0090", "too light")]
    [InlineData("\"radius\": 0.035", "\"radius\": 0.035, \"mass\": 0.1", "$.bodies[0] has 10.8 kg, 108 times the 0.1 kg of $.bodies[1]")]
    [InlineData("[0.25,0.47,0.025]", "[0.25,0.47,0.02]", "$.bodies[2] reaches 0.005 m below the ground")]
    [InlineData("\"foot\": true", "\"foot\": \"yes\"", "$.bodies[2].foot is \"yes\": must be true or false")]
    [InlineData("\"parent\": \"l1_up\"", "\"parent\": \"l1_ap\"", "$.joints[1].parent is \"l1_ap\", which is no body. Did you mean 'l1_up'?")]
    [InlineData("\"parent\": \"torso\"", "\"parent\": \"l1_lo\"", "$.joints[0].parent is \"l1_lo\", which no joint has reached yet")]
    [InlineData("\"child\": \"l1_lo\"", "\"child\": \"torso\"", "$.joints[1].child is \"torso\", which hangs on a joint already")]
    [InlineData("\"at\": [0.25,0.15,0.30]", "\"at\": [0.25,0.18,0.32]", "$.joints[0].at is 0.03 m from the parent 'torso'; an anchor lies within 2 cm")]
    [InlineData("\"type\": \"ball\"", "\"type\": \"slider\"", "$.joints[0].type is \"slider\": must be one of \"ball\", \"hinge\"")]
    [InlineData("\"twist\": [-30,30], ", "", "$.joints[0].limits lacks the key 'twist'")]
    [InlineData("\"twist\": [-30,30]", "\"twist\": [10,30]", "$.joints[0].limits.twist is [10,30]: a limit is [low, high] in degrees with low ≤ 0 ≤ high")]
    [InlineData("\"range\": [-50,50]", "\"range\": [-50,500]", "$.joints[1].range[1] is 500: must be a number -150..150")]
    [InlineData("\"lift\": [-55,55], \"swing\": [-45,45]", "\"lift\": [-100,100], \"swing\": [-80,80]", "$.joints[0] can turn too far")]
    [InlineData("\"axis\": \"lift\"", "\"axis\": \"roll\"", "$.joints[1].axis is \"roll\": must be one of")]
    [InlineData("\"axis\": \"lift\"", "\"axis\": [0,0,0]", "$.joints[1].axis is [0,0,0]: the axis of a hinge")]
    [InlineData("\"axis\": \"lift\", ", "", "$.joints[1] lacks the key 'axis'")]
    [InlineData("\"axis\": \"lift\"", "\"axis\": \"lift\", \"torque\": -1", "$.joints[1].torque is -1: must be a number 0..10000")]
    [InlineData("\"axis\": \"lift\"", "\"axis\": \"lift\", \"damping\": 1000", "$.joints[1].damping is 1000: must be a number 0..400")]
    [InlineData("\"limits\"", "\"range\": [0,1], \"limits\"", "$.joints[0] has no key 'range'")]
    [InlineData("\"radius\": 0.035", "\"radius\": 0.035, \"density\": 49", "$.bodies[1].density is 49: must be a number 50..5000")]
    [InlineData("\"radius\": 0.035", "\"radius\": 0.035, \"friction\": 2.1", "$.bodies[1].friction is 2.1: must be a number 0..2")]
    [InlineData("\"radius\": 0.035", "\"radius\": 0.035, \"restitution\": 0.95", "$.bodies[1].restitution is 0.95: must be a number 0..0.9")]
    [InlineData("\"half\": [0.30,0.15,0.06]", "\"half\": [0.30,0.15,0.30], \"density\": 5000", "$.bodies[0] has a mass of 540 kg; allowed are 0.02..200 kg")]
    [InlineData("\"axis\": \"lift\"", "\"axis\": \"lift\", \"stiffness\": -1", "$.joints[1].stiffness is -1: must be a number 0..1000000")]
    [InlineData("\"swing\": [-45,45]", "\"swing\": [-45,-5]", "$.joints[0].limits.swing is [-45,-5]: a limit is [low, high] in degrees with low ≤ 0 ≤ high")]
    public void Every_rule_is_one_clear_error(string from, string to, string expected, string note = "")
    {
        Assert.NotNull(note);
        Assert.Contains(from, Good, StringComparison.Ordinal);
        string broken = ReplaceFirst(Good, from, to);
        string message = Assert.Throws<UsageException>(() => SkeletonReader.Read(broken, "mine.json")).Message;
        Assert.StartsWith("mine.json: " + expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_are_limited()
    {
        string noJoint = Good[..Good.IndexOf("\"joints\"", StringComparison.Ordinal)] + "\"joints\": [] }";
        Assert.Contains("$.joints has 0 joints for 3 bodies", Message(noJoint), StringComparison.Ordinal);
        string oneBody = """{ "format": "creature-1", "name": "x", "bodies": [{}], "joints": [] }""";
        Assert.Contains("$.bodies is [{}]: must be a list of 2 to 25 bodies", Message(oneBody), StringComparison.Ordinal);
        Assert.Contains("not JSON (line 1, character 3)", Message("{ "), StringComparison.Ordinal);
        // Eight boxes have 64 corners.
        string[] ids = [.. Enumerable.Range(0, 8).Select(box => $"b{box}")];
        string boxes = $$"""
            { "format": "creature-1", "name": "boxes",
              "bodies": [ {{string.Join(", ", ids.Select(id => $$"""{ "id": "{{id}}", "shape": "box", "center": [0,0,0.5], "half": [0.1,0.1,0.1] }"""))}} ],
              "joints": [ {{string.Join(", ", ids[1..].Select(id => $$"""{ "parent": "b0", "child": "{{id}}", "at": [0,0,0.5], "type": "hinge", "axis": "lift", "range": [-10,10] }"""))}} ] }
            """;
        Assert.Contains("$.bodies have 64 contact points; at most 56 are allowed", Message(boxes), StringComparison.Ordinal);
        string passive = Good.Replace("\"type\":", "\"driven\": false, \"type\":", StringComparison.Ordinal);
        Assert.Contains("have no driven axis", Message(passive), StringComparison.Ordinal);
    }

    [Fact]
    public void Text_to_tables_and_back_keeps_every_value()
    {
        foreach (SkeletonFile file in BuiltinSkeletons.Names.Select(name => BuiltinSkeletons.Find(name)!).Append(SkeletonReader.Read(Good, "good")))
        {
            SkeletonFile again = SkeletonReader.Read(SkeletonWriter.Write(file, indented: true), "again");
            Assert.Equal(SkeletonWriter.Write(file), SkeletonWriter.Write(again));
            Assert.Equal(SkeletonCompiler.Compile(file).Hash, SkeletonCompiler.Compile(again).Hash);
            Assert.Empty(SkeletonRules.Warnings(BuiltinSkeletons.Find(BuiltinSkeletons.Ant)!));
        }
    }

    [Fact]
    public void Every_number_comes_back_to_the_last_bit() => Prop.ForAll<ulong, ulong>((one, other) =>
    {
        // Any mantissa; exponents that a file allows.
        static double Between1And2(ulong bits) => BitConverter.UInt64BitsToDouble((bits & 0xF_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        double a = Between1And2(one * 0x9E37_79B9_7F4A_7C15), b = Between1And2(other * 0xC2B2_AE3D_27D4_EB4F);
        SkeletonFile good = SkeletonReader.Read(Good, "good");
        SkeletonFile file = good with
        {
            Bodies = [good.Bodies[0] with { Center = new(a * 1e-17, -0.0, 0.30 + b * 1e-5), Half = new(0.24 + a / 100, 0.13 + b / 50, a / 20) }, .. good.Bodies.Skip(1)],
            Joints = [good.Joints[0] with { Torque = a / 3e9, Stiffness = b * 1e5, Damping = a * 100, Twist = new(-a * 20, b / 1e12) }, good.Joints[1]],
        };
        SkeletonFile again = SkeletonReader.Read(SkeletonWriter.Write(file), "again");
        SkeletonBody torso = again.Bodies[0];
        SkeletonJoint hip = again.Joints[0];
        double[] written = [a * 1e-17, -0.0, 0.30 + b * 1e-5, 0.24 + a / 100, 0.13 + b / 50, a / 20, a / 3e9, b * 1e5, a * 100, -a * 20, b / 1e12];
        double[] read = [torso.Center.X, torso.Center.Y, torso.Center.Z, torso.Half.X, torso.Half.Y, torso.Half.Z, hip.Torque!.Value, hip.Stiffness!.Value, hip.Damping!.Value, hip.Twist.Low, hip.Twist.High];
        return written.Select(BitConverter.DoubleToInt64Bits).SequenceEqual(read.Select(BitConverter.DoubleToInt64Bits));
    }).Check(TestSize.Cases(200, 20_000));

    [Fact]
    public void A_creature_beside_its_feet_is_warned_about()
    {
        Assert.Contains("outside the rectangle around the feet", Assert.Single(SkeletonRules.Warnings(SkeletonReader.Read(Good, "good"))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_takes_a_name_a_code_a_text_or_a_path_that_the_host_reads()
    {
        Assert.Equal("hopper", Skeletons.Find("hopper").Name);
        Assert.Equal("two-piece", Skeletons.Find(Good).Name);
        Assert.Contains("Did you mean 'hopper'?", Assert.Throws<UsageException>(() => Skeletons.Find("hoper")).Message, StringComparison.Ordinal);
        var options = new CreatureOptions { Skeleton = "my/creature.json" };
        Assert.Contains("was not read", Assert.Throws<UsageException>(options.Validate).Message, StringComparison.Ordinal);
        var read = (CreatureOptions)options.WithFiles(path => path == "my/creature.json" ? Good : throw new InvalidOperationException(path));
        read.Validate();
        Assert.DoesNotContain('\n', read.Skeleton);
        Assert.Equal(Skeletons.Compiled(Good).Hash, Skeletons.Compiled(read.Skeleton).Hash);
        Assert.StartsWith("my/creature.json: $", Assert.Throws<UsageException>(() => options.WithFiles(_ => "{}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_made_is_remembered_up_to_a_limit_by_any_number_of_threads()
    {
        var kept = new Remembered<int, string>(3);
        int made = 0;
        string Make(int key)
        {
            Interlocked.Increment(ref made);
            return $"{key}";
        }

        foreach (int key in (int[])[1, 2, 3, 1, 4]) Assert.Equal($"{key}", kept.Get(key, Make));
        Assert.Equal((4, 3), (made, kept.Count));
        kept.Get(1, Make); // asked for lately, so 2 went when 4 came
        Assert.Equal(4, made);
        kept.Get(2, Make);
        Assert.Equal((5, 3), (made, kept.Count));
        Parallel.For(0, 2000, i => Assert.Equal($"{i % 7}", kept.Get(i % 7, Make)));
        Assert.Equal(3, kept.Count);
        Assert.Same(Skeletons.Compiled("ant"), Skeletons.Compiled("ant"));
    }

    private static string Message(string text) => Assert.Throws<UsageException>(() => SkeletonReader.Read(text, "mine.json")).Message;

    private static string ReplaceFirst(string text, string from, string to)
    {
        int at = text.IndexOf(from, StringComparison.Ordinal);
        return text[..at] + to + text[(at + from.Length)..];
    }
}
