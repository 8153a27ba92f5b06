using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>What rewards are made of: one tick, seen from before and after.</summary>
/// <param name="Start">Before the tick.</param>
/// <param name="PlayersMoved">Players after step 3.</param>
/// <param name="BallAfter">The ball after step 6, or where it crossed the line; m.</param>
/// <param name="Actions">What players did.</param>
/// <param name="Won">Players who touched after the other side.</param>
/// <param name="Scorer">The side that scored, or null.</param>
/// <param name="Winner">The side that won, when the episode ended with this tick; else null.</param>
internal sealed record TickFacts(
    GameState Start,
    ImmutableArray<Body> PlayersMoved,
    Vector BallAfter,
    IReadOnlyList<PlayerAction> Actions,
    ImmutableArray<bool> Won,
    int? Scorer,
    int? Winner);

/// <summary>The six reward components.</summary>
internal static class RewardRules
{
    /// <summary>(2k, components) weighted rewards.</summary>
    public static double[][] Parts(Pitch pitch, TickFacts facts, double progress)
    {
        SoccerRewards weights = pitch.Options.Rewards;
        double Scheduled(double first, double final) => first + (final - first) * progress;
        double[][] byComponent =
        [
            Granted(pitch, Goal(pitch, facts), weights.Goal),
            Granted(pitch, Win(pitch, facts), weights.Win),
            Granted(pitch, BallProgress(pitch, facts), Scheduled(weights.BallProgress, weights.BallProgressFinal)),
            Granted(pitch, Touch(pitch, facts), weights.Touch),
            Weighted(ApproachBall(pitch, facts), Scheduled(weights.ApproachBall, weights.ApproachBallFinal)),
            Weighted(Exertion(pitch, facts), weights.Exertion),
        ];
        return [.. Enumerable.Range(0, pitch.Agents).Select(agent => byComponent.Select(values => values[agent]).ToArray())];
    }

    /// <summary>Φ of a side: how much nearer the ball is to the opponents' goal than to the own, in pitch lengths.</summary>
    public static double Potential(Pitch pitch, Vector ball, int side) =>
        ((ball - pitch.OwnGoal(side)).Length - (ball - pitch.OpponentGoal(side)).Length) / (2 * pitch.HalfLength);

    private static double[] PerAgent(Pitch pitch, Func<int, double> value) => [.. Enumerable.Range(0, pitch.Agents).Select(value)];

    private static double[] Goal(Pitch pitch, TickFacts facts) =>
        PerAgent(pitch, agent => facts.Scorer is null ? 0 : facts.Scorer == pitch.SideOf(agent) ? 1 : -1);

    private static double[] Win(Pitch pitch, TickFacts facts) =>
        PerAgent(pitch, agent => facts.Winner is null ? 0 : facts.Winner == pitch.SideOf(agent) ? 1 : -1);

    private static double[] BallProgress(Pitch pitch, TickFacts facts) => PerAgent(pitch, agent =>
    {
        int side = pitch.SideOf(agent);
        return Potential(pitch, facts.BallAfter, side) - Potential(pitch, facts.Start.Ball.Position, side);
    });

    private static double[] Touch(Pitch pitch, TickFacts facts) => PerAgent(pitch, agent => facts.Won[agent] ? 1 : 0);

    private static double[] ApproachBall(Pitch pitch, TickFacts facts) => PerAgent(pitch, agent =>
    {
        if (facts.Start.Nearest[pitch.SideOf(agent)] != agent % pitch.TeamSize) return 0;
        Vector ball = facts.Start.Ball.Position;
        return (facts.Start.Players[agent].Position - ball).Length - (facts.PlayersMoved[agent].Position - ball).Length;
    });

    private static double[] Exertion(Pitch pitch, TickFacts facts) => PerAgent(pitch, agent => -facts.Actions[agent].Move.LengthSquared);

    // Team credit and zero-sum apply to what the environment grants.
    private static double[] Granted(Pitch pitch, double[] values, double weight)
    {
        double Mean(int side) => values.Skip(side * pitch.TeamSize).Take(pitch.TeamSize).Average();
        bool team = pitch.Options.Credit == SoccerCredit.Team;
        return Weighted(
            PerAgent(pitch, agent =>
            {
                int side = pitch.SideOf(agent);
                double own = team ? Mean(side) : values[agent];
                return pitch.Options.ZeroSum ? 0.5 * (own - Mean(1 - side)) : own;
            }),
            weight);
    }

    private static double[] Weighted(double[] values, double weight) => [.. values.Select(value => value * weight)];
}
