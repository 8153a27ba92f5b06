using System.Globalization;
using static Arena.Kernels.Environments.Moba.MobaConstants;

namespace Arena.Kernels.Environments.Moba;

/// <summary>The picture of a match, one unit of the drawing per cell; host side.</summary>
/// <remarks>Heroes are discs, the dead ones too, so that a viewer can move all ten between two ticks. Everything else is a cell that comes and goes.</remarks>
internal sealed class MobaDrawing
{
    private const float Bar = 0.7f;        // half a bar's length, in radii of what it belongs to
    private const string ClassLetters = "SABTC";

    private readonly List<(float X, float Y, float Half)> walls = [];

    internal MobaDrawing(bool[] isWall) => Tile(isWall);

    /// <summary>Draws match <paramref name="env"/>.</summary>
    internal void Draw(StateColumns state, int env, Scene scene)
    {
        scene.Bounds = (FirstInside - 3, FirstInside - 3, LastInside + 4, LastInside + 4); // a bar over the edge included
        scene.Rectangle(Ink.Field, FirstInside, FirstInside, LastInside + 1, LastInside + 1);
        foreach ((float x, float y, float half) in walls) scene.Cell(Ink.Field, x, y, half, "#");
        double[] position = state["position"].ReadMatch(env), hp = state["hp"].ReadMatch(env), level = state["level"].ReadMatch(env);
        for (int slot = FirstCreep; slot < Slots; slot++)
            if (hp[slot] > 0) DrawUnit(scene, slot, position[slot], hp[slot]);
        for (int row = 0; row < Heroes; row++) DrawHero(scene, row, position, hp, level);
        scene.Caption = Caption(state["tick"].ReadMatch(env)[0], hp, level, state["counters"].ReadMatch(env));
    }

    private static void DrawUnit(Scene scene, int slot, double position, double hp)
    {
        (float x, float y) = Place(position);
        Ink ink = MobaMatch.TeamOf(slot) switch { 0 => Ink.SideA, 1 => Ink.SideB, _ => Ink.Neutral };
        if (slot < FirstTower)
        {
            scene.Cell(ink, x, y, 0.5f, slot >= FirstNeutral ? "n" : (slot & 1) == 0 ? "a" : "b");
            return;
        }

        bool ancient = MobaStats.TowerOf(slot) == Ancient;
        float half = ancient ? 2.5f : 1.5f;
        scene.Cell(ink, x, y, half, ancient ? "@" : "T");
        DrawBar(scene, ink, x, y + half + 1f, 2f * half, hp / MobaStats.UnitHp(slot));
    }

    private static void DrawHero(Scene scene, int row, double[] position, double[] hp, double[] level)
    {
        const float Radius = 1.4f;
        int slot = MobaMatch.SlotOf(row), kind = slot >> 1;
        (float x, float y) = Place(position[slot]);
        Ink ink = (slot & 1) == 0 ? Ink.SideA : Ink.SideB;
        if (hp[slot] > 0)
        {
            scene.Disc(ink, x, y, Radius, ClassLetters[kind].ToString(), row);
            DrawBar(scene, ink, x, y + Radius + 0.6f, 2f * Radius, hp[slot] / MobaStats.HeroHp(kind, (int)level[slot]));
        }
        else scene.Disc(Ink.Neutral, x, y, 0.6f, "x", row);
    }

    // What is left of the hit points, from the left on.
    private static void DrawBar(Scene scene, Ink ink, float x, float y, float half, double share)
    {
        float left = x - Bar * half;
        scene.Line(ink, left, y, left + 2f * Bar * half * (float)share, y);
    }

    private static string Caption(double tick, double[] hp, double[] level, double[] counters)
    {
        (int A, int B) structures = (0, 0), levels = (0, 0), kills = (0, 0);
        for (int slot = FirstTower; slot < Slots; slot++)
            if (hp[slot] > 0) structures = (slot & 1) == 0 ? (structures.A + 1, structures.B) : (structures.A, structures.B + 1);
        for (int slot = 0; slot < Heroes; slot++)
        {
            (int grown, int killed) = ((int)level[slot], (int)counters[slot * MobaCounter.Count + MobaCounter.Kills]);
            levels = (slot & 1) == 0 ? (levels.A + grown, levels.B) : (levels.A, levels.B + grown);
            kills = (slot & 1) == 0 ? (kills.A + killed, kills.B) : (kills.A, kills.B + killed);
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"structures A {structures.A} : {structures.B} B   levels {levels.A} : {levels.B}   kills {kills.A} : {kills.B}   tick {tick}");
    }

    // Rows count downwards, drawings upwards.
    private static (float X, float Y) Place(double position)
    {
        uint packed = (uint)position;
        return ((packed & 0xFFFF) / 256f, Side - (packed >> 16) / 256f);
    }

    // Walls inside the border as few squares as a simple search finds: from the top left, always the largest that fits.
    private void Tile(bool[] isWall)
    {
        var covered = new bool[Cells];
        for (int y = FirstInside; y <= LastInside; y++)
            for (int x = FirstInside; x <= LastInside; x++)
            {
                int size = 0;
                while (Fits(isWall, covered, y, x, size + 1)) size++;
                if (size == 0) continue;
                for (int cell = 0; cell < size * size; cell++) covered[(y + cell / size) * Side + x + cell % size] = true;
                walls.Add((x + size / 2f, Side - y - size / 2f, size / 2f));
            }
    }

    private static bool Fits(bool[] isWall, bool[] covered, int y, int x, int size)
    {
        if (y + size > LastInside + 1 || x + size > LastInside + 1) return false;
        for (int at = 0; at < size * size; at++)
        {
            int cell = (y + at / size) * Side + x + at % size;
            if (!isWall[cell] || covered[cell]) return false;
        }

        return true;
    }
}
