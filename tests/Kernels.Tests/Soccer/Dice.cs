using Arena.Kernels.Environments.Soccer;

namespace Arena.Kernels.Tests.Soccer;

/// <summary>Random numbers of one test case, from a seed that FsCheck draws and a failure prints.</summary>
internal sealed class Dice(int seed)
{
    private readonly System.Random random = new(seed);

    internal int Seed => seed;

    public override string ToString() => $"case seed {seed}";

    /// <summary>low..high, both included.</summary>
    internal int Int(int low, int high) => random.Next(low, high + 1);

    internal float Float(float low, float high) => low + (high - low) * random.NextSingle();

    internal bool Chance(float probability) => random.NextSingle() < probability;

    internal T Pick<T>(params T[] choices) => choices[random.Next(choices.Length)];

    /// <summary>0..count-1 in random order.</summary>
    internal int[] Order(int count)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order);
        return order;
    }

    /// <summary>A direction of length 1.</summary>
    internal (float X, float Y) Direction()
    {
        float angle = Float(-MathF.PI, MathF.PI);
        return (MathF.Cos(angle), MathF.Sin(angle));
    }

    /// <summary>Options for any team size, kick rule and dead zone.</summary>
    internal SoccerOptions Options(int matches, params int[] teamSizes) => new()
    {
        NumEnvs = matches,
        TeamSize = teamSizes.Length > 0 ? Pick(teamSizes) : Pick(1, 2, 3, 4, 5, 7, 11),
        Physics = new SoccerPhysics { KickRule = Pick(KickRule.Nearest, KickRule.Average, KickRule.Sum), KickDeadZone = Pick(0f, 0.1f) },
    };

    /// <summary>Random actions of everybody: any length up to the corners of the square, often none or exactly full.</summary>
    internal void Act(Pitch pitch)
    {
        if (pitch.Buffers.DiscreteActions is { } discrete)
        {
            foreach (ref int choice in discrete.View.AsSpan()) choice = Int(0, SoccerConstants.Directions - 1);
            return;
        }

        foreach (ref float value in pitch.Buffers.ContinuousActions!.View.AsSpan())
            value = Chance(0.1f) ? 0f : Chance(0.1f) ? Pick(-1f, 1f) : Float(-1f, 1f);
    }

    /// <summary>A state as play could reach it: spread, crowded or piled up; the ball anywhere, near lines, posts, corners or players.</summary>
    internal void Scatter(Pitch pitch, int env)
    {
        SoccerParameters p = pitch.Parameters;
        (float ballX, float ballY) = BallPlace(p);
        float crowd = Pick(0.5f, 1f, 2f, 100f);
        for (int agent = 0; agent < pitch.Agents; agent++)
        {
            float x = crowd < 100f ? ballX + Float(-crowd, crowd) : Float(-p.HalfLength - 1f, p.HalfLength + 1f);
            float y = crowd < 100f ? ballY + Float(-crowd, crowd) : Float(-p.HalfWidth - 1f, p.HalfWidth + 1f);
            float speed = Pick(0f, 1f, p.PlayerMaxSpeed * 0.999f) * Float(0.5f, 1f);
            (float dx, float dy) = Direction();
            pitch.PutPlayer(env, agent, Math.Clamp(x, -p.HalfLength - 1f, p.HalfLength + 1f), Math.Clamp(y, -p.HalfWidth - 1f, p.HalfWidth + 1f), dx * speed, dy * speed);
        }

        if (Chance(0.2f)) Pile(pitch, env);
        float ballSpeed = Chance(0.3f) ? 0f : Float(0f, p.BallMaxSpeed * 0.999f);
        (float directionX, float directionY) = Chance(0.2f) ? (Pick(-1f, 1f), 0f) : Direction();
        pitch.Touched(env, Int(-1, pitch.Agents - 1));
        pitch.State.Score[env, 0] = Int(0, 3);
        pitch.State.Score[env, 1] = Int(0, 3);
        pitch.PutBall(env, ballX, ballY, directionX * ballSpeed, directionY * ballSpeed);
    }

    private (float X, float Y) BallPlace(SoccerParameters p)
    {
        float x = Float(-p.HalfLength, p.HalfLength), y = Float(-p.HalfWidth, p.HalfWidth);
        float side = Pick(-1f, 1f);
        return Int(0, 6) switch
        {
            0 => (side * (p.HalfLength - Float(0f, 1f)), y),                                              // goal line
            1 => (x, side * (p.HalfWidth - Float(0f, 1f))),                                               // side line
            2 => (side * (p.HalfLength - Float(0f, 1f)), side * p.GoalHalfWidth + Float(-0.2f, 0.2f)),    // post
            3 => (side * (p.HalfLength - Float(0f, 0.5f)), Pick(-1f, 1f) * (p.HalfWidth - Float(0f, 0.5f))), // corner
            4 => (side * p.HalfLength, Pick(0f, p.GoalHalfWidth, -p.GoalHalfWidth)),                      // on the line
            5 => (0f, 0f),
            _ => (x, y),
        };
    }

    // Some players exactly in one place, and pairs across sides at the same distance from the ball.
    private void Pile(Pitch pitch, int env)
    {
        SoccerBody place = pitch.Player(env, 0);
        for (int agent = 1; agent < pitch.Agents; agent++)
        {
            if (Chance(0.5f)) continue;
            SoccerBody body = pitch.Player(env, agent);
            pitch.PutPlayer(env, agent, place.X, place.Y, body.VelocityX, body.VelocityY);
        }
    }
}
