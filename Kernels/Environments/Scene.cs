namespace Arena.Kernels.Environments;

/// <summary>What a shape is.</summary>
public enum ShapeKind
{
    /// <summary>A line from (X, Y) to (X2, Y2).</summary>
    Line,

    /// <summary>An axis-aligned rectangle with opposite corners (X, Y) and (X2, Y2), outlined.</summary>
    Rectangle,

    /// <summary>A disc about (X, Y).</summary>
    Disc,

    /// <summary>A filled square cell about (X, Y) with half side Radius.</summary>
    Cell,

    /// <summary>A parallelogram about (X, Y), faintly filled and outlined: from the middle to two neighbouring sides (X2, Y2) and (X3, Y3). A face of a solid.</summary>
    Face,

    /// <summary>A faint ellipse about (X, Y) that touches the middles of such a parallelogram's sides. A shadow.</summary>
    Oval,
}

/// <summary>Colours by meaning; a terminal or a page chooses the shade.</summary>
public enum Ink
{
    /// <summary>Lines of the field, walls.</summary>
    Field,

    /// <summary>Side 0.</summary>
    SideA,

    /// <summary>Side 1.</summary>
    SideB,

    /// <summary>The ball, the food, what it is about.</summary>
    Object,

    /// <summary>Everything else.</summary>
    Neutral,

    /// <summary>The first of eight hues that tell many agents of one side apart: Hue0 + agent mod <see cref="Scene.Hues"/>.</summary>
    Hue0,

    /// <summary>Second hue.</summary>
    Hue1,

    /// <summary>Third hue.</summary>
    Hue2,

    /// <summary>Fourth hue.</summary>
    Hue3,

    /// <summary>Fifth hue.</summary>
    Hue4,

    /// <summary>Sixth hue.</summary>
    Hue5,

    /// <summary>Seventh hue.</summary>
    Hue6,

    /// <summary>Eighth hue.</summary>
    Hue7,
}

/// <summary>One shape of a drawing, in world units.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Ink">Its colour.</param>
/// <param name="X">See <see cref="ShapeKind"/>.</param>
/// <param name="Y">See <see cref="ShapeKind"/>; up is positive.</param>
/// <param name="X2">Second corner or end, for lines and rectangles.</param>
/// <param name="Y2">Second corner or end, for lines and rectangles.</param>
/// <param name="Radius">For discs and cells.</param>
/// <param name="Label">One or two characters drawn on it, or null.</param>
/// <param name="Agent">The agent of the match that it shows, so that a viewer can ask about it; −1 for none.</param>
public readonly record struct Shape(ShapeKind Kind, Ink Ink, float X, float Y, float X2, float Y2, float Radius, string? Label, int Agent = -1)
{
    /// <summary>Faces and ovals: the second half diameter.</summary>
    public float X3 { get; init; }

    /// <summary>Faces and ovals: the second half diameter.</summary>
    public float Y3 { get; init; }

    /// <summary>Of a face: its corners in turn.</summary>
    public (float X, float Y)[] Corners() => [(X + X2 + X3, Y + Y2 + Y3), (X + X2 - X3, Y + Y2 - Y3), (X - X2 - X3, Y - Y2 - Y3), (X - X2 + X3, Y - Y2 + Y3)];
}

/// <summary>The picture of one match: bounds, shapes from back to front, a caption. Any game draws into it, any viewer shows it.</summary>
public sealed class Scene
{
    /// <summary>Hues that tell agents apart, from <see cref="Ink.Hue0"/> on.</summary>
    public const int Hues = 8;

    private readonly List<Shape> shapes = [];

    /// <summary>Visible rectangle, world units.</summary>
    public (float MinX, float MinY, float MaxX, float MaxY) Bounds { get; set; }

    /// <summary>Score and clock, one line.</summary>
    public string Caption { get; set; } = "";

    /// <summary>Whether shapes are sorted by depth, so that their order changes: viewers then do not move a disc of one picture to that of the next.</summary>
    public bool Sorted { get; set; }

    /// <summary>Shapes from back to front.</summary>
    public IReadOnlyList<Shape> Shapes => shapes;

    /// <summary>Empties the scene for the next frame.</summary>
    public void Clear()
    {
        shapes.Clear();
        Caption = "";
        Sorted = false;
    }

    /// <summary>Adds a line.</summary>
    public void Line(Ink ink, float x, float y, float x2, float y2) => shapes.Add(new Shape(ShapeKind.Line, ink, x, y, x2, y2, 0, null));

    /// <summary>Adds a rectangle.</summary>
    public void Rectangle(Ink ink, float x, float y, float x2, float y2) => shapes.Add(new Shape(ShapeKind.Rectangle, ink, x, y, x2, y2, 0, null));

    /// <summary>Adds a disc.</summary>
    public void Disc(Ink ink, float x, float y, float radius, string? label = null, int agent = -1) => shapes.Add(new Shape(ShapeKind.Disc, ink, x, y, 0, 0, radius, label, agent));

    /// <summary>Adds a face or an oval about (x, y).</summary>
    /// <param name="kind"><see cref="ShapeKind.Face"/> or <see cref="ShapeKind.Oval"/>.</param>
    /// <param name="ink">Its colour.</param>
    /// <param name="x">Middle.</param>
    /// <param name="y">Middle.</param>
    /// <param name="first">From the middle to a side.</param>
    /// <param name="second">From the middle to a neighbouring side.</param>
    public void Patch(ShapeKind kind, Ink ink, float x, float y, (float X, float Y) first, (float X, float Y) second) =>
        shapes.Add(new Shape(kind, ink, x, y, first.X, first.Y, 0, null) { X3 = second.X, Y3 = second.Y });

    /// <summary>Adds a filled cell.</summary>
    public void Cell(Ink ink, float x, float y, float halfSide, string? label = null, int agent = -1) => shapes.Add(new Shape(ShapeKind.Cell, ink, x, y, 0, 0, halfSide, label, agent));
}
