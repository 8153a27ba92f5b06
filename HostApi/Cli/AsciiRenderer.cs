using System.Text;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Cli;

/// <summary>Draws any <see cref="Scene"/> as lines of characters.</summary>
/// <remarks>
/// A character cell is taken to be twice as high as wide. With colour, sides are told apart by their background; without,
/// by their brackets: (1) is side A, [1] is side B.
/// </remarks>
internal sealed class AsciiRenderer(int maxColumns, int maxRows, bool color)
{
    private const double CellAspect = 2; // height / width of a character
    private Canvas canvas = new(1, 1);
    private (float MinX, float MinY, float MaxX, float MaxY) bounds;
    private double columnsPerUnit;
    private double rowsPerUnit;

    /// <summary>The picture, without its caption; no line is longer than the columns allowed.</summary>
    internal IReadOnlyList<string> Render(Scene scene)
    {
        Fit(scene.Bounds);
        foreach (Shape shape in scene.Shapes)
        {
            switch (shape.Kind)
            {
                case ShapeKind.Line: Line(shape); break;
                case ShapeKind.Rectangle: Rectangle(shape); break;
                case ShapeKind.Disc: Disc(shape); break;
                case ShapeKind.Face: Face(shape); break;
                case ShapeKind.Oval: break; // a shadow would hide what matters
                default: Cell(shape); break;
            }
        }

        return canvas.Lines(color);
    }

    // The largest picture of the right shape that fits; flat scenes still get three rows. Odd sizes, so that the middle of
    // the scene has a row and a column of its own.
    private void Fit((float MinX, float MinY, float MaxX, float MaxY) scene)
    {
        bounds = scene;
        double width = Math.Max(1e-6, scene.MaxX - scene.MinX), height = Math.Max(1e-6, scene.MaxY - scene.MinY);
        double columns = Math.Min(maxColumns, maxRows * CellAspect * width / height);
        int wide = Odd((int)columns), high = Odd(Math.Min(maxRows, (int)Math.Round(columns * height / width / CellAspect)));
        if (canvas.Columns != wide || canvas.Rows != high) canvas = new Canvas(wide, high);
        canvas.Clear();
        columnsPerUnit = (wide - 1) / width;
        rowsPerUnit = (high - 1) / height;
    }

    private static int Odd(int size) => Math.Max(3, size % 2 == 0 ? size - 1 : size);

    private int Column(double x) => (int)Math.Floor((x - bounds.MinX) * columnsPerUnit + 0.5);

    private int Row(double y) => (int)Math.Floor((bounds.MaxY - y) * rowsPerUnit + 0.5);

    private void Rectangle(Shape shape)
    {
        int left = Column(Math.Min(shape.X, shape.X2)), right = Column(Math.Max(shape.X, shape.X2));
        int top = Row(Math.Max(shape.Y, shape.Y2)), bottom = Row(Math.Min(shape.Y, shape.Y2));
        canvas.Horizontal(top, left, right, shape.Ink);
        canvas.Horizontal(bottom, left, right, shape.Ink);
        canvas.Vertical(left, top, bottom, shape.Ink, '|');
        canvas.Vertical(right, top, bottom, shape.Ink, '|');
        foreach ((int row, int column) in new[] { (top, left), (top, right), (bottom, left), (bottom, right) }) canvas.Put(row, column, '+', shape.Ink);
    }

    private void Face(Shape face)
    {
        (float X, float Y)[] corners = face.Corners();
        for (int i = 0; i < 4; i++) Line(face with { X = corners[i].X, Y = corners[i].Y, X2 = corners[(i + 1) % 4].X, Y2 = corners[(i + 1) % 4].Y });
    }

    private void Line(Shape shape)
    {
        int column = Column(shape.X), column2 = Column(shape.X2), row = Row(shape.Y), row2 = Row(shape.Y2);
        if (row == row2) canvas.Horizontal(row, Math.Min(column, column2), Math.Max(column, column2), shape.Ink);
        else if (column == column2) canvas.Vertical(column, Math.Min(row, row2), Math.Max(row, row2), shape.Ink, shape.Ink is Ink.SideA or Ink.SideB ? '#' : '|');
        else
        {
            int steps = Math.Max(Math.Abs(column2 - column), Math.Abs(row2 - row));
            for (int i = 0; i <= steps; i++)
                canvas.Put(row + (row2 - row) * i / steps, column + (column2 - column) * i / steps, '.', shape.Ink);
        }
    }

