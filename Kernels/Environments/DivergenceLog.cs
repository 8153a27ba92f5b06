using Arena.Kernels.Device;

namespace Arena.Kernels.Environments;

/// <summary>An episode that the divergence guard of a simulation ended.</summary>
/// <param name="Match">Global number of the match.</param>
/// <param name="Episode">Number of the episode in that match, from 0.</param>
/// <param name="Tick">Its last tick, from 1.</param>
/// <param name="Cause">Which test of the guard failed, as the end of a sentence.</param>
public sealed record Divergence(int Match, int Episode, int Tick, string Cause)
{
    /// <summary>"match 17, episode 3, tick 211: a velocity is not finite or above 100 m/s".</summary>
    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"match {Match}, episode {Episode}, tick {Tick}: {Cause}");
}

/// <summary>Where the divergence guard of a simulation fired: how often in every match, and the first episode of each. Not part of the state.</summary>
/// <remarks>A match writes its own words alone, so that nothing depends on the order of threads. Reading costs 16 bytes per match.</remarks>
public sealed class DivergenceLog : IDisposable
{
    private const int Count = 0, Episode = 1, Tick = 2, Cause = 3, Words = 4; // of a match

    private readonly DeviceBuffer<int> buffer;
    private readonly int[] words;
    private readonly int firstMatch;
    private readonly IReadOnlyList<string> causes;

    /// <summary>Takes memory for every match; nothing has diverged.</summary>
    /// <param name="device">Of the environment.</param>
    /// <param name="options">Of the environment.</param>
    /// <param name="causes">What each number of a cause means, from 0; ends of sentences.</param>
    public DivergenceLog(IDevice device, GameOptions options, IReadOnlyList<string> causes)
    {
        (firstMatch, this.causes) = (options.MatchOffset, causes);
        words = new int[options.NumEnvs * Words];
        buffer = device.Allocate<int>(words.Length, "divergences");
        Clear();
    }

    /// <summary>(E, 4) int: how often, then episode, tick and cause of the first.</summary>
    public View<int> View => buffer.View;

    /// <summary>Device side: the guard ended the episode of match <paramref name="env"/>.</summary>
    public static void Record(View<int> log, int env, int episode, int tick, int cause)
    {
        int at = env * Words;
        log[at + Count] += 1;
        if (log[at + Count] > 1) return;
        log[at + Episode] = episode;
        log[at + Tick] = tick;
        log[at + Cause] = cause;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(words);
        buffer.Write(words);
    }

    /// <summary>Reads what has happened since the last reading or clearing, and forgets it; allocates only where something has.</summary>
    /// <param name="firsts">The first of every match in which something diverged, by match.</param>
    /// <returns>How many episodes diverged.</returns>
    public int Take(out IReadOnlyList<Divergence> firsts)
    {
        buffer.Read(words);
        int all = 0;
        for (int at = 0; at < words.Length; at += Words) all += words[at + Count];
        firsts = [];
        if (all == 0) return 0;
        firsts = [.. Enumerable.Range(0, words.Length / Words).Where(env => words[env * Words + Count] > 0)
            .Select(env => new Divergence(firstMatch + env, words[env * Words + Episode], words[env * Words + Tick], causes[words[env * Words + Cause]]))];
        Clear();
        return all;
    }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();
}
