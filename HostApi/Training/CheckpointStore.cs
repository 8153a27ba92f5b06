using System.Globalization;
using System.Runtime.ExceptionServices;
using Arena.Kernels;
using Arena.Policy.Distributed;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>A checkpoint that was read.</summary>
/// <param name="Update">Updates made when it was written.</param>
/// <param name="Path">Its folder.</param>
/// <param name="State">Everything in it.</param>
internal sealed record LoadedCheckpoint(long Update, string Path, SavedState State);

/// <summary>The folder checkpoints/ of one run, held by one process at a time; of several ranks by rank 0.</summary>
/// <remarks>
/// A checkpoint is written under a temporary name, every file flushed, and renamed as a whole; so whatever is found under a final
/// name was complete when it got it. No file says which one is newest: the names do. Of a run on several ranks each writes and reads the parts of its own
/// shards, so that all must see the folder; all make the same calls.
/// </remarks>
internal sealed class CheckpointStore : IDisposable
{
    internal const string FolderName = "checkpoints";

    private const string Temporary = ".tmp-";
    private const string Discarded = "discarded-";
    private const string NumberKey = "checkpoint/number";
    private const int KeepLast = 3;
    private const int KeepEvery = 10;

    private readonly string folder;
    private readonly CheckpointDisk disk;
    private readonly FileStream? holder; // null on ranks other than 0
    private readonly Ranks ranks;
    private readonly Func<int, bool> shards;
    private readonly HashSet<long> keptForGood = [];
    private long number; // of the last checkpoint of this run, from 1

    private CheckpointStore(string folder, CheckpointDisk disk, FileStream? holder, Ranks ranks, Func<int, bool> shards) =>
        (this.folder, this.disk, this.holder, this.ranks, this.shards) = (folder, disk, holder, ranks, shards);

    /// <summary>Takes hold of the folder of a run, and removes what a killed process left behind.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="disk">The disk; the usual one when null.</param>
    /// <param name="ranks">The processes of the run; null: this one alone.</param>
    /// <param name="shards">Which shards' parts this rank reads; all when null.</param>
    /// <exception cref="UsageException">another process trains in this run, or a rank does not see the folder.</exception>
    /// <exception cref="IOException">it cannot be written there.</exception>
    internal static CheckpointStore Open(string run, CheckpointDisk? disk = null, Ranks? ranks = null, Func<int, bool>? shards = null)
    {
        ranks ??= new Ranks();
        string folder = Path.Join(run, FolderName);
        FileStream? holder = ranks.IsFirst ? Hold(run, folder) : null;
        ranks.FromFirst(true); // it is there
        int blind = Array.IndexOf(ranks.Gather(Directory.Exists(folder) ? "" : "no"), "no");
        if (blind >= 0)
        {
            holder?.Dispose();
            throw new UsageException($"Rank {blind} does not see '{folder}', which rank 0 has opened: every rank reads and writes its part of a checkpoint there. Keep runs in a folder that all machines share (--runs).");
        }

        return new CheckpointStore(folder, disk ?? new CheckpointDisk(), holder, ranks, shards ?? (_ => true));
    }

