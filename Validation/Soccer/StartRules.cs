using System.Collections.Immutable;
using Arena.Kernels.Common;
using Arena.Kernels.Environments.Soccer;
using Arena.Kernels.Random;

namespace Arena.Validation.Soccer;

/// <summary>Step 7's kick-off, and the start of an episode.</summary>
internal static class StartRules
{
    /// <summary>The state in which <paramref name="episode"/> begins.</summary>
    public static GameState Episode(Pitch pitch, ulong seed, int match, int episode, Margins margins)
    {
        SoccerOptions options = pitch.Options;
        Vector Symmetric(uint slot, uint purpose)
        {
            UInt4 draw = Philox.Draw(seed, (uint)match, (uint)episode, 0, slot, purpose);
            return new Vector(Philox.Symmetric(draw.X), Philox.Symmetric(draw.Y));
        }

        Vector[] places = [.. Enumerable.Range(0, pitch.Agents).Select(agent =>
        {
            int index = agent % pitch.TeamSize;
            uint slot = (uint)(options.Jitter == SoccerJitter.Mirrored ? index : agent);
            Vector jittered = Formation(pitch, index) + Symmetric(slot, SoccerPurpose.Jitter) * SoccerConstants.Jitter;
            return Pitch.Turn(jittered, pitch.SideOf(agent));
        })];
        Vector ball = Vector.Zero;

        float choice = Philox.Uniform(Philox.Draw(seed, (uint)match, (uint)episode, 0, SoccerPurpose.ChoiceSlot, SoccerPurpose.RandomStart).X);
        if (choice < options.RandomStart)
        {
            Vector Blend(Vector start, uint slot)
            {
                Vector share = Symmetric(slot, SoccerPurpose.RandomStart);
                var uniform = new Vector(pitch.HalfLength * share.X, pitch.HalfWidth * share.Y);
                return start + (uniform - start) * options.Difficulty;
            }

            places = [.. places.Select((place, agent) => Blend(place, (uint)agent))];
            ball = Blend(ball, SoccerPurpose.BallSlot);
        }

        return Standing(pitch, places, ball, margins) with { Episode = episode };
    }

    /// <summary>The kick-off after a goal: formation, everybody at rest, the ball near the centre; score, clock and statistics go on.</summary>
    /// <param name="pitch">Sizes.</param>
    /// <param name="seed">Key.</param>
    /// <param name="match">Global number.</param>
    /// <param name="played">The match with the goal counted and the clock advanced.</param>
    /// <param name="tickAtStart">Tick before this one.</param>
    /// <param name="conceding">The side that draws, and kicks off in its frame.</param>
    /// <param name="margins">Notes near decisions.</param>
    public static GameState KickOff(Pitch pitch, ulong seed, int match, GameState played, int tickAtStart, int conceding, Margins margins)
    {
        UInt4 draw = Philox.Draw(seed, (uint)match, (uint)played.Episode, (uint)tickAtStart, 0, SoccerPurpose.KickOff);
        Vector offset = new Vector(Philox.Symmetric(draw.X), Philox.Symmetric(draw.Y)) * SoccerConstants.Jitter;
        Vector[] places = [.. Enumerable.Range(0, pitch.Agents).Select(agent => Pitch.Turn(Formation(pitch, agent % pitch.TeamSize), pitch.SideOf(agent)))];
        GameState standing = Standing(pitch, places, Pitch.Turn(offset, conceding), margins);
        return played with
        {
            Players = standing.Players,
            Ball = standing.Ball,
            BallHistory = standing.BallHistory,
            Nearest = standing.Nearest,
            Touch = standing.Touch,
        };
    }

    /// <summary>The player of each side nearest to the ball; in a tie the lowest index.</summary>
    public static ImmutableArray<int> Nearest(Pitch pitch, ImmutableArray<Body> players, Vector ball, Margins margins) =>
        [.. Enumerable.Range(0, 2).Select(side =>
        {
            Vector Offset(int index) => players[side * pitch.TeamSize + index].Position - ball;
            int nearest = Enumerable.Range(0, pitch.TeamSize).MinBy(index => Offset(index).LengthSquared);
            // Exact ties have exact causes (symmetry) and are ties in floats too.
            for (int other = 0; other < pitch.TeamSize; other++)
            {
                if (Offset(other).LengthSquared == Offset(nearest).LengthSquared) continue;
                double margin = margins.Near(side * pitch.TeamSize + other);
                margins.Threshold(Offset(other).Length - Offset(nearest).Length, margin, "two players of a side equally near the ball");
            }

            return nearest;
        })];

    private static Vector Formation(Pitch pitch, int index)
    {
        Float2 share = SoccerFormation.Place(pitch.TeamSize, index);
        return new Vector(share.X * pitch.HalfLength, share.Y * pitch.HalfWidth);
    }

    // Everybody at rest, 0:0, nothing touched.
    private static GameState Standing(Pitch pitch, IReadOnlyList<Vector> places, Vector ballPlace, Margins margins)
    {
        ImmutableArray<Body> players = [.. places.Select(place => new Body(place, Vector.Zero))];
        var ball = new Body(ballPlace, Vector.Zero);
        return new GameState
        {
            Players = players,
            Ball = ball,
            BallHistory = [.. Enumerable.Repeat(ball, SoccerConstants.HistoryLength)],
            Score = [0, 0],
            Nearest = Nearest(pitch, players, ballPlace, margins),
            Touch = LastTouch.Nobody,
            Tick = 0,
            Episode = 0,
            Statistics = [.. new double[SoccerStatistic.Count]],
        };
    }
}
