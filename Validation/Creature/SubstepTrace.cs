namespace Arena.Validation.Creature;

/// <summary>One contact of one substep.</summary>
/// <param name="Body">Index of the body; the number of bodies stands for the ball.</param>
/// <param name="Point">Index of its contact point.</param>
/// <param name="Other">Index of the touched body, or −1 for the ground.</param>
/// <param name="Normal">λ_n of the substep; kg·m. The force is λ_n/h².</param>
/// <param name="Tangential">Size of the friction correction; kg·m.</param>
/// <param name="Bound">μ·λ_n.</param>
public sealed record ContactTrace(int Body, int Point, int Other, double Normal, double Tangential, double Bound);

/// <summary>A contact that is there or not by a hair.</summary>
/// <param name="Body">As in <see cref="ContactTrace"/>.</param>
/// <param name="Other">As in <see cref="ContactTrace"/>.</param>
/// <param name="Fast">It closes fast enough to bounce.</param>
/// <param name="Close">By less than 5 µm; else by less than kernels and reference may be apart in place.</param>
public sealed record Graze(int Body, int Other, bool Fast, bool Close);

/// <summary>What happened in one substep.</summary>
public sealed class SubstepTrace(int joints)
{
    /// <summary>(joints) motor torque; N·m.</summary>
    public double[] Torque { get; } = new double[joints];

    /// <summary>(joints) speed at which child and parent turned against each other when its damping began; rad/s.</summary>
    public double[] RelativeSpin { get; } = new double[joints];

    /// <summary>Contacts with negative gap, in order.</summary>
    public List<ContactTrace> Contacts { get; } = [];

    /// <summary>Contact points that nearly touched or nearly did not.</summary>
    public List<Graze> Grazing { get; } = [];

    /// <summary>Why rounding may have decided something else, or null.</summary>
    public string? Doubt { get; private set; }

    /// <summary>Counts the tick apart.</summary>
    public void Flag(string reason) => Doubt ??= reason;
}
