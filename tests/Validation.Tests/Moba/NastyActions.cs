namespace Arena.Validation.Tests.Moba;

/// <summary>Actions of ten heroes that ordinary play hardly makes.</summary>
internal static class NastyActions
{
    /// <summary>(10 · 6) heads; the mood decides what kind.</summary>
    public static int[] Of(Random random, int mood)
    {
        var actions = new List<int>();
        int down = random.Next(7), right = random.Next(7);
        for (int row = 0; row < 10; row++)
        {
            // Own views are turned: to one place means opposite ways.
            int along = row < 5 ? down : 6 - down, across = row < 5 ? right : 6 - right;
            int[] heads = (mood % 6) switch
            {
                0 => [along, across, 1, 1, 1, 1],
                1 => [random.Next(7), random.Next(7), 1 + random.Next(2), random.Next(2), random.Next(2), random.Next(2)],
                2 => [3 + (3 * (random.Next(3) - 1)), 3 + (3 * (random.Next(3) - 1)), 2, 0, 0, 1],
                3 => [along, across, 0, 0, 0, 0],
                4 => [along, across, 2, random.Next(2), 1 - random.Next(2), 0],
                _ => [random.Next(-1, 8), random.Next(7), random.Next(3), random.Next(3), random.Next(2), random.Next(40) == 0 ? int.MinValue : 1],
            };
            actions.AddRange(heads);
        }

        return [.. actions];
    }
}