    private static FileStream Hold(string run, string folder)
    {
        Directory.CreateDirectory(folder);
        FileStream holder;
        try
        {
            holder = new FileStream(Path.Join(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(Path.Join(folder, ".lock")))
        {
            throw new UsageException($"Another process trains in '{run}'. Wait for its end, or begin a run of your own with --from {run}.");
        }

        foreach (string left in Directory.EnumerateDirectories(folder, Temporary + "*")) Directory.Delete(left, recursive: true);
        return holder;
    }

    /// <summary>The folder of the checkpoint after <paramref name="update"/> updates.</summary>
    internal string PathOf(long update) => Path.Join(folder, NameOf(update));

    /// <summary>The newest checkpoint that is whole; each newer one that is not is said.</summary>
    /// <exception cref="UsageException">there is none, or none is whole.</exception>
    internal LoadedCheckpoint ReadNewest(Action<string> say)
    {
        string problem = "";
        long[] updates = ranks.IsFirst ? [.. Updates().OrderDescending()] : [];
        for (int i = 0; ranks.FromFirst(i < updates.Length ? updates[i] : -1) is >= 0 and var update; i++)
        {
            (LoadedCheckpoint? found, string damage) = ReadByAll(update);
            if (damage.Length == 0)
            {
                if (problem.Length > 0) say($"{problem}; using {NameOf(update)} instead");
                return found!;
            }

            string said = $"checkpoint {NameOf(update)}: {damage}";
            problem = problem.Length == 0 ? said : $"{problem}; {said}";
        }

        throw new UsageException(problem.Length > 0
            ? $"No checkpoint in '{folder}' can be read: {problem}. The policies in best/ and last/ may still be whole: train --from RUN begins a new run with them."
            : $"'{folder}' holds no checkpoint: the run ended before its first one. Train again; --checkpoint-minutes says how often they are written.");
    }

    /// <summary>This checkpoint and no other.</summary>
    /// <exception cref="UsageException">it is not there, or it is damaged.</exception>
    internal LoadedCheckpoint ReadNamed(string name)
    {
        long update = UpdateOf(name);
        if (update < 0 || !Directory.Exists(PathOf(update)))
            throw new UsageException($"There is no checkpoint '{name}' in '{folder}'. It holds: {string.Join(", ", Updates().Order().Select(NameOf).DefaultIfEmpty("none"))}.");
        (LoadedCheckpoint? found, string damage) = ReadByAll(update);
        return damage.Length == 0 ? found! : throw new UsageException($"Checkpoint {name} was named, and it is damaged: {damage}. Name another one, or the run for its newest whole one.");
    }

    /// <summary>Writes a checkpoint and removes those that need not be kept.</summary>
    /// <param name="update">Updates made.</param>
    /// <param name="state">Everything; its number is added here.</param>
    /// <param name="keep">Updates whose checkpoints must stay.</param>
    /// <exception cref="IOException">no room, or the disk failed; nothing is left of it.</exception>
    /// <exception cref="UnauthorizedAccessException">it must not be written there.</exception>
    internal void Write(long update, SavedState state, IReadOnlySet<long> keep)
    {
        state.Values.Write(NumberKey, number + 1);
        string temporary = Path.Join(folder, Temporary + NameOf(update));
        Exception? refused = ranks.IsFirst ? Begin(temporary, state) : null;
        if (!ranks.FromFirst(refused is null))
        {
            if (refused is not null) ExceptionDispatchInfo.Throw(refused);
            return; // rank 0 says why
        }

        CheckpointParts parts = CheckpointParts.Write(temporary, state, disk, ranks);
        if (!ranks.IsFirst) return;
        try
        {
            parts.ThrowIfFailed();
            CheckpointFiles.Write(temporary, update, state, disk, parts.Files);
            CheckpointDisk.FlushFolder(temporary);
            if (Directory.Exists(PathOf(update))) Remove(update); // of an attempt that failed at its very end
            Directory.Move(temporary, PathOf(update));
        }
        catch
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            throw;
        }

        number++;
        CheckpointDisk.FlushFolder(folder);
        RemoveOld(keep);
    }

    /// <summary>Puts away what lies beyond <paramref name="update"/>, as discarded-…: training goes on from there, and never meets it again.</summary>
    internal void DiscardAfter(long update)
    {
        foreach (long later in Updates().Where(later => later > update).ToArray())
        {
            string target = Path.Join(folder, Discarded + NameOf(later));
            if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
            Directory.Move(PathOf(later), target);
        }
    }

    /// <summary>Lets the next process have the folder.</summary>
    public void Dispose() => holder?.Dispose();

    // Why a checkpoint cannot be begun; null once its folder is there.
    private Exception? Begin(string temporary, SavedState state)
    {
        try
        {
            CheckSpace(CheckpointFiles.SizeOf(state, ranks.Size));
            Directory.CreateDirectory(temporary);
            return null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem;
        }
    }

    // Each rank its own part; good only if all parts are.
    private (LoadedCheckpoint? Found, string Damage) ReadByAll(long update)
    {
        LoadedCheckpoint? found = null;
        string damage = "";
        try
        {
            found = Read(update);
        }
        catch (DamagedCheckpointException problem)
        {
            damage = problem.Message;
        }

        return (found, Array.Find(ranks.Gather(damage), said => said.Length > 0) ?? "");
    }

    private LoadedCheckpoint Read(long update)
    {
        SavedState state = CheckpointFiles.Read(PathOf(update), update, shards);
        number = state.Values.ReadLong(NumberKey);
        return new LoadedCheckpoint(update, PathOf(update), state);
    }

    private void CheckSpace(long size)
    {
        long free = disk.FreeBytes(folder);
        if (free / 2 < size)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"A checkpoint takes {size:N0} bytes, and twice that must be free; '{folder}' has {free:N0}."));
    }

    private void RemoveOld(IReadOnlySet<long> keep)
    {
        foreach (long update in Updates().OrderDescending().Skip(KeepLast))
        {
            if (keep.Contains(update) || keptForGood.Contains(update)) continue;
            if (CheckpointFiles.ReadValues(PathOf(update), update) is { } values && values.Has(NumberKey) && values.ReadLong(NumberKey) % KeepEvery == 0)
            {
                keptForGood.Add(update);
                continue;
            }

            Remove(update);
        }
    }

    // Renamed first: a process killed in between leaves no half of a checkpoint under its name.
    private void Remove(long update)
    {
        string temporary = Path.Join(folder, Temporary + "old-" + NameOf(update));
        Directory.Move(PathOf(update), temporary);
        Directory.Delete(temporary, recursive: true);
    }

    private IEnumerable<long> Updates() =>
        Directory.EnumerateDirectories(folder).Select(path => UpdateOf(Path.GetFileName(path))).Where(update => update >= 0);

    private static string NameOf(long update) => update.ToString("D9", CultureInfo.InvariantCulture);

    // −1 for any other name.
    private static long UpdateOf(string name) =>
        long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long update) && NameOf(update) == name ? update : -1;
}
