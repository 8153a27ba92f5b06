using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>Starts episode 0 of every match and clears all results. One index per match.</summary>
public struct SoccerReset : IKernel
{
    /// <summary>Arguments.</summary>
    public SoccerArguments Arguments;

    /// <inheritdoc/>
    public void Run(int env)
    {
        ref StepViews views = ref Arguments.Views;
        BeginEpisode(env, 0, Arguments);
        FindNearest(env, Arguments);
        views.EpisodesFinished[env] = 0;
        int agents = 2 * Arguments.Parameters.TeamSize;
        for (int row = env * agents; row < (env + 1) * agents; row++) views.ClearRow(row, SoccerReward.Count);
    }

    /// <summary>
    /// Puts match <paramref name="env"/> at the start of <paramref name="episode"/>, by the variant that was chosen for it; the nearest
    /// players are found later.
    /// </summary>
    public static void BeginEpisode(int env, int episode, in SoccerArguments a)
    {
        if (a.Variants.Used == 0)
        {
            Begin(env, episode, a);
            return;
        }

        SoccerArguments own = a;
        a.Variants.Begin(env, ref own.Parameters);
        Begin(env, episode, own);
    }

    /// <summary>All players at their places, at rest.</summary>
    public static void Formation(int env, in SoccerArguments a)
    {
        MatchSlots<float> player = a.State.Player.Of(env);
        int teamSize = a.Parameters.TeamSize;
        for (int index = 0; index < teamSize; index++)
        {
            Float2 place = SoccerFormation.Place(teamSize, index);
            float x = place.X * a.Parameters.HalfLength, y = place.Y * a.Parameters.HalfWidth;
            Put(player, index, x, y);
            Put(player, teamSize + index, -x, -y);
        }
    }

    /// <summary>The ball at rest; nobody has touched it, and it was never anywhere else.</summary>
    public static void PlaceBall(int env, in SoccerArguments a, float x, float y)
    {
        Put(a.State.Ball.Of(env), 0, x, y);
        for (int entry = 0; entry < SoccerConstants.HistoryLength; entry++) Put(a.State.BallHistory.Of(env), entry, x, y);
        a.State.Touch[env, 0] = SoccerConstants.Nobody;
        a.State.Touch[env, 1] = 0;
        a.State.Touch[env, 2] = 0;
        a.State.TouchPlace[env, 0] = 0f;
        a.State.TouchPlace[env, 1] = 0f;
        a.State.TouchPlace[env, 2] = 0f;
    }

    /// <summary>The player of each side that is nearest to the ball; ties to the lowest index.</summary>
    public static void FindNearest(int env, in SoccerArguments a)
    {
        MatchSlots<float> player = a.State.Player.Of(env);
        float ballX = a.State.Ball[env, 0], ballY = a.State.Ball[env, 1];
        int teamSize = a.Parameters.TeamSize;
        for (int side = 0; side < 2; side++)
        {
            int nearest = 0;
            float nearestSquared = float.MaxValue;
            for (int index = 0; index < teamSize; index++)
            {
                int at = (side * teamSize + index) * SoccerConstants.BodyFloats;
                float offsetX = player[at] - ballX, offsetY = player[at + 1] - ballY;
                float distanceSquared = offsetX * offsetX + offsetY * offsetY;
                if (distanceSquared >= nearestSquared) continue;
                nearestSquared = distanceSquared;
                nearest = index;
            }

            a.State.Nearest[env, side] = nearest;
        }
    }

    private static void Begin(int env, int episode, in SoccerArguments a)
    {
        a.State.Episode[env, 0] = episode;
        a.State.Tick[env, 0] = 0;
        a.State.Score[env, 0] = 0;
        a.State.Score[env, 1] = 0;
        for (int i = 0; i < SoccerStatistic.Count; i++) a.State.Statistics[env, i] = 0f;
        Formation(env, a);
        uint match = (uint)(a.Parameters.MatchOffset + env);
        AddJitter(env, match, (uint)episode, a);
        Float2 ball = default;
        if (a.Parameters.RandomStart > 0f
            && Philox.Uniform(Philox.Draw(a.Seed, match, (uint)episode, 0, SoccerPurpose.ChoiceSlot, SoccerPurpose.RandomStart).X) < a.Parameters.RandomStart)
        {
            ball = Scatter(env, match, (uint)episode, a);
        }

        PlaceBall(env, a, ball.X, ball.Y);
    }

    private static void Put(MatchSlots<float> bodies, int body, float x, float y)
    {
        int at = body * SoccerConstants.BodyFloats;
        bodies[at] = x;
        bodies[at + 1] = y;
        bodies[at + 2] = 0f;
        bodies[at + 3] = 0f;
    }

    private static void AddJitter(int env, uint match, uint episode, in SoccerArguments a)
    {
        MatchSlots<float> player = a.State.Player.Of(env);
        int teamSize = a.Parameters.TeamSize;
        for (int agent = 0; agent < 2 * teamSize; agent++)
        {
            bool sideA = agent < teamSize;
            int slot = a.Parameters.IndependentJitter != 0 || sideA ? agent : agent - teamSize;
            UInt4 words = Philox.Draw(a.Seed, match, episode, 0, (uint)slot, SoccerPurpose.Jitter);
            float jitter = sideA ? SoccerConstants.Jitter : -SoccerConstants.Jitter;
            player[agent * SoccerConstants.BodyFloats] += jitter * Philox.Symmetric(words.X);
            player[agent * SoccerConstants.BodyFloats + 1] += jitter * Philox.Symmetric(words.Y);
        }
    }

    // Moves everybody from the formation towards a uniform place, by the difficulty; returns the ball's place.
    private static Float2 Scatter(int env, uint match, uint episode, in SoccerArguments a)
    {
        MatchSlots<float> player = a.State.Player.Of(env);
        for (int agent = 0; agent < 2 * a.Parameters.TeamSize; agent++)
        {
            int at = agent * SoccerConstants.BodyFloats;
            Float2 place = Anywhere(match, episode, (uint)agent, a);
            player[at] += a.Parameters.Difficulty * (place.X - player[at]);
            player[at + 1] += a.Parameters.Difficulty * (place.Y - player[at + 1]);
        }

        return Anywhere(match, episode, SoccerPurpose.BallSlot, a) * a.Parameters.Difficulty;
    }

    private static Float2 Anywhere(uint match, uint episode, uint slot, in SoccerArguments a)
    {
        UInt4 words = Philox.Draw(a.Seed, match, episode, 0, slot, SoccerPurpose.RandomStart);
        return new Float2(a.Parameters.HalfLength * Philox.Symmetric(words.X), a.Parameters.HalfWidth * Philox.Symmetric(words.Y));
    }
}
