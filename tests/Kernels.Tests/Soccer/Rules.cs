using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>After which rule of a tick a fault strikes.</summary>
internal enum Stage
{
    Start,
    Motion,
    Contact,
    Kick,
    Ball,
    End,
    Results,
    Continue,
}

/// <summary>Something wrong that happens to one match after a stage of its tick.</summary>
internal delegate void Fault(Stage stage, ref SoccerTick tick, in SoccerArguments arguments);

/// <summary>The thing under test: one tick of all matches. Properties take it as a parameter, so that they can be held against planted bugs.</summary>
internal sealed record Rules(string Name, Action<Pitch> Tick)
{
    /// <summary>The kernel as shipped.</summary>
    internal static Rules Shipped { get; } = new("shipped", pitch => pitch.Device.Launch(new SoccerStep { Arguments = pitch.Arguments }, pitch.Matches));

    public override string ToString() => Name;

    /// <summary>The shipped kernel with other numbers.</summary>
    internal static Rules With(string name, Func<SoccerParameters, SoccerParameters> change) => new(name, pitch =>
    {
        SoccerArguments arguments = pitch.Arguments;
        arguments.Parameters = change(arguments.Parameters);
        pitch.Device.Launch(new SoccerStep { Arguments = arguments }, pitch.Matches);
    });

    /// <summary>The shipped kernel, and something done to its results.</summary>
    internal static Rules Then(string name, Action<Pitch> spoil) => new(name, pitch =>
    {
        Shipped.Tick(pitch);
        spoil(pitch);
    });

    /// <summary>The shipped rules one by one, in the order of <see cref="SoccerStep"/>, with a fault between them.</summary>
    internal static Rules Broken(string name, Fault fault) => new(name, pitch =>
    {
        for (int env = 0; env < pitch.Matches; env++) Run(env, pitch.Arguments, fault);
    });

    private static void Run(int env, SoccerArguments arguments, Fault fault)
    {
        var tick = new SoccerTick { Env = env, LastTouch = arguments.State.Touch[env, 0] };
        fault(Stage.Start, ref tick, arguments);
        SoccerMotion.Run(ref tick, arguments);
        fault(Stage.Motion, ref tick, arguments);
        SoccerContact.Run(ref tick, arguments);
        fault(Stage.Contact, ref tick, arguments);
        SoccerKick.Run(ref tick, arguments);
        fault(Stage.Kick, ref tick, arguments);
        SoccerBall.Run(ref tick, arguments);
        fault(Stage.Ball, ref tick, arguments);
        SoccerEnd.Run(ref tick, arguments);
        fault(Stage.End, ref tick, arguments);
        SoccerResults.Run(ref tick, arguments);
        fault(Stage.Results, ref tick, arguments);
        SoccerEnd.Continue(ref tick, arguments);
        fault(Stage.Continue, ref tick, arguments);
    }
}
