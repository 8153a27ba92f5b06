using System.Globalization;

namespace Arena.HostApi.SelfPlay;

/// <summary>A policy as it was at some point of its training.</summary>
/// <param name="Name">Agent-steps behind it as twelve digits: its name in files and tables, which sorts by age.</param>
/// <param name="AgentSteps">The same as a number.</param>
/// <param name="Path">Its policy file.</param>
public sealed record Snapshot(string Name, long AgentSteps, string Path);

/// <summary>The snapshots of a run: pool/&lt;agent-steps as 12 digits&gt;.safetensors, and when one is due.</summary>
public static class Snapshots
{
    /// <summary>Their folder in a run directory.</summary>
    public const string Folder = "pool";

    private const int Digits = 12; // ten times the longest run the plan allows would need one more
    private const string Extension = ".safetensors";

    /// <summary>The name of the policy after <paramref name="agentSteps"/>.</summary>
    public static string NameOf(long agentSteps) => agentSteps.ToString($"D{Digits}", CultureInfo.InvariantCulture);

    /// <summary>Its file in a run directory.</summary>
    public static string FileIn(string run, long agentSteps) => System.IO.Path.Combine(run, Folder, NameOf(agentSteps) + Extension);

    /// <summary>Those of a run, oldest first; other files in the folder are left out.</summary>
    /// <param name="run">Run directory.</param>
    public static IReadOnlyList<Snapshot> Of(string run)
    {
        string folder = System.IO.Path.Combine(run, Folder);
        if (!Directory.Exists(folder)) return [];
        var found = new List<Snapshot>();
        foreach (string path in Directory.GetFiles(folder, "*" + Extension))
        {
            string name = System.IO.Path.GetFileNameWithoutExtension(path);
            if (long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long steps) && name == NameOf(steps)) found.Add(new Snapshot(name, steps, path));
        }

        return [.. found.OrderBy(snapshot => snapshot.AgentSteps)];
    }

    /// <summary>Is a snapshot due after this update? <paramref name="count"/> of them, evenly over the run, the untrained policy and the last one included.</summary>
    /// <remarks>A function of its arguments alone, so that a resumed run saves the same ones.</remarks>
    /// <param name="update">Updates made, from 0.</param>
    /// <param name="planned">Updates of the whole run.</param>
    /// <param name="count">How many; 0 = none, 1 = the last one. Runs of fewer updates have one per update.</param>
    public static bool Due(long update, long planned, int count)
    {
        if (count == 0) return false;
        if (update == 0) return count > 1;
        return update >= planned || update * (count - 1) / planned != (update - 1) * (count - 1) / planned;
    }
}
