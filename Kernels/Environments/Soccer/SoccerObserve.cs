using Arena.Kernels.Common;
using Arena.Kernels.Device;

namespace Arena.Kernels.Environments.Soccer;

/// <summary>State to observation rows. One index per agent row; reads the state after <see cref="SoccerStep"/>.</summary>
public partial struct SoccerObserve : IRangeKernel
{
    /// <summary>Arguments.</summary>
    public SoccerArguments Arguments;

    /// <inheritdoc/>
    public void Run(int row)
    {
        int agents = 2 * Arguments.Parameters.TeamSize;
        int env = row / agents;
        Arguments.Variants.Take(env, ref Arguments.Parameters);
        Write(env, row - env * agents, Arguments, Arguments.Views.Observations);
    }

    /// <summary>Writes the row of <paramref name="agent"/> in match <paramref name="env"/> into <paramref name="destination"/>, (N, O).</summary>
    public static void Write(int env, int agent, in SoccerArguments a, View<float> destination)
    {
        long start = ((long)env * 2 * a.Parameters.TeamSize + agent) * a.Parameters.ObservationLength;
        View<float> row = destination.Slice(start, a.Parameters.ObservationLength);
        bool entities = a.Parameters.Entities != 0;
        WriteSelf(env, agent, a, row, entities);
        int teamSize = a.Parameters.TeamSize;
        int ownFirst = agent < teamSize ? 0 : teamSize, otherFirst = teamSize - ownFirst;
        int at = entities ? SoccerEntities.Others * SoccerEntities.RecordLength : SoccerFlat.Others;
        at = WriteTeam(env, agent, ownFirst, 1f, a, row, at, entities);
        WriteTeam(env, agent, otherFirst, 0f, a, row, at, entities);
    }

    // Own body, ball, goals, score and clock, in the team frame.
    private static void WriteSelf(int env, int agent, in SoccerArguments a, View<float> row, bool entities)
    {
        MatchSlots<float> player = a.State.Player.Of(env);
        MatchSlots<float> ball = a.State.Ball.Of(env);
        ref readonly SoccerParameters p = ref a.Parameters;
        bool sideA = agent < p.TeamSize;
        float sign = sideA ? 1f : -1f;
        int body = agent * SoccerConstants.BodyFloats;
        float x = player[body] * sign, y = player[body + 1] * sign;
        float ballX = ball[0] * sign - x, ballY = ball[1] * sign - y;
        float ballScale = 1f / (Scalar.Sqrt(ballX * ballX + ballY * ballY) + SoccerConstants.BallOffsetSoftening);
        int lead = a.State.Score[env, 0] - a.State.Score[env, 1];

        int self = entities ? SoccerEntities.Self * SoccerEntities.RecordLength : SoccerFlat.Position;
        int ballAt = entities ? SoccerEntities.Ball * SoccerEntities.RecordLength : SoccerFlat.BallOffset;
        int goals = entities ? SoccerEntities.Goals * SoccerEntities.RecordLength : SoccerFlat.OpponentGoal;
        int score = entities ? self + 4 : SoccerFlat.Score;
        row[self] = x * p.PositionScaleX;
        row[self + 1] = y * p.PositionScaleY;
        row[self + 2] = player[body + 2] * sign * p.VelocityScale;
        row[self + 3] = player[body + 3] * sign * p.VelocityScale;
        row[ballAt] = ballX * ballScale;
        row[ballAt + 1] = ballY * ballScale;
        row[ballAt + 2] = ball[2] * sign * p.BallVelocityScale;
        row[ballAt + 3] = ball[3] * sign * p.BallVelocityScale;
        row[goals] = (p.HalfLength - x) * p.OffsetScale;
        row[goals + 1] = -y * p.OffsetScale;
        row[goals + 2] = (-p.HalfLength - x) * p.OffsetScale;
        row[goals + 3] = -y * p.OffsetScale;
        row[score] = Scalar.Clamp((sideA ? (float)lead : (float)-lead) * p.ScoreScale, -1f, 1f);
        row[score + 1] = Scalar.Max(1f - a.State.Tick[env, 0] * p.ClockScale, 0f);
        if (entities) Pad(row, self + 6, ballAt + 4, goals + 4);
    }

    // Zeros between the facts of a record and its last element, which is 1: the entity is there.
    private static void Pad(View<float> row, int self, int ball, int goals)
    {
        row[self] = 0f;
        row[self + 1] = 1f;
        for (int i = 0; i < 3; i++)
        {
            row[ball + i] = 0f;
            row[goals + i] = 0f;
        }

        row[ball + 3] = 1f;
        row[goals + 3] = 1f;
    }

    private static int WriteTeam(int env, int agent, int first, float isTeammate, in SoccerArguments a, View<float> row, int at, bool entities)
    {
        MatchSlots<float> player = a.State.Player.Of(env);
        ref readonly SoccerParameters p = ref a.Parameters;
        float sign = agent < p.TeamSize ? 1f : -1f;
        float offsetScale = sign * p.OffsetScale, velocityScale = sign * p.RelativeVelocityScale;
        int body = agent * SoccerConstants.BodyFloats;
        float x = player[body], y = player[body + 1], velocityX = player[body + 2], velocityY = player[body + 3];
        int nearest = first + a.State.Nearest[env, first == 0 ? 0 : 1];
        for (int other = first; other < first + p.TeamSize; other++)
        {
            if (other == agent) continue;
            int otherBody = other * SoccerConstants.BodyFloats;
            float offsetX = (player[otherBody] - x) * offsetScale;
            float offsetY = (player[otherBody + 1] - y) * offsetScale;
            row[at] = offsetX;
            row[at + 1] = offsetY;
            row[at + 2] = (player[otherBody + 2] - velocityX) * velocityScale;
            row[at + 3] = (player[otherBody + 3] - velocityY) * velocityScale;
            row[at + 4] = Scalar.Sqrt(offsetX * offsetX + offsetY * offsetY);
            row[at + 5] = isTeammate;
            row[at + 6] = other == nearest ? 1f : 0f;
            at += SoccerFlat.OtherLength;
            if (entities) row[at++] = 1f;
        }

        return at;
    }
}
