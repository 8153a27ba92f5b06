using Arena.Kernels.Environments.Creature;

namespace Arena.Validation.Creature;

/// <summary>What a tick did, as far as rewards and statistics ask.</summary>
/// <param name="Before">State before the tick.</param>
/// <param name="After">State after the substeps, before any jump of goals.</param>
/// <param name="Actions">(A) cleaned.</param>
/// <param name="Traces">Its substeps.</param>
/// <param name="Near">Distances torso to point, torso to ball, ball to gate after the substeps; m.</param>
/// <param name="Event">A point was reached or the ball arrived.</param>
/// <param name="Fell">Fatal contact.</param>
internal sealed record TickFacts(
    Snapshot Before, Snapshot After, double[] Actions, IReadOnlyList<SubstepTrace> Traces, double[] Near, bool Event, bool Fell);

/// <summary>The components of the reward.</summary>
internal static class RewardRules
{
    private const double GravityForWeight = 9.81;

    /// <summary>(components) raw values.</summary>
    public static double[] Raw(TickFacts facts, PhysicsSettings settings)
    {
        CreatureModel model = facts.After.World.Model;
        double step = settings.Step;
        var raw = new double[CreatureReward.Count];
        Environmental(raw, facts, settings);
        double[] forces = Forces(facts, settings, out double[] largest);
        raw[CreatureReward.Alive] = facts.Fell ? 0 : 1;
        raw[CreatureReward.Exertion] = facts.Traces.Average(trace => trace.Torque.Select((torque, joint) => Square(torque / model.Joints[joint].Torque)).Average());
        raw[CreatureReward.Torque2] = facts.Traces.Average(trace => trace.Torque.Sum(Square));
        raw[CreatureReward.Impact] = Math.Min(10, largest.Sum(force => Square(Math.Max(0, force / (model.Mass * GravityForWeight) - 1))));
        raw[CreatureReward.Impact2] = forces.Sum();
        raw[CreatureReward.Smooth] = facts.Before.Tick == 0 || facts.Actions.Length == 0 ? 0
            : facts.Actions.Zip(facts.Before.Actions[0], (now, then) => Square(now - then)).Average();
        raw[CreatureReward.Upright] = 1 - facts.After.RootFrame.Z.Z;
        return raw;
    }

    /// <summary>(components) weights in order.</summary>
    public static double[] Weights(CreatureRewards w) =>
    [
        w.Velocity, w.Progress, w.Reach, w.BallNear, w.BallGoal, w.Goal, w.Fall, w.Alive, w.Exertion, w.Torque2, w.Impact, w.Impact2, w.Smooth, w.Upright,
    ];

    private static void Environmental(double[] raw, TickFacts facts, PhysicsSettings settings)
    {
        Snapshot before = facts.Before, after = facts.After;
        double Gain(int distance) => (before.Distances[distance] - facts.Near[distance]) / settings.Tick;
        switch (before.Task)
        {
            case CreatureTask.Run:
                raw[CreatureReward.Velocity] = Math.Clamp((after.Root - before.Root).Dot(before.Goal) / settings.Tick, -1, before.Command + 0.5);
                break;
            case CreatureTask.Target:
                raw[CreatureReward.Progress] = Math.Clamp(Gain(0), -2, 2);
                raw[CreatureReward.Reach] = facts.Event ? 1 : 0;
                break;
            default:
                raw[CreatureReward.BallNear] = facts.Near[1] < 0.6 ? 0 : Math.Clamp(Gain(1), -2, 2);
                raw[CreatureReward.BallGoal] = Math.Clamp(Gain(2), -3, 3);
                raw[CreatureReward.Goal] = facts.Event ? 1 : 0;
                break;
        }

        raw[CreatureReward.Fall] = facts.Fell ? 1 : 0;
    }

    // (points) mean over substeps of F², and the largest F, of the creature's own contact points.
    private static double[] Forces(TickFacts facts, PhysicsSettings settings, out double[] largest)
    {
        CreatureModel model = facts.After.World.Model;
        int[] first = [.. model.Bodies.Select((_, body) => model.Bodies.Take(body).Sum(other => other.Points.Length))];
        int points = model.Bodies.Sum(body => body.Points.Length);
        var mean = new double[points];
        largest = new double[points];
        foreach (SubstepTrace trace in facts.Traces)
        {
            foreach (ContactTrace contact in trace.Contacts.Where(contact => contact.Other < 0 && contact.Body < model.Bodies.Count))
            {
                int point = first[contact.Body] + contact.Point;
                double force = contact.Normal / (settings.Step * settings.Step);
                mean[point] += force * force / facts.Traces.Count;
                largest[point] = Math.Max(largest[point], force);
            }
        }

        return mean;
    }

    private static double Square(double value) => value * value;
}
