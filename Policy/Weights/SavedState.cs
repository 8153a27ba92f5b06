using Arena.Kernels;
using Arena.Policy.Networks;

namespace Arena.Policy.Weights;

/// <summary>The whole state of a training run in memory: what every component saves itself into and loads itself from.</summary>
/// <remarks>
/// A component has <c>Save(SavedState)</c> and <c>Load(SavedState)</c> with one line per thing in each, under the same name:
/// <c>state.World.Write("collector/active", buffer)</c> and <c>state.World.Read("collector/active", buffer)</c>. Names begin
/// with the component's own. Reading refuses a missing name, another type and another length, and <see cref="CheckAllRead"/>
/// refuses what nobody asked for, so that nothing is left out silently. Everything written is copied at once.
/// </remarks>
public sealed class SavedState
{
    /// <summary>Name of the learner's own policy among <see cref="Policies"/>.</summary>
    public const string LearnerPolicy = "policy";

    private readonly Dictionary<string, SavedPolicy> policies = [];
    private readonly HashSet<string> readPolicies = [];
    private readonly SortedDictionary<int, SavedTensors> shards = [];
    private readonly SavedTensors? shared;

    /// <summary>An empty state, to save into.</summary>
    public SavedState()
        : this(new SavedTensors("optimizer"), new SavedTensors("world"), new SavedValues("state"))
    {
    }

    /// <summary>A state that was read.</summary>
    public SavedState(SavedTensors optimizer, SavedTensors world, SavedValues values)
    {
        Optimizer = optimizer;
        World = world;
        Values = values;
    }

    private SavedState(SavedTensors optimizer, SavedTensors world, SavedValues values, SavedTensors shared)
        : this(optimizer, world, values) => this.shared = shared;

    /// <summary>Moments of optimisers: optimizer.safetensors.</summary>
    public SavedTensors Optimizer { get; }

    /// <summary>Matches, observations, recurrent states, sums, best weights …: world.safetensors. Of the state of a shard, its own part of it.</summary>
    public SavedTensors World { get; }

    /// <summary>What all shards have in common and no optimiser: the same as <see cref="World"/> but in the state of a shard.</summary>
    public SavedTensors Shared => shared ?? World;

    /// <summary>The shards' own parts, by number: world-N.safetensors. Empty for a run of one.</summary>
    public IReadOnlyDictionary<int, SavedTensors> Shards => shards;

    /// <summary>Counters and words: state.json.</summary>
    public SavedValues Values { get; }

    /// <summary>Policies by name; each is a policy file of its own, NAME.safetensors.</summary>
    public IReadOnlyDictionary<string, SavedPolicy> Policies => policies;

    /// <summary>The state that a shard saves itself into: a world of its own, and the rest in common.</summary>
    /// <param name="index">The shard's number.</param>
    /// <param name="keepsRest">Whether it is the one that saves the rest: all shards have the same.</param>
    public SavedState AddShard(int index, bool keepsRest)
    {
        var own = new SavedTensors(NameOf(index));
        shards.Add(index, own);
        return keepsRest
            ? new SavedState(Optimizer, own, Values, World)
            : new SavedState(new SavedTensors("optimizer") { Ignores = true }, own, new SavedValues("state"), new SavedTensors("world") { Ignores = true });
    }

    /// <summary>Adds what was read of a shard.</summary>
    public void AddShard(int index, IEnumerable<SafetensorsTensor> tensors) => shards.Add(index, new SavedTensors(NameOf(index), tensors));

    /// <summary>What a shard loads itself from.</summary>
    /// <exception cref="UsageException">it is not there.</exception>
    public SavedState OfShard(int index) => shards.TryGetValue(index, out SavedTensors? own)
        ? new SavedState(Optimizer, own, Values, World)
        : throw Mismatch($"it lacks {NameOf(index)}, the matches of shard {index}");

    /// <summary>Adds a policy.</summary>
    /// <param name="name">"policy", "policy-b": lower-case letters, digits and hyphens.</param>
    /// <param name="policy">Copied weights.</param>
    /// <exception cref="ArgumentException">the name is taken.</exception>
    public void Write(string name, SavedPolicy policy) => policies.Add(name, policy);

    /// <summary>The weights of a policy, for a network of the sizes <paramref name="network"/>.</summary>
    /// <exception cref="UsageException">there is none of that name, or it is of another network.</exception>
    public float[] ReadPolicy(string name, NetworkSpec network)
    {
        if (!policies.TryGetValue(name, out SavedPolicy? policy)) throw Mismatch($"it lacks the policy '{name}'");
        readPolicies.Add(name);
        NetworkSpec stored = policy.Description.Network;
        if (!NetworkText.Same(stored, network))
            throw Mismatch($"the network of '{name}' is {NetworkText.Describe(stored)}, and {NetworkText.Describe(network)} here");
        return policy.Weights;
    }

    /// <summary>Checks that everything that was saved was also loaded.</summary>
    /// <exception cref="UsageException">something was not: names all of it.</exception>
    public void CheckAllRead()
    {
        string[] left = [.. policies.Keys.Where(name => !readPolicies.Contains(name)), .. Optimizer.NeverRead, .. World.NeverRead, .. shards.Values.SelectMany(shard => shard.NeverRead), .. Values.NeverRead];
        if (left.Length > 0) throw Mismatch($"nothing here takes {string.Join(", ", left.Select(name => $"'{name}'"))}");
    }

    /// <summary>A shard's part of the world in words, and the name of its file without ending.</summary>
    public static string NameOf(int shard) => FormattableString.Invariant($"world-{shard}");

    /// <summary>What to throw when a checkpoint is whole but of something else.</summary>
    /// <param name="problem">What differs: "its network is …, and … here".</param>
    public static UsageException Mismatch(string problem) =>
        new($"The checkpoint does not fit this run: {problem}. It was written with other settings or by another version; --weights-only begins a new run with its weights alone.");
}

/// <summary>Weights and whose they are.</summary>
/// <param name="Description">Game, network, settings.</param>
/// <param name="Weights">(P) float, flat.</param>
public sealed record SavedPolicy(PolicyDescription Description, float[] Weights);
