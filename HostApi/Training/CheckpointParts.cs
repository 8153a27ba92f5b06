using System.Globalization;
using Arena.Policy.Distributed;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>What the ranks of a run have written of one checkpoint: the parts of their shards.</summary>
/// <param name="Files">Of all ranks.</param>
/// <param name="Problem">Why a rank could not; empty when all did.</param>
internal sealed record CheckpointParts(IReadOnlyList<CheckpointFile> Files, string Problem)
{
    private const char Failed = '!';

    /// <summary>Writes this rank's parts, and hears of those of the others.</summary>
    internal static CheckpointParts Write(string folder, SavedState state, CheckpointDisk disk, Ranks ranks)
    {
        string said;
        try
        {
            said = string.Join('\n', CheckpointFiles.WriteShards(folder, state, disk).Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name}|{file.Bytes}|{file.Sha256}")));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            said = Failed + (ranks.Size == 1 ? problem.Message : $"rank {ranks.Rank}: {problem.Message}");
        }

        string[] all = ranks.Gather(said);
        string failure = Array.Find(all, answer => answer.StartsWith(Failed)) ?? "";
        return failure.Length > 0
            ? new CheckpointParts([], failure[1..])
            : new CheckpointParts([.. all.SelectMany(answer => answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(File)], "");
    }

    /// <summary>Ends the checkpoint if a part of it is missing.</summary>
    /// <exception cref="IOException">a rank could not write.</exception>
    internal void ThrowIfFailed()
    {
        if (Problem.Length > 0) throw new IOException(Problem);
    }

    private static CheckpointFile File(string line)
    {
        string[] parts = line.Split('|');
        return new CheckpointFile(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), parts[2]);
    }
}
