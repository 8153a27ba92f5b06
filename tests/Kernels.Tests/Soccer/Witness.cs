using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>What one agent should see, fact by fact, in double precision and under the names of the rule book's table.</summary>
internal sealed class Witness
{
    private readonly Pitch pitch;
    private readonly int env;
    private readonly int agent;
    private readonly double sign;
    private readonly double halfLength;
    private readonly double[] self;
    private readonly double[] ball;

    internal Witness(Pitch pitch, int env, int agent)
    {
        (this.pitch, this.env, this.agent) = (pitch, env, agent);
        int k = pitch.TeamSize;
        sign = agent < k ? 1 : -1;
        halfLength = pitch.Options.Physics.HalfLengthFor(k);
        int own = agent < k ? 0 : k;
        Others = [.. Enumerable.Range(own, k).Where(mate => mate != agent), .. Enumerable.Range(k - own, k)];
        self = Turned(pitch.Player(env, agent));
        ball = Turned(pitch.Ball(env));
    }

    /// <summary>The other agents in the order of the row.</summary>
    internal int[] Others { get; }

    /// <summary>The values of a fact; <paramref name="j"/> counts the other players.</summary>
    internal double[] Says(string meaning, int j)
    {
        SoccerPhysics physics = pitch.Options.Physics;
        double halfWidth = physics.HalfWidthFor(pitch.TeamSize), dx = ball[0] - self[0], dy = ball[1] - self[1], soft = Length(dx, dy) + 1.5;
        double[] other = Turned(pitch.Player(env, Others[j]));
        bool mate = Others[j] < pitch.TeamSize == agent < pitch.TeamSize;
        int lead = pitch.State.Score[env, 0] - pitch.State.Score[env, 1];
        return meaning switch
        {
            "own position" => [self[0] / halfLength, self[1] / halfWidth],
            "own velocity" => [self[2] / physics.PlayerMaxSpeed, self[3] / physics.PlayerMaxSpeed],
            "ball offset d (ball − own) as d / (|d| + 1.5 m)" => [dx / soft, dy / soft],
            "ball velocity" => [ball[2] / physics.BallMaxSpeed, ball[3] / physics.BallMaxSpeed],
            "opponents' goal centre − own position" => [(halfLength - self[0]) / (2 * halfLength), -self[1] / (2 * halfLength)],
            "own goal centre − own position" => [(-halfLength - self[0]) / (2 * halfLength), -self[1] / (2 * halfLength)],
            "own − other score" => [Math.Clamp(sign * lead / 5, -1, 1)],
            "share of time left, 1 − tick / MaxTicks" => [1 - pitch.State.Tick[env, 0] / (double)pitch.Options.MaxTicks],
            "relative position of player j (player − own)" => [(other[0] - self[0]) / (2 * halfLength), (other[1] - self[1]) / (2 * halfLength)],
            "relative velocity" => [(other[2] - self[2]) / (2 * physics.PlayerMaxSpeed), (other[3] - self[3]) / (2 * physics.PlayerMaxSpeed)],
            "distance" => [Length(other[0] - self[0], other[1] - self[1]) / (2 * halfLength)],
            "is a teammate" => [mate ? 1 : 0],
            "is the one of its side nearest to the ball (tie: lowest index)" => [IsNearest(Others[j]) ? 1 : 0],
            _ => throw new Xunit.Sdk.XunitException($"The rule book's table says '{meaning}', which this test does not know."),
        };
    }

    // By float squares, as the rule compares, so that near ties fall alike.
    private bool IsNearest(int player)
    {
        int first = player < pitch.TeamSize ? 0 : pitch.TeamSize;
        SoccerBody at = pitch.Ball(env);
        float[] squares = [.. Enumerable.Range(first, pitch.TeamSize).Select(mate =>
        {
            SoccerBody body = pitch.Player(env, mate);
            return (body.X - at.X) * (body.X - at.X) + (body.Y - at.Y) * (body.Y - at.Y);
        })];
        return Array.IndexOf(squares, squares.Min()) == player - first;
    }

    private double[] Turned(SoccerBody body) => [sign * body.X, sign * body.Y, sign * body.VelocityX, sign * body.VelocityY];

    private static double Length(double x, double y) => Math.Sqrt(x * x + y * y);
}