    // Players keep three columns however small they are, so that their label and side can be read; a ball is one character.
    private void Disc(Shape shape)
    {
        bool side = shape.Ink is Ink.SideA or Ink.SideB;
        double halfColumns = Math.Max(shape.Radius * columnsPerUnit, side ? 1 : 0), halfRows = shape.Radius * rowsPerUnit;
        int centreColumn = Column(shape.X), centreRow = Row(shape.Y), reach = Math.Max(0, (int)(halfRows - 0.25));
        for (int row = -reach; row <= reach; row++)
        {
            double share = reach == 0 ? 0 : row / (halfRows + 0.5);
            int half = (int)(halfColumns * Math.Sqrt(1 - share * share) + (side ? 0.5 : 0));
            if (half == 0) continue;
            for (int column = -half; column <= half; column++) canvas.Put(centreRow + row, centreColumn + column, ' ', shape.Ink, filled: true);
            if (color && side) continue;
            canvas.Put(centreRow + row, centreColumn - half, shape.Ink == Ink.SideB ? '[' : '(', shape.Ink);
            canvas.Put(centreRow + row, centreColumn + half, shape.Ink == Ink.SideB ? ']' : ')', shape.Ink);
        }

        Label(shape, centreRow, centreColumn, "o");
    }

    private void Cell(Shape shape)
    {
        int left = Column(shape.X - shape.Radius), right = Column(shape.X + shape.Radius);
        int top = Row(shape.Y + shape.Radius), bottom = Row(shape.Y - shape.Radius);
        // A cell of one character is its label, wherever rounding puts its edges.
        bool one = right - left <= 1 && bottom - top <= 1;
        // Neighbouring cells share an edge; the right and lower one belongs to the next cell.
        for (int row = top; !one && row <= Math.Max(top, bottom - 1); row++)
            for (int column = left; column <= Math.Max(left, right - 1); column++)
                canvas.Put(row, column, ':', shape.Ink);
        Label(shape, Row(shape.Y), Column(shape.X), ":");
    }

    private void Label(Shape shape, int row, int column, string otherwise)
    {
        string label = shape.Label ?? otherwise;
        for (int i = 0; i < label.Length; i++)
            canvas.Put(row, column - (label.Length - 1) / 2 + i, label[i], shape.Ink, filled: shape.Ink is Ink.SideA or Ink.SideB && shape.Kind == ShapeKind.Disc);
    }

    /// <summary>Characters with an ink each; what falls outside is dropped.</summary>
    private sealed class Canvas(int columns, int rows)
    {
        private readonly (char Character, Ink Ink, bool Filled)[] cells = new (char, Ink, bool)[columns * rows];
        private readonly StringBuilder text = new();

        internal int Columns => columns;

        internal int Rows => rows;

        internal void Clear() => Array.Fill(cells, (' ', Ink.Neutral, false));

        internal void Put(int row, int column, char character, Ink ink, bool filled = false)
        {
            if ((uint)row < (uint)rows && (uint)column < (uint)columns) cells[row * columns + column] = (character, ink, filled);
        }

        internal void Horizontal(int row, int from, int to, Ink ink)
        {
            for (int column = from; column <= to; column++) Put(row, column, '-', ink);
        }

        internal void Vertical(int column, int from, int to, Ink ink, char character)
        {
            for (int row = from; row <= to; row++)
            {
                bool crossing = (uint)row < (uint)rows && (uint)column < (uint)columns && cells[row * columns + column].Character == '-';
                Put(row, column, crossing ? '+' : character, ink);
            }
        }

        internal IReadOnlyList<string> Lines(bool color) => [.. Enumerable.Range(0, rows).Select(row => color ? Colored(row) : Plain(row))];

        private string Plain(int row)
        {
            text.Clear();
            for (int column = 0; column < columns; column++) text.Append(cells[row * columns + column].Character);
            return text.ToString().TrimEnd();
        }

        private string Colored(int row)
        {
            text.Clear();
            string active = "";
            for (int column = 0; column < columns; column++)
            {
                (char character, Ink ink, bool filled) = cells[row * columns + column];
                string code = Ansi.Code(ink, filled);
                if (code != active) text.Append(Ansi.Reset).Append(code);
                active = code;
                text.Append(character);
            }

            return text.Append(Ansi.Reset).ToString();
        }
    }
}

/// <summary>Escape codes (ECMA-48) for the inks of a scene.</summary>
internal static class Ansi
{
    internal const string Reset = "\e[0m";
    internal const string HideCursor = "\e[?25l";
    internal const string ShowCursor = "\e[?25h";
    internal const string ClearLine = "\e[K";

    /// <summary>Moves the cursor to the beginning of the line so many lines above.</summary>
    internal static string Up(int lines) => $"\e[{lines}F";

    /// <summary>The colour of an ink: as a background with bright letters where it is filled.</summary>
    internal static string Code(Ink ink, bool filled) => (ink, filled) switch
    {
        ( >= Ink.Hue0, _) => $"\e[{(ink - Ink.Hue0 < 6 ? 91 + (ink - Ink.Hue0) : 31 + 5 * (ink - Ink.Hue6))}m",
        (Ink.SideA, true) => "\e[1;97;44m",
        (Ink.SideB, true) => "\e[1;97;41m",
        (Ink.SideA, false) => "\e[1;94m",
        (Ink.SideB, false) => "\e[1;91m",
        (Ink.Object, _) => "\e[1;93m",
        (Ink.Field, _) => "\e[32m",
        _ => "\e[37m",
    };
}
