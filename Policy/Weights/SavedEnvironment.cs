using Arena.Kernels.Environments;

namespace Arena.Policy.Weights;

/// <summary>Saves and loads an environment: its columns, its seed and its progress are all there is.</summary>
public static class SavedEnvironment
{
    private const string Prefix = "environment/";

    /// <summary>Copies every state column, the seed and the progress into <paramref name="state"/>.</summary>
    public static void Save(this IEnvironment environment, SavedState state)
    {
        state.Values.Write(Prefix + "seed", environment.Seed);
        state.Values.Write(Prefix + "progress", (double)environment.Progress);
        foreach (StateColumn column in environment.State.All)
        {
            var bytes = new byte[column.Bytes];
            column.ReadAll(bytes);
            state.World.WriteBytes(Prefix + column.Name, column.ElementType, bytes, environment.NumEnvs, column.Slots);
        }
    }

    /// <summary>Restores what <see cref="Save"/> kept; observations are not rewritten, they belong to whoever holds the buffers.</summary>
    /// <exception cref="Arena.Kernels.UsageException">another game, other columns, or another number of matches.</exception>
    public static void Load(this IEnvironment environment, SavedState state)
    {
        environment.Seed = state.Values.ReadULong(Prefix + "seed");
        environment.Progress = (float)state.Values.ReadDouble(Prefix + "progress");
        foreach (StateColumn column in environment.State.All)
            column.WriteAll(state.World.ReadBytes(Prefix + column.Name, column.ElementType, column.Bytes));
    }
}
