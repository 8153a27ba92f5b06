using System.Collections.Concurrent;
using Arena.Policy;
using Arena.Policy.Networks;

namespace Arena.HostApi.Serving;

/// <summary>One game's turn in a batch: its message, and a signal when the actions are there.</summary>
internal sealed class Turn(AgentStep step)
{
    internal AgentStep Step => step;

    /// <summary>Released when the batch it was in has been played.</summary>
    internal SemaphoreSlim Played { get; } = new(0);

    /// <summary>What went wrong with the batch; null otherwise.</summary>
    internal Exception? Failure { get; set; }
}

/// <summary>Plays what arrives together as one batch, on a thread of its own; rows belong to agents until they leave.</summary>
internal sealed class BatchPlayer : IDisposable
{
    private readonly PolicyAgent agent;
    private readonly NetworkSpec network;
    private readonly BlockingCollection<Turn> waiting = [];
    private readonly List<Turn> batch = [];
    private readonly Stack<int> free;
    private readonly Lock rowsLock = new();
    private readonly int[] rows;
    private readonly float[] floats;
    private readonly byte[] bytes;
    private readonly byte[] masks;
    private readonly float[] components;
    private readonly int[] choices;
    private readonly Thread thread;

    internal BatchPlayer(NetworkSpec network, float[] weights, ServeOptions options)
    {
        this.network = network;
        agent = new PolicyAgent(network, weights, new PolicyAgentOptions { Rows = options.Agents, Threads = options.Threads, Deterministic = options.Deterministic, Seed = options.Seed });
        free = new Stack<int>(Enumerable.Range(0, options.Agents).Reverse());
        rows = new int[options.Agents];
        floats = new float[network.ByteObservations ? 0 : options.Agents * network.Observations];
        bytes = new byte[network.ByteObservations ? options.Agents * network.Observations : 0];
        masks = new byte[options.Agents * network.DiscreteHeads.Sum()];
        components = new float[options.Agents * network.ContinuousActions];
        choices = new int[options.Agents * network.DiscreteHeads.Count];
        thread = new Thread(Play) { IsBackground = true, Name = "arena serve" };
        thread.Start();
    }

    /// <summary>Rows that belong to nobody.</summary>
    internal int Free
    {
        get
        {
            lock (rowsLock) return free.Count;
        }
    }

    /// <summary>Adds <paramref name="count"/> rows to <paramref name="taken"/>; none, and false, where fewer are free.</summary>
    internal bool TryTake(int count, List<int> taken)
    {
        lock (rowsLock)
        {
            if (free.Count < count) return false;
            for (int one = 0; one < count; one++) taken.Add(free.Pop());
            return true;
        }
    }

    /// <summary>Gives a row back.</summary>
    internal void Return(int row)
    {
        lock (rowsLock) free.Push(row);
    }

    /// <summary>An agent begins an episode, or is new.</summary>
    internal void Forget(int row) => agent.Reset(row);

    /// <summary>Why an agent's observation or mask cannot be played; null where it can.</summary>
    internal string? Problem(AgentStep step, int at)
    {
        try
        {
            if (network.ByteObservations) agent.Check(step.Bytes(at), step.Mask(at));
            else agent.Check(step.Floats(at), step.Mask(at));
            return null;
        }
        catch (ArgumentException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>Puts a checked message into the next batch.</summary>
    internal void Enqueue(Turn turn) => waiting.Add(turn);

    /// <summary>Ends the thread; what still waits fails.</summary>
    public void Dispose()
    {
        waiting.CompleteAdding();
        thread.Join();
        agent.Dispose();
        waiting.Dispose();
    }

    private void Play()
    {
        foreach (Turn first in waiting.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            while (waiting.TryTake(out Turn? next)) batch.Add(next); // at most one of a game: it waits for its answer
            Exception? failure = null;
            try
            {
                PlayBatch();
            }
            catch (Exception problem) // whatever it is, the games must hear of it, and the next batch may go well
            {
                failure = problem;
            }

            foreach (Turn turn in batch)
            {
                turn.Failure = failure;
                turn.Played.Release();
            }
        }
    }

    private void PlayBatch()
    {
        int count = 0, o = network.Observations, c = masks.Length / rows.Length, a = network.ContinuousActions, h = network.DiscreteHeads.Count;
        foreach (Turn turn in batch)
        {
            for (int at = 0; at < turn.Step.Count; at++, count++)
            {
                rows[count] = turn.Step.Rows[at];
                if (network.ByteObservations) turn.Step.Bytes(at).CopyTo(bytes.AsSpan(count * o));
                else turn.Step.Floats(at).CopyTo(floats.AsSpan(count * o));
                turn.Step.Mask(at).CopyTo(masks.AsSpan(count * c));
            }
        }

        if (count == 0) return;
        Span<float> played = components.AsSpan(0, count * a);
        Span<int> chosen = choices.AsSpan(0, count * h);
        if (network.ByteObservations) agent.Step(bytes.AsSpan(0, count * o), masks.AsSpan(0, count * c), played, chosen, rows.AsSpan(0, count));
        else agent.Step(floats.AsSpan(0, count * o), masks.AsSpan(0, count * c), played, chosen, rows.AsSpan(0, count));
        int first = 0;
        foreach (Turn turn in batch)
        {
            played.Slice(first * a, turn.Step.Count * a).CopyTo(turn.Step.Components);
            chosen.Slice(first * h, turn.Step.Count * h).CopyTo(turn.Step.Choices);
            agent.Values.Slice(first, turn.Step.Count).CopyTo(turn.Step.Values);
            first += turn.Step.Count;
        }
    }
}
