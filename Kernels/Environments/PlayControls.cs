namespace Arena.Kernels.Environments;

/// <summary>What a continuous action component takes from a person's stick.</summary>
public enum StickUse
{
    /// <summary>Nothing: always 0.</summary>
    None,

    /// <summary>Right is positive, −1…1.</summary>
    X,

    /// <summary>Up is positive, −1…1.</summary>
    Y,

    /// <summary>As <see cref="X"/> while the button is held, else 0. A stick at rest counts as full right.</summary>
    XOnButton,

    /// <summary>As <see cref="Y"/> while the button is held, else 0.</summary>
    YOnButton,
}

/// <summary>What a discrete head takes from a person's stick.</summary>
/// <param name="Choices">
/// 9 choices: stick at rest, then right, up-right, up, up-left, left, down-left, down, down-right; −1 = the same choice as in the tick
/// before (at first choice 0).
/// </param>
public sealed record HeadControl(IReadOnlyList<int> Choices)
{
    /// <summary>Counts only while the button is held; otherwise choice <see cref="Choices"/>[0]. A stick at rest then counts as right.</summary>
    public bool OnButton { get; init; }
}

/// <summary>How a person plays an action row with one stick (or four keys) and one button.</summary>
/// <remarks>Directions are those of the picture as side 0 sees it; a person plays side 0.</remarks>
public sealed record PlayControls
{
    /// <summary>One per continuous component.</summary>
    public IReadOnlyList<StickUse> Continuous { get; init; } = [];

    /// <summary>One per discrete head.</summary>
    public IReadOnlyList<HeadControl> Discrete { get; init; } = [];
}
