using System.Runtime.CompilerServices;
using Arena.Kernels.Common;
using Arena.Kernels.Device;
using Arena.Kernels.Random;

namespace Arena.Kernels.Environments.Creature;

/// <summary>The ground under a point.</summary>
public struct GroundAt
{
    /// <summary>m.</summary>
    public float Height;

    /// <summary>Unit vector.</summary>
    public Float3 Normal;
}

/// <summary>The ground: flat, or one of 16 tables of bumps that repeats every 16 m.</summary>
public static class CreatureBumps
{
    /// <summary>Tables, cells on a side (a power of two), cells per metre.</summary>
    public const int Tables = 16, Cells = 64, CellsPerMetre = 4;

    /// <summary>Height of the bumps for every level; m.</summary>
    public const float HeightPerLevel = 0.02f;

    /// <summary>Elements of <see cref="CreatureArguments.Heights"/>.</summary>
    public const int Length = Tables * Cells * Cells + Tables;

    private const int CoarseStep = 4, FineStep = 2; // cells between the random values of the two octaves
    private const float CoarseShare = 2f / 3f, FineShare = 1f / 3f;
    private const int StartCells = 4; // 1 m

    /// <summary>Height and normal at (x, y) relative to the creature's origin.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GroundAt At(int env, in CreatureArguments a, float x, float y)
    {
        if (a.Parameters.Ground == (int)CreatureGround.Bumpy) return Between(env, a, x, y);
        return new GroundAt { Normal = new Float3(0f, 0f, 1f) };
    }

    /// <summary>Height the start is raised by: the highest bump within 1 m; m.</summary>
    public static float StartHeight(int env, in CreatureArguments a) =>
        a.Parameters.Ground == (int)CreatureGround.Bumpy ? a.Heights[Tables * Cells * Cells + a.State.Bumps[env, 0]] * a.Parameters.BumpHeight : 0f;

    /// <summary>The bank of tables: value noise of two octaves in −1..1, the same for every run.</summary>
    public static float[] Make()
    {
        var heights = new float[Length];
        for (int table = 0; table < Tables; table++)
        {
            float highest = -1f;
            for (int row = 0; row < Cells; row++)
            {
                for (int column = 0; column < Cells; column++)
                {
                    float height = CoarseShare * Noise(table, 0, CoarseStep, column, row) + FineShare * Noise(table, 1, FineStep, column, row);
                    heights[(table * Cells + row) * Cells + column] = height;
                    bool near = Math.Min(row, Cells - row) <= StartCells && Math.Min(column, Cells - column) <= StartCells;
                    if (near) highest = Math.Max(highest, height);
                }
            }

            heights[Tables * Cells * Cells + table] = highest;
        }

        return heights;
    }

    // Bilinear inside a cell. 4 m of origin are 16 cells, so a shift of the origin changes no bit of the cell.
    private static GroundAt Between(int env, in CreatureArguments a, float x, float y)
    {
        float u = x * CellsPerMetre, v = y * CellsPerMetre;
        float column = MathF.Floor(u), row = MathF.Floor(v);
        float fx = u - column, fy = v - row;
        int i = (int)Scalar.Clamp(column, -4096f, 4096f) + 16 * a.State.Origin[env, 0] & (Cells - 1);
        int j = (int)Scalar.Clamp(row, -4096f, 4096f) + 16 * a.State.Origin[env, 1] & (Cells - 1);
        int table = a.State.Bumps[env, 0] * (Cells * Cells), i1 = i + 1 & (Cells - 1), j1 = j + 1 & (Cells - 1);
        float h00 = a.Heights[table + j * Cells + i], h10 = a.Heights[table + j * Cells + i1];
        float h01 = a.Heights[table + j1 * Cells + i], h11 = a.Heights[table + j1 * Cells + i1];
        float near = h00 + (h10 - h00) * fx, far = h01 + (h11 - h01) * fx;
        float scale = a.Parameters.BumpHeight;
        float slopeX = ((h10 - h00) * (1f - fy) + (h11 - h01) * fy) * (CellsPerMetre * scale), slopeY = (far - near) * (CellsPerMetre * scale);
        float inverse = 1f / Scalar.Sqrt(slopeX * slopeX + slopeY * slopeY + 1f);
        return new GroundAt { Height = (near + (far - near) * fy) * scale, Normal = new Float3(-slopeX * inverse, -slopeY * inverse, inverse) };
    }

    // Random values on every step-th node, linear between; they repeat with the table.
    private static float Noise(int table, uint octave, int step, int column, int row)
    {
        int i = column / step, j = row / step, count = Cells / step;
        float fx = (float)(column % step) / step, fy = (float)(row % step) / step;
        float Value(int x, int y) => Philox.Symmetric(Philox.Draw(0, (uint)table, octave, 0, (uint)(y % count * count + x % count), CreaturePurpose.BumpHeights).X);
        float near = Value(i, j) + (Value(i + 1, j) - Value(i, j)) * fx, far = Value(i, j + 1) + (Value(i + 1, j + 1) - Value(i, j + 1)) * fx;
        return near + (far - near) * fy;
    }
}
