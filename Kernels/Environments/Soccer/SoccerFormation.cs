using Arena.Kernels.Common;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Pitch sizes and starting places, shared by kernels, reference and drawings.</summary>
public static class SoccerFormation
{
    /// <summary>Half length and half width of the pitch, m: fixed for 1, 2, 3, 5 and 11 players, linear between.</summary>
    public static (float HalfLength, float HalfWidth) Pitch(int teamSize) => teamSize switch
    {
        1 => (8f, 5f),
        2 => (10f, 6.5f),
        <= 5 => (12f + 2f * (teamSize - 3), 8f + (teamSize - 3)),
        _ => (16f + 14f * (teamSize - 5) / 6f, 10f + 10f * (teamSize - 5) / 6f),
    };

    /// <summary>
    /// Starting place of player <paramref name="index"/> (0 = goalkeeper) in a team of <paramref name="teamSize"/>, in the
    /// team frame, as shares of half length and half width. Everybody is in his own half.
    /// </summary>
    /// <remarks>Own choice: lines from back to front, as real teams of that size stand (1-2-1 for five, 4-3-3 for eleven).</remarks>
    public static Float2 Place(int teamSize, int index)
    {
        // Digits of a lines code from back to front: 433 means four defenders, three midfielders, three forwards.
        int lines = Lines(teamSize);
        if (index == 0) return new Float2(teamSize == 1 ? -0.4f : -0.85f, 0f);
        int lineCount = lines >= 100 ? 3 : lines >= 10 ? 2 : 1;
        int place = index - 1;
        for (int line = 0; line < lineCount; line++)
        {
            int players = LineSize(lines, lineCount, line);
            if (place < players) return new Float2(LineX(lineCount, line), (2 * place + 1 - players) * 0.6f / Scalar.Max(players - 1, 1));
            place -= players;
        }

        return new Float2(-0.5f, 0f);
    }

    private static int Lines(int teamSize) => teamSize switch
    {
        1 => 0,
        2 => 1,
        3 => 2,
        4 => 21,
        5 => 121,
        6 => 221,
        7 => 231,
        8 => 322,
        9 => 332,
        10 => 432,
        _ => 433,
    };

    private static int LineSize(int lines, int lineCount, int line)
    {
        for (int skip = lineCount - 1 - line; skip > 0; skip--) lines /= 10;
        return lines % 10;
    }

    // Back, middle and front line, as shares of the half length.
    private static float LineX(int lineCount, int line) =>
        lineCount == 1 ? -0.3f : lineCount == 2 ? (line == 0 ? -0.5f : -0.2f) : line == 0 ? -0.6f : line == 1 ? -0.4f : -0.15f;
}
