namespace Arena.Kernels;

/// <summary>Finds the name a user probably meant.</summary>
public static class Nearest
{
    /// <summary>" Did you mean 'x'?" for the closest candidate, or nothing when none is close.</summary>
    public static string Hint(string given, IEnumerable<string> candidates)
    {
        string? best = null;
        int bestDistance = Math.Max(2, given.Length / 2) + 1;
        foreach (string candidate in candidates)
        {
            int distance = EditDistance(given.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance >= bestDistance) continue;
            bestDistance = distance;
            best = candidate;
        }

        return best is null ? "" : $" Did you mean '{best}'?";
    }

    /// <summary>Levenshtein distance: insertions, deletions and replacements that turn one text into the other.</summary>
    public static int EditDistance(string from, string to)
    {
        var row = new int[to.Length + 1];
        for (int j = 0; j <= to.Length; j++) row[j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
