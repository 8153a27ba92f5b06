using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>
/// Watches one tick for places where rounding may decide: thresholds that are met within a hair, and contacts that
/// amplify rounding beyond what a comparison allows.
/// </summary>
/// <remarks>
/// The kernels compute in 32-bit floats. From an exact start, a coordinate x carries an error of about half a unit in the
/// last place of x after one operation. A contact at distance d turns a position error δ into an error δ/d of its
/// normal. The doubts below follow those errors through the tick; they are bounds of the usual, not of the worst case.
/// </remarks>
internal sealed class Margins
{
    /// <summary>Likely error, in units of a quantity's range, that the comparisons' usual tolerance of 1e-5 covers with room to spare.</summary>
    private const double UsualError = 0.4e-5;

    /// <summary>Amplification from which a comparison would say nothing any more.</summary>
    private const double LargestAmplification = 10;

    /// <summary>Bodies closer than this have no reliable line of centres; m.</summary>
    private const double TooClose = 0.01;

    private readonly Pitch pitch;
    private readonly double[] playerPosition;
    private readonly double[] playerVelocity;

    public Margins(Pitch pitch, int? reading = null)
    {
        this.pitch = pitch;
        Reading = reading;
        playerPosition = new double[pitch.Agents];
        playerVelocity = new double[pitch.Agents];
        Hair = 8 * UnitInLastPlace(Math.Max(pitch.HalfLength, pitch.HalfWidth) + 1);
        SpeedHair = 16 * UnitInLastPlace(Math.Max(pitch.Physics.BallMaxSpeed, pitch.Physics.PlayerMaxSpeed));
    }

    /// <summary>The first reason found, or null.</summary>
    public string? Reason { get; private set; }

    /// <summary>How much wider than usual the tolerances of this tick must be, 1..10.</summary>
    public double Amplification { get; private set; } = 1;

    /// <summary>Which reading of a near tie to follow; null = as computed.</summary>
    public int? Reading { get; }

    /// <summary>How many readings the tick has; 0 = no near tie.</summary>
    public int Readings { get; set; }

    /// <summary>Distances this close to a threshold may fall on either side: several roundings of the largest coordinate; m.</summary>
    public double Hair { get; }

    /// <summary>Lengths below this change nothing when a float adds them to HalfLength; m.</summary>
    public double Vanishing => UnitInLastPlace(pitch.HalfLength) / 4;

    /// <summary>Velocities this close to a threshold may fall on either side; m/s.</summary>
    public double SpeedHair { get; }

    /// <summary>Likely error of the ball's position; m.</summary>
    public double BallPosition { get; private set; }

    /// <summary>Likely error of the ball's velocity; m/s.</summary>
    public double BallVelocity { get; private set; }

    /// <summary>Counts this tick apart.</summary>
    public void Flag(string reason) => Reason ??= reason;

    /// <summary>Flags a quantity whose distance from a threshold is less than <paramref name="margin"/>.</summary>
    public void Threshold(double gap, double margin, string reason)
    {
        if (Math.Abs(gap) < margin) Flag(reason);
    }

    /// <summary>Flags bodies too close to have a line of centres; exactly equal places are equal in floats too.</summary>
    public void Separation(double distance, string reason)
    {
        if (distance > 0 && distance < TooClose) Flag(reason);
    }

    /// <summary>Error margin of a distance to <paramref name="agent"/>; m.</summary>
    public double Near(int agent) => Hair / 4 + 8 * (playerPosition[agent] + BallPosition);

    /// <summary>Error margin of the distance of two players; m.</summary>
    public double Near(int one, int other) => Hair / 8 + 8 * OffsetError(one, other);

    /// <summary>Likely error of an offset between two players; m.</summary>
    public double OffsetError(int one, int other) => Both(playerPosition[one], playerPosition[other]);

