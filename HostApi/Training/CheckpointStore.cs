using System.Globalization;
using Arena.Kernels;
using Arena.Policy.Weights;

namespace Arena.HostApi.Training;

/// <summary>A checkpoint that was read.</summary>
/// <param name="Update">Updates made when it was written.</param>
/// <param name="Path">Its folder.</param>
/// <param name="State">Everything in it.</param>
internal sealed record LoadedCheckpoint(long Update, string Path, SavedState State);

/// <summary>The folder checkpoints/ of one run, held by one process at a time.</summary>
/// <remarks>
/// A checkpoint is written under a temporary name, every file flushed, and renamed as a whole; so whatever is found under a final
/// name was complete when it got it. No file says which one is newest: the names do.
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
    private readonly FileStream holder;
    private readonly HashSet<long> keptForGood = [];
    private long number; // of the last checkpoint of this run, from 1

    private CheckpointStore(string folder, CheckpointDisk disk, FileStream holder)
    {
        this.folder = folder;
        this.disk = disk;
        this.holder = holder;
    }

    /// <summary>Takes hold of the folder of a run, and removes what a killed process left behind.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="disk">The disk; the usual one when null.</param>
    /// <exception cref="UsageException">another process trains in this run.</exception>
    /// <exception cref="IOException">it cannot be written there.</exception>
    internal static CheckpointStore Open(string run, CheckpointDisk? disk = null)
    {
        string folder = Path.Join(run, FolderName);
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
        return new CheckpointStore(folder, disk ?? new CheckpointDisk(), holder);
    }

    /// <summary>The folder of the checkpoint after <paramref name="update"/> updates.</summary>
    internal string PathOf(long update) => Path.Join(folder, NameOf(update));

    /// <summary>The newest checkpoint that is whole; each newer one that is not is said.</summary>
    /// <exception cref="UsageException">there is none, or none is whole.</exception>
    internal LoadedCheckpoint ReadNewest(Action<string> say)
    {
        string problem = "";
        foreach (long update in Updates().OrderDescending())
        {
            try
            {
                LoadedCheckpoint found = Read(update);
                if (problem.Length > 0) say($"{problem}; using {NameOf(update)} instead");
                return found;
            }
            catch (DamagedCheckpointException damage)
            {
                string said = $"checkpoint {NameOf(update)}: {damage.Message}";
                problem = problem.Length == 0 ? said : $"{problem}; {said}";
            }
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
        try
        {
            return Read(update);
        }
        catch (DamagedCheckpointException damage)
        {
            throw new UsageException($"Checkpoint {name} was named, and it is damaged: {damage.Message}. Name another one, or the run for its newest whole one.");
        }
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
        CheckSpace(CheckpointFiles.SizeOf(state));
        string temporary = Path.Join(folder, Temporary + NameOf(update));
        try
        {
            Directory.CreateDirectory(temporary);
            CheckpointFiles.Write(temporary, update, state, disk);
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
    public void Dispose() => holder.Dispose();

    private LoadedCheckpoint Read(long update)
    {
        SavedState state = CheckpointFiles.Read(PathOf(update), update);
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
