using Arena.Kernels.Environments;
using System.Collections.Immutable;
using Arena.Kernels.Environments.Soccer;

namespace Arena.Validation.Soccer;

/// <summary>One soccer match as pure functions of its state, in double precision; the rules in the order of the game's README.</summary>
/// <param name="options">Configuration.</param>
/// <param name="seed">Key of all draws.</param>
/// <param name="match">Global number of the match.</param>
public sealed class SoccerMatch(SoccerOptions options, ulong seed, int match)
{
    /// <summary>The configuration's numbers.</summary>
    public Pitch Pitch { get; } = new(options);

    /// <summary>The state in which an episode begins.</summary>
    public GameState Begin(int episode) => StartRules.Episode(Pitch, seed, match, episode, new Margins(Pitch));

    /// <summary>The state after one tick.</summary>
    public GameState Next(GameState state, PlayerAction[] actions) => Play(state, actions, 0).Next;

    /// <summary>What <paramref name="agent"/> sees of <paramref name="state"/>; (O) float, team frame.</summary>
    public double[] Observe(GameState state, int agent) => ObservationRules.Row(Pitch, state, agent);

    /// <summary>One tick with everything it brings about.</summary>
    /// <param name="start">The match before the tick.</param>
    /// <param name="actions">(2k) what players do.</param>
    /// <param name="progress">Progress of the reward schedule, 0..1.</param>
    /// <param name="reading">Which of <see cref="TickResult.Readings"/> to follow; null = as computed.</param>
    public TickResult Play(GameState start, IReadOnlyList<PlayerAction> actions, double progress, int? reading = null)
    {
        var margins = new Margins(Pitch, reading);
        ImmutableArray<Body> players = PlayerRules.Accelerate(Pitch, start.Players, actions);
        players = PlayerRules.Move(Pitch, players, margins);
        players = PlayerRules.Collide(Pitch, players, margins);

        var untouched = new Touching(start.Touch, start.Statistics, [.. new bool[Pitch.Agents]]);
        KickResult kick = KickRules.Play(Pitch, start.Ball, players, actions, untouched, margins);
        BallMove move = BallRules.Move(Pitch, kick.Ball, players, kick.Kickers, kick.Touching, margins);
        Body ball = BallRules.Leave(Pitch, move, players, margins);
        margins.BallSeen();

        GameState played = EndOfTick(start, players, ball, move, margins);
        (bool terminated, bool truncated) = Ends(start, played, move.Scorer is not null);
        int? winner = (terminated || truncated) && played.Score[0] != played.Score[1] ? (played.Score[0] > played.Score[1] ? 0 : 1) : null;
        var facts = new TickFacts(start, players, ball.Position, actions, move.Touching.Won, move.Scorer, winner);
        double[][] parts = RewardRules.Parts(Pitch, facts, progress);
        played = played with { Statistics = CountTick(played, start, players, parts, move.Scorer, winner, margins) };

        GameState next = terminated || truncated ? StartRules.Episode(Pitch, seed, match, start.Episode + 1, margins)
            : move.Scorer is { } scorer ? StartRules.KickOff(Pitch, seed, match, played, start.Tick, 1 - scorer, margins)
            : played;
        return new TickResult
        {
            Played = played,
            Next = next,
            RewardParts = parts,
            Scorer = move.Scorer,
            Terminated = terminated,
            Truncated = truncated,
            NearBoundary = margins.Reason,
            Amplification = margins.Amplification,
            Readings = margins.Readings,
        };
    }

    // Score, clock, the ball's way, what players remember: all that does not depend on what comes next.
    private GameState EndOfTick(GameState start, ImmutableArray<Body> players, Body ball, BallMove move, Margins margins)
    {
        LastTouch touch = move.Touching.Last;
        if (touch.Agent != SoccerConstants.Nobody)
            touch = touch with { Way = touch.Way + (ball.Position - start.Ball.Position).Length };
        int tick = start.Tick + 1;
        return start with
        {
            Players = players,
            Ball = ball,
            BallHistory = start.BallHistory.SetItem(tick % SoccerConstants.HistoryLength, ball),
            Score = move.Scorer is { } side ? start.Score.SetItem(side, start.Score[side] + 1) : start.Score,
            Nearest = StartRules.Nearest(Pitch, players, ball.Position, margins),
            Touch = touch,
            Tick = tick,
            Statistics = move.Touching.Statistics,
        };
    }

    // Step 8. Never both; terminated wins.
    private (bool Terminated, bool Truncated) Ends(GameState start, GameState played, bool goal)
    {
        bool fullTime = played.Tick >= options.MaxTicks;
        bool cut = played.Tick >= FirstEpisodeLimit(start.Episode);
        bool won = options.GoalsToWin > 0 && Math.Max(played.Score[0], played.Score[1]) >= options.GoalsToWin;
        bool clockTerminates = options.Clock == ClockEnd.Terminate || options.Rewards.Win != 0;
        bool terminated = (goal && options.EndOnGoal) || won || (fullTime && clockTerminates);
        return (terminated, !terminated && (fullTime || cut));
    }

    // With desync, the first episode of match m lasts (1 + m mod 16) sixteenths of the limit, but at least one tick.
    private int FirstEpisodeLimit(int episode) =>
        options.Desync && episode == 0 ? Math.Max(1, (int)((long)options.MaxTicks * (1 + match % 16) / 16)) : options.MaxTicks;

    private ImmutableArray<double> CountTick(
        GameState played, GameState start, ImmutableArray<Body> players, double[][] parts, int? scorer, int? winner, Margins margins)
    {
        double[] statistics = [.. played.Statistics];
        if (scorer is { } side) statistics[SoccerStatistic.Goals + side]++;
        if (played.Touch.Agent != SoccerConstants.Nobody) statistics[SoccerStatistic.Possession + Pitch.SideOf(played.Touch.Agent)]++;
        for (int agent = 0; agent < Pitch.Agents; agent++)
            statistics[SoccerStatistic.Distance + Pitch.SideOf(agent)] += (players[agent].Position - start.Players[agent].Position).Length;
        statistics[SoccerStatistic.Ticks]++;
        statistics[SoccerStatistic.Winner] = winner is null ? 0 : winner == 0 ? 1 : -1;
        for (int component = 0; component < SoccerReward.Count; component++)
        {
            statistics[SoccerStatistic.Rewards + 2 * component] += parts.Take(Pitch.TeamSize).Average(row => row[component]);
            statistics[SoccerStatistic.Rewards + 2 * component + 1] += parts.Skip(Pitch.TeamSize).Average(row => row[component]);
        }

        statistics[SoccerStatistic.BallBins + BallBin(played.Ball.Position.X, margins)]++;
        return [.. statistics];
    }

    private int BallBin(double x, Margins margins)
    {
        const int Bins = SoccerConstants.BallBins;
        // A ball at rest on the centre, or so near that x vanishes beside HalfLength, is exactly on an edge in floats too.
        if (x == 0 || Math.Abs(x) + margins.BallPosition < margins.Vanishing) return Bins / 2;
        double place = Bins * (x + Pitch.HalfLength) / (2 * Pitch.HalfLength);
        double edge = Math.Round(place);
        // The pitch's ends belong to the outer bins.
        if (edge is > 0 and < Bins)
            margins.Threshold((place - edge) * 2 * Pitch.HalfLength / Bins, margins.Hair + 4 * margins.BallPosition, "the ball at the very edge of two bins");
        return Math.Clamp((int)Math.Floor(place), 0, Bins - 1);
    }
}
