using Arena.HostApi.Cli;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Tests;

public class AsciiRendererTests
{
    private static Scene Pitch()
    {
        var scene = new Scene { Bounds = (-10, -5, 10, 5) };
        scene.Rectangle(Ink.Field, -10, -5, 10, 5);
        scene.Line(Ink.Field, 0, -5, 0, 5);
        scene.Disc(Ink.SideA, -5, 0, 0.3f, "1");
        scene.Disc(Ink.SideB, 5, 0, 0.3f, "1");
        scene.Disc(Ink.Object, 0, 2.5f, 0.1f, "o");
        return scene;
    }

    [Fact]
    public void A_pitch_is_drawn_in_proportion_and_symmetric()
    {
        IReadOnlyList<string> lines = new AsciiRenderer(41, 40, color: false).Render(Pitch());
        Assert.Equal(9, lines.Count); // 20 × 10 units, 41 columns: a character twice as high as wide gives 10, the next odd number is 9
        Assert.Equal("+-------------------+-------------------+", lines[0]);
        Assert.Equal("|        (1)        |        [1]        |", lines[lines.Count / 2]);
        Assert.Equal(lines[0], lines[^1]);
        Assert.Contains("|                   o                   |", lines);
    }

    [Fact]
    public void Sides_can_be_told_apart_without_colour_and_no_escape_code_is_written()
    {
        string picture = string.Concat(new AsciiRenderer(60, 40, color: false).Render(Pitch()));
        Assert.Contains("(1)", picture);
        Assert.Contains("[1]", picture);
        Assert.DoesNotContain('\e', picture);
    }

    [Fact]
    public void With_colour_every_line_ends_with_a_reset()
    {
        IReadOnlyList<string> lines = new AsciiRenderer(60, 40, color: true).Render(Pitch());
        Assert.All(lines, line => Assert.EndsWith(Ansi.Reset, line));
        Assert.Contains(lines, line => line.Contains(Ansi.Code(Ink.SideA, filled: true)));
        Assert.Contains(lines, line => line.Contains(Ansi.Code(Ink.SideB, filled: true)));
    }

    [Theory]
    [InlineData(20, 40)]
    [InlineData(200, 8)]
    [InlineData(80, 24)]
    public void The_picture_fits_the_space_it_is_given(int columns, int rows)
    {
        IReadOnlyList<string> lines = new AsciiRenderer(columns, rows, color: false).Render(Pitch());
        Assert.InRange(lines.Count, 3, rows);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, columns));
    }

    [Fact]
    public void Shapes_outside_the_bounds_are_cut_off()
    {
        Scene scene = Pitch();
        scene.Disc(Ink.SideA, 1000, 1000, 3, "X");
        scene.Line(Ink.Neutral, -50, -50, 50, 50);
        scene.Cell(Ink.Object, 10, 5, 2, "#");
        Assert.NotEmpty(new AsciiRenderer(41, 40, color: false).Render(scene));
    }
}
