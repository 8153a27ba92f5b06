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

    /// <summary>Moments of optimisers: optimizer.safetensors.</summary>
    public SavedTensors Optimizer { get; }

    /// <summary>Matches, observations, recurrent states, sums, best weights …: world.safetensors.</summary>
    public SavedTensors World { get; }

    /// <summary>Counters and words: state.json.</summary>
    public SavedValues Values { get; }

    /// <summary>Policies by name; each is a policy file of its own, NAME.safetensors.</summary>
    public IReadOnlyDictionary<string, SavedPolicy> Policies => policies;

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
        string[] left = [.. policies.Keys.Where(name => !readPolicies.Contains(name)), .. Optimizer.NeverRead, .. World.NeverRead, .. Values.NeverRead];
        if (left.Length > 0) throw Mismatch($"nothing here takes {string.Join(", ", left.Select(name => $"'{name}'"))}");
    }

    /// <summary>What to throw when a checkpoint is whole but of something else.</summary>
    /// <param name="problem">What differs: "its network is …, and … here".</param>
    public static UsageException Mismatch(string problem) =>
        new($"The checkpoint does not fit this run: {problem}. It was written with other settings or by another version; --weights-only begins a new run with its weights alone.");
}

/// <summary>Weights and whose they are.</summary>
/// <param name="Description">Game, network, settings.</param>
/// <param name="Weights">(P) float, flat.</param>
public sealed record SavedPolicy(PolicyDescription Description, float[] Weights);
