using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Arena.HostApi.Training;
using Arena.Kernels;
using Arena.Kernels.Device;
using Arena.Policy;
using Arena.Policy.Distributed;

namespace Arena.HostApi.Distributed;

/// <summary>Refuses ranks that would not compute the same thing.</summary>
internal static class RankCheck
{
    /// <summary>Compares settings, program and kind of processor.</summary>
    /// <param name="ranks">The processes.</param>
    /// <param name="description">What this one was started with; threads and device may differ.</param>
    /// <param name="until">Where to pause, in words.</param>
    /// <exception cref="UsageException">one differs; says which and in what. On all ranks.</exception>
    internal static void Same(Ranks ranks, RunDescription description, string until)
    {
        if (ranks.Size == 1) return;
        string own = string.Join('\n',
        [
            (description with { Threads = 0 }).ConfigJson(),
            $"--until {until}",
            $"program {Program(typeof(RankCheck))}, {Program(typeof(PolicyAgent))}, {Program(typeof(IDevice))}",
            $".NET {Environment.Version}",
            CpuDevice.InstructionSet,
        ]);
        Compare(ranks.Gather(own), "was started with something else than");
    }

    /// <summary>Compares the weights that training begins with.</summary>
    /// <exception cref="UsageException">they differ. On all ranks.</exception>
    internal static void SameWeights(Ranks ranks, TrainingSession session)
    {
        if (ranks.Size == 1) return;
        string own = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(session.CopyWeights())));
        Compare(ranks.Gather($"weights {own}"), "begins with other weights than");
    }

    private static void Compare(string[] texts, string differs)
    {
        int other = Array.FindIndex(texts, text => text != texts[0]);
        if (other < 0) return;
        (string first, string second) = texts[0].Split('\n').Zip(texts[other].Split('\n')).FirstOrDefault(pair => pair.First != pair.Second, (First: "a shorter list", Second: "a longer list"));
        throw new UsageException(
            $"Rank {other} {differs} rank 0: {second.Trim().TrimEnd(',')} there, {first.Trim().TrimEnd(',')} on rank 0. All ranks of a run need the same command line, the same files and the same program on machines of one kind.");
    }

    // Changes with every build that differs.
    private static Guid Program(Type type) => type.Assembly.GetModules()[0].ModuleVersionId;
}
