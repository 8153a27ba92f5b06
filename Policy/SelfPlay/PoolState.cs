using System.Text.Json;
using Arena.Kernels;

namespace Arena.Policy.SelfPlay;

/// <summary>The bookkeeping of an <see cref="OpponentPool"/> as JSON; the weights go apart, since they are large and binary.</summary>
/// <remarks>
/// Numbers are written so that they read back exactly, bit for bit, so a restored pool makes the same choices. To save: <see cref="Write"/>, and
/// every entry's <see cref="PoolEntry.Weights"/> under its <see cref="PoolEntry.Id"/>. To load: <see cref="Read"/> with both.
/// </remarks>
public static class PoolState
{
    private const int Format = 1;

    /// <summary>Writes one object.</summary>
    /// <param name="pool">What to save.</param>
    /// <param name="writer">Where a value may be written.</param>
    public static void Write(OpponentPool pool, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("format", Format);
        writer.WriteNumber("parameters", pool.Parameters);
        writer.WriteNumber("nextId", pool.NextId);
        writer.WriteNumber("admittedUpdate", pool.AdmittedUpdate);
        writer.WriteNumber("admittedAgentSteps", pool.AdmittedAgentSteps);
        if (pool.DrawnUpdate is { } drawn) writer.WriteNumber("drawnUpdate", drawn);
        else writer.WriteNull("drawnUpdate");
        writer.WriteStartArray("entries");
        foreach (PoolEntry entry in pool.Entries) WriteEntry(entry, writer);
        writer.WriteEndArray();
        writer.WriteStartArray("drawn");
        for (int i = 0; i < pool.Slots.WantedCount; i++)
        {
            (PoolEntry entry, double weight) = pool.Slots.Wanted(i);
            WriteWeighted(entry, weight, retiring: false, writer);
        }

        writer.WriteEndArray();
        writer.WriteStartArray("slots");
        for (int slot = 0; slot < pool.Slots.Count; slot++)
        {
            PoolSlot held = pool.Slots[slot];
            if (held.Entry is { } entry) WriteWeighted(entry, held.Weight, held.Retiring, writer);
            else writer.WriteNullValue();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Makes the pool that was saved; every hash is checked.</summary>
    /// <param name="config">Sizes and rules; as many slots as when it was saved.</param>
    /// <param name="parameters">P.</param>
    /// <param name="state">What <see cref="Write"/> wrote.</param>
    /// <param name="weights">(P) float of the entry with this id; copied.</param>
    /// <exception cref="UsageException">another format or size, something missing, or weights that are not those that were frozen: says which.</exception>
    public static OpponentPool Read(OpponentPoolConfig config, int parameters, JsonElement state, Func<int, float[]> weights)
    {
        try
        {
            if (state.GetProperty("format").GetInt32() != Format) throw Damaged($"its format is {state.GetProperty("format")}, this program reads {Format}");
            if (state.GetProperty("parameters").GetInt32() != parameters)
                throw Damaged($"its policies have {state.GetProperty("parameters")} weights, those of this run have {parameters}");
            var pool = new OpponentPool(config, parameters);
            foreach (JsonElement entry in state.GetProperty("entries").EnumerateArray()) pool.Restore(ReadEntry(entry, parameters, weights));
            if (pool.Entries.Count > config.MaxEntries) throw Damaged($"it has {pool.Entries.Count} policies, maxEntries is {config.MaxEntries}");
            foreach (JsonElement drawn in state.GetProperty("drawn").EnumerateArray())
                pool.Slots.Want(pool.Find(drawn.GetProperty("id").GetInt32()), drawn.GetProperty("weight").GetDouble());
            ReadSlots(pool, state.GetProperty("slots"));
            JsonElement last = state.GetProperty("drawnUpdate");
            pool.Restore(state.GetProperty("nextId").GetInt32(), state.GetProperty("admittedUpdate").GetInt64(), state.GetProperty("admittedAgentSteps").GetInt64(),
                last.ValueKind == JsonValueKind.Null ? null : last.GetInt64());
            return pool;
        }
        catch (Exception damage) when (damage is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Damaged(damage.Message.TrimEnd('.'));
        }
    }

    private static void WriteEntry(PoolEntry entry, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", entry.Id);
        writer.WriteNumber("update", entry.Update);
        writer.WriteNumber("agentSteps", entry.AgentSteps);
        writer.WriteString("sha256", entry.Hash);
        if (double.IsNaN(entry.Rating)) writer.WriteNull("rating");
        else writer.WriteNumber("rating", entry.Rating);
        writer.WriteNumber("flags", (int)entry.Flags);
        writer.WriteNumber("score", entry.Score);
        writer.WriteNumber("games", entry.Games);
        writer.WriteEndObject();
    }

    private static void WriteWeighted(PoolEntry entry, double weight, bool retiring, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", entry.Id);
        writer.WriteNumber("weight", weight);
        writer.WriteBoolean("retiring", retiring);
        writer.WriteEndObject();
    }

    private static PoolEntry ReadEntry(JsonElement entry, int parameters, Func<int, float[]> weights)
    {
        int id = entry.GetProperty("id").GetInt32();
        string hash = entry.GetProperty("sha256").GetString()!;
        float[] stored = [.. weights(id)];
        if (stored.Length != parameters) throw Damaged($"policy {id} has {stored.Length} weights, those of this run have {parameters}");
        if (PoolEntry.HashOf(stored) != hash) throw Damaged($"the weights of policy {id} are not those that were frozen: their hash differs from {hash}");
        JsonElement rating = entry.GetProperty("rating");
        return new PoolEntry(id, entry.GetProperty("update").GetInt64(), entry.GetProperty("agentSteps").GetInt64(), stored, hash)
        {
            Rating = rating.ValueKind == JsonValueKind.Null ? double.NaN : rating.GetDouble(),
            Flags = (PoolFlags)entry.GetProperty("flags").GetInt32(),
            Score = entry.GetProperty("score").GetDouble(),
            Games = entry.GetProperty("games").GetInt64(),
        };
    }

    private static void ReadSlots(OpponentPool pool, JsonElement slots)
    {
        if (slots.GetArrayLength() != pool.Slots.Count) throw Damaged($"it has {slots.GetArrayLength()} slots, this run has {pool.Slots.Count}");
        int at = 0;
        foreach (JsonElement slot in slots.EnumerateArray())
        {
            if (slot.ValueKind != JsonValueKind.Null)
                pool.Slots[at] = new PoolSlot(pool.Find(slot.GetProperty("id").GetInt32()), slot.GetProperty("retiring").GetBoolean(), slot.GetProperty("weight").GetDouble());
            at++;
        }
    }

    private static UsageException Damaged(string problem) =>
        new($"The saved opponent pool cannot be used: {problem}. Load another checkpoint, or start without the pool.");
}