    /// <summary>A player has moved: his position is rounded once, his velocity twice.</summary>
    public void Moved(int agent, Body player)
    {
        playerVelocity[agent] = 2 * Rounding(player.Velocity);
        playerPosition[agent] = Rounding(player.Position) + playerVelocity[agent] * pitch.TimeStep;
    }

    /// <summary>Errors (m, m/s) that the contacts of a player add to his own.</summary>
    public void Contact(int agent, double positionError, double velocityError)
    {
        playerPosition[agent] += positionError;
        playerVelocity[agent] += velocityError;
        Amplify(velocityError / pitch.Physics.PlayerMaxSpeed, "players collide so close together that rounding turns their line of centres");
    }

    /// <summary>The ball's velocity was computed anew (drag or kick).</summary>
    public void BallVelocitySet(Vector velocity) => BallVelocity = 3 * Rounding(velocity);

    /// <summary>The ball moved freely.</summary>
    public void BallMoved(Vector position, double time) => BallPosition = Both(BallPosition, Both(BallVelocity * time, Rounding(position)));

    /// <summary>
    /// The ball met a player whose centre is <paramref name="distance"/> away, at an angle of incidence of cosine
    /// <paramref name="cosine"/>, after a straight way of <paramref name="travelled"/> m.
    /// </summary>
    public void BallContact(int agent, double distance, double cosine, double relativeSpeed, double travelled)
    {
        // The moment of contact comes from √(b² − |v|²c), where both terms grow with the square of the way and their
        // difference does not: in metres, way²·2⁻²⁴ / (radius·cosine).
        double way = travelled + distance;
        BallPosition = Both(BallPosition, way * way / (1 << 24) / distance);
        // A ball reaching the disc's edge obliquely: an error across its way grows by 1/cosine along the edge.
        BallPosition /= Math.Max(cosine, 1e-6);
        double turn = Both(BallPosition, playerPosition[agent]) / distance;
        double bounce = 1 + pitch.Physics.BallRestitution;
        BallVelocity = bounce * Both(relativeSpeed * turn, Both(BallVelocity, playerVelocity[agent]));
        Amplify(BallVelocity / pitch.Physics.BallMaxSpeed, "the ball bounces off a player so obliquely, closely or fast that rounding turns it");
    }

    /// <summary>Players at these distances pushed the ball out: a push is off along its line as the offset is, across it by depth/distance of that.</summary>
    public void BallPushed(IEnumerable<(int Agent, double Distance)> pushes)
    {
        double before = BallPosition;
        foreach ((int agent, double distance) in pushes)
        {
            // Concentric: the direction is fixed.
            double across = distance < SoccerConstants.MinSeparation ? 0 : (pitch.BallContact - distance) / distance;
            BallPosition = Both(BallPosition, Both(before, playerPosition[agent]) * Math.Max(1, across));
        }
    }

    /// <summary>At the end of the tick: an agent sees the ball as d/(|d| + softening), steepest near the ball.</summary>
    public void BallSeen() =>
        Amplify(BallPosition / SoccerConstants.BallOffsetSoftening, "rounding of the ball's place is amplified beyond what agents may see");

    private void Amplify(double error, string reason)
    {
        Amplification = Math.Max(Amplification, error / UsualError);
        if (Amplification <= LargestAmplification) return;
        Amplification = LargestAmplification;
        Flag(reason);
    }

    /// <summary>Half a float's unit in the last place, of both coordinates.</summary>
    private static double Rounding(Vector v) =>
        0.5 * Math.Sqrt(UnitInLastPlace(v.X) * UnitInLastPlace(v.X) + UnitInLastPlace(v.Y) * UnitInLastPlace(v.Y));

    /// <summary>Two independent errors together.</summary>
    private static double Both(double one, double other) => Math.Sqrt(one * one + other * other);

    private static double UnitInLastPlace(double value)
    {
        float magnitude = Math.Max(Math.Abs((float)value), 1e-3f);
        return (double)MathF.BitIncrement(magnitude) - magnitude;
    }
}
