using System.Text;
using System.Text.Json;
using Arena.Kernels;
using Arena.Kernels.Random;
using Arena.Policy.SelfPlay;
using Arena.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace Arena.Policy.Tests.SelfPlay;

/// <summary>Ratings against cases worked by hand, planted strengths, and what must hold for every table.</summary>
public class BradleyTerryTests
{
    private const double Flat = 1e9; // a prior that says nothing

    // Two players: score p means θ = ln(p/(1 − p)); variance 1/(n·p·(1 − p)).
    [Theory]
    [InlineData(0.9, 1024, 381.7)]
    [InlineData(0.75, 256, 190.85)]
    [InlineData(0.5, 1024, 0)]
    [InlineData(0.25, 64, -190.85)]
    public void Two_players_agree_with_the_closed_form(double score, int games, double elo)
    {
        double points = Math.Round(score * games * 2) / 2, p = points / games;
        PlayerRating rating = BradleyTerry.Fit(Table(("a", "random", points, games)), priorElo: Flat).Of("a")!;
        Assert.Equal(elo, rating.Elo, tolerance: 1);
        Assert.Equal(173.7177927613 * Math.Log(p / (1 - p)), rating.Elo, 5);
        Assert.Equal(173.7177927613 / Math.Sqrt(games * p * (1 - p)), rating.Error, 5);
        Assert.Equal((RatingBound.Estimate, games), (rating.Bound, rating.Games));
    }

    [Fact]
    public void One_even_pairing_of_1024_games_has_a_standard_error_of_10_9_Elo()
    {
        RatingFit fit = BradleyTerry.Fit(Table(("a", "random", 512, 1024)));
        Assert.Equal(10.9, fit.Of("a")!.Error, 1);
        Assert.Equal((0.0, 0.0), (fit.Of("random")!.Elo, fit.Of("random")!.Error));
        Assert.Equal(0.9, BradleyTerry.ExpectedScore(381.7), 4);
    }

    // A chain random – a – b without a third pairing: each link has its closed form, and variances add up.
    [Fact]
    public void Three_players_in_a_chain_agree_with_the_closed_form()
    {
        RatingFit fit = BradleyTerry.Fit(Table(("a", "random", 75, 100), ("b", "a", 60, 100)), priorElo: Flat);
        double ofA = 173.7177927613 * Math.Log(3), step = 173.7177927613 * Math.Log(1.5);
        double varianceA = Math.Pow(173.7177927613, 2) / (100 * 0.75 * 0.25), varianceStep = Math.Pow(173.7177927613, 2) / (100 * 0.6 * 0.4);
        Assert.Equal(ofA, fit.Of("a")!.Elo, 5);
        Assert.Equal(ofA + step, fit.Of("b")!.Elo, 5);
        Assert.Equal(Math.Sqrt(varianceA + varianceStep), fit.Of("b")!.Error, 5);
        Assert.Equal(Math.Sqrt(varianceStep), fit.DifferenceError("a", "b"), 5); // not √(A + B): both hang on the same link
    }

    // A ring in which everybody wins 60 of 100 against the next: by symmetry all are equal.
    [Fact]
    public void Three_players_in_a_ring_are_equal()
    {
        RatingFit fit = BradleyTerry.Fit(Table(("a", "b", 60, 100), ("b", "random", 60, 100), ("random", "a", 60, 100)));
        Assert.Equal(0, fit.Of("a")!.Elo, 6);
        Assert.Equal(0, fit.Of("b")!.Elo, 6);
    }

    // One win in one game, τ = 173.72 (one unit): the gradient 1 − σ(θ) − θ vanishes at θ = 0.401058..., with curvature σ(1 − σ) + 1.
    [Fact]
    public void The_prior_agrees_with_a_case_worked_by_hand()
    {
        PlayerRating rating = BradleyTerry.Fit(Table(("a", "random", 1, 1)), priorElo: BradleyTerry.EloPerUnit).Of("a")!;
        double theta = rating.Elo / BradleyTerry.EloPerUnit, sigma = 1 / (1 + Math.Exp(-theta));
        Assert.Equal(0.401058, theta, 6);
        Assert.Equal(0, 1 - sigma - theta, 10);
        Assert.Equal(1 / Math.Sqrt(sigma * (1 - sigma) + 1), rating.Error / BradleyTerry.EloPerUnit, 8);
        Assert.Equal(RatingBound.AtLeast, rating.Bound);
    }

    [Fact]
    public void One_sided_and_disconnected_tables_have_finite_ratings_and_say_how_to_read_them()
    {
        RatingFit fit = BradleyTerry.Fit(Table(
            ("best", "random", 256, 256), ("best", "good", 200, 256), ("good", "random", 250, 256), // good lost points, best only to good
            ("never", "best", 64, 64), ("worst", "random", 0, 64), ("island", "atoll", 30, 64)));
        Assert.All(fit.Ratings, rating => Assert.True(double.IsFinite(rating.Elo) && double.IsFinite(rating.Error)));
        Assert.Equal(RatingBound.Estimate, fit.Of("best")!.Bound); // good took points from it, and random from good
        Assert.Equal(RatingBound.Estimate, fit.Of("good")!.Bound);
        Assert.Equal(RatingBound.AtLeast, fit.Of("never")!.Bound);
        Assert.Equal(RatingBound.AtMost, fit.Of("worst")!.Bound);
        Assert.Equal(RatingBound.Unknown, fit.Of("island")!.Bound);
        Assert.True(fit.Of("never")!.Elo > fit.Of("best")!.Elo && fit.Of("worst")!.Elo < 0);
        // Nobody of these two ever lost to anybody else, so both are known from below only.
        RatingFit pair = BradleyTerry.Fit(Table(("x", "y", 32, 64), ("x", "random", 64, 64), ("y", "random", 64, 64)));
        Assert.Equal((RatingBound.AtLeast, RatingBound.AtLeast), (pair.Of("x")!.Bound, pair.Of("y")!.Bound));
    }

    [Fact]
    public void Without_results_only_the_anchor_is_known_and_without_the_anchor_nobody_is()
    {
        Assert.Equal("random", Assert.Single(BradleyTerry.Fit(new ResultsTable()).Ratings).Player);
        RatingFit fit = BradleyTerry.Fit(Table(("a", "b", 48, 64)));
        Assert.Equal(fit.Of("a")!.Elo, -fit.Of("b")!.Elo, 6); // centred by the prior
        Assert.Equal(RatingBound.Unknown, fit.Of("a")!.Bound);
        Assert.Null(fit.Of("c"));
    }

    /// <summary>T23: 200 ladders with planted ratings; everybody within three standard errors in at least 95 % of them.</summary>
    [Fact]
    public void Planted_ratings_are_recovered_within_three_standard_errors()
    {
        Assert.True(Recovered(LaddersFit) >= 190, $"{Recovered(LaddersFit)} of 200");
        // Planted bugs: a fit that ignores who the opponent was, and one whose standard errors are half of what they should be.
        Assert.True(Recovered(table => Ignoring(table)) < 100);
        Assert.True(Recovered(table => [.. LaddersFit(table).Select(rating => (rating.Elo, rating.Error / 2))]) < 190);

        static (double Elo, double Error)[] LaddersFit(ResultsTable table) => [.. Names.Select(name => BradleyTerry.Fit(table).Of(name)!).Select(rating => (rating.Elo, rating.Error))];

        static (double Elo, double Error)[] Ignoring(ResultsTable table) => [.. LaddersFit(table).Select((rating, i) =>
        {
            double games = table.Games(Names[i]), points = table.Players.Where(other => other != Names[i]).Sum(other => table.Points(Names[i], other));
            double p = Math.Clamp(points / games, 0.01, 0.99);
            return (BradleyTerry.EloPerUnit * Math.Log(p / (1 - p)), rating.Error);
        })];
    }

    [Fact]
    public void The_order_of_results_and_of_names_changes_no_bit() =>
        Prop.ForAll(Tables(), entries =>
        {
            ResultsTable forward = Table(entries), backward = Table([.. entries.Reverse().Select(e => (e.Opponent, e.Player, e.Games - e.Points, e.Games))]);
            Assert.Equal(BradleyTerry.Fit(forward).Ratings, BradleyTerry.Fit(backward).Ratings);
        }).Check(TestSize.Cases(50, 1000));

    [Fact]
    public void More_points_never_lower_a_rating_and_never_raise_the_opponents() =>
        Prop.ForAll(Tables(), entries =>
        {
            RatingFit before = BradleyTerry.Fit(Table(entries)), after = BradleyTerry.Fit(Table([.. entries, (entries[0].Player, entries[0].Opponent, 10, 10)]));
            if (entries[0].Player != "random") Assert.True(after.Of(entries[0].Player)!.Elo >= before.Of(entries[0].Player)!.Elo - 1e-6);
            if (entries[0].Opponent != "random") Assert.True(after.Of(entries[0].Opponent)!.Elo <= before.Of(entries[0].Opponent)!.Elo + 1e-6);
        }).Check(TestSize.Cases(50, 1000));

    [Fact]
    public void Twice_the_games_have_smaller_errors() =>
        Prop.ForAll(Tables(), entries =>
        {
            ResultsTable once = Table(entries), twice = Table(entries);
            twice.Merge(once);
            RatingFit a = BradleyTerry.Fit(once), b = BradleyTerry.Fit(twice);
            // Ratings at the edge of the prior move with more games, and further out a game says less; so only those well inside.
            foreach (PlayerRating rating in a.Ratings)
                if (rating.Player != "random" && rating.Bound == RatingBound.Estimate && rating.Error < 100) Assert.True(b.Of(rating.Player)!.Error < rating.Error);
        }).Check(TestSize.Cases(50, 1000));

    // The gradient is recomputed here, from the definition, at the fitted ratings.
    [Fact]
    public void The_fit_is_a_maximum_of_the_stated_objective() =>
        Prop.ForAll(Tables(), entries =>
        {
            ResultsTable table = Table(entries);
            RatingFit fit = BradleyTerry.Fit(table);
            double tau = 1000 * Math.Log(10) / 400;
            foreach (PlayerRating i in fit.Ratings)
            {
                if (i.Player == "random") continue;
                double theta = i.Elo * Math.Log(10) / 400, gradient = -theta / (tau * tau);
                foreach (PlayerRating j in fit.Ratings)
                    if (j.Player != i.Player) gradient += table.Points(i.Player, j.Player) - table.Games(i.Player, j.Player) / (1 + Math.Pow(10, (j.Elo - i.Elo) / 400));
                Assert.Equal(0, gradient, 6);
            }
        }).Check(TestSize.Cases(50, 1000));

    [Fact]
    public void A_table_reads_back_and_refuses_what_cannot_be()
    {
        ResultsTable table = Table(("b", "a", 3.5, 8), ("a", "random", 8, 8), ("b", "a", 1, 2));
        Assert.Equal((4.5, 5.5, 10), (table.Points("b", "a"), table.Points("a", "b"), table.Games("a", "b")));
        Assert.Equal(18, table.Games("a"));
        Assert.Equal(0, table.Points("b", "random"));
        Assert.Equal(table.Pairings, ResultsTable.Read(JsonDocument.Parse(Json(table)).RootElement).Pairings);
        Assert.Throws<ArgumentException>(() => table.Add("a", "a", 1, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add("a", "b", 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add("a", "b", 0.3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Add("a", "b", double.NaN, 2));
        Assert.Contains("damaged", Assert.Throws<UsageException>(() => ResultsTable.Read(JsonDocument.Parse(Json(table).Replace("5.5", "50.5")).RootElement)).Message);
        Assert.Throws<UsageException>(() => ResultsTable.Read(JsonDocument.Parse("""[{"player":"a"}]""").RootElement));
        Assert.Throws<UsageException>(() => ResultsTable.Read(JsonDocument.Parse("3").RootElement));
        table.Remove("a");
        Assert.Empty(table.Players);
    }

    private static readonly string[] Names = ["p0", "p1", "p2", "p3", "p4", "p5", "p6"];

    private static int Recovered(Func<ResultsTable, (double Elo, double Error)[]> fit)
    {
        int recovered = 0;
        for (uint ladder = 0; ladder < 200; ladder++)
        {
            (double[] planted, ResultsTable table) = Simulated(ladder);
            (double Elo, double Error)[] fitted = fit(table);
            if (fitted.Select((rating, i) => Math.Abs(rating.Elo - planted[i]) <= 3 * rating.Error).All(near => near)) recovered++;
        }

        return recovered;
    }

    // Ratings of −100…800, every one plays its neighbours and random, a tenth of the games drawn.
    private static (double[] Planted, ResultsTable Table) Simulated(uint ladder)
    {
        var table = new ResultsTable();
        double[] planted = [.. Names.Select((_, i) => -100 + 900 * (double)Philox.Uniform(Draw(ladder, 0, (uint)i)))];
        uint game = 1;
        for (int i = 0; i < Names.Length; i++)
        {
            Play(Names[i], "random", planted[i], 64);
            for (int j = i + 1; j < Math.Min(i + 3, Names.Length); j++) Play(Names[i], Names[j], planted[i] - planted[j], 128);
        }

        return (planted, table);

        void Play(string a, string b, double elo, int games)
        {
            double points = 0, p = BradleyTerry.ExpectedScore(elo);
            double draw = 0.2 * Math.Min(p, 1 - p); // as many draws as leave the expected score as it is
            for (int i = 0; i < games; i++)
            {
                double u = Philox.Uniform(Draw(ladder, game++, 0));
                points += u < p - draw / 2 ? 1 : u < p + draw / 2 ? 0.5 : 0;
            }

            table.Add(a, b, points, games);
        }
    }

    private static uint Draw(uint ladder, uint game, uint slot) => Philox.Block(new UInt4(ladder, game, slot, 0), 5, 6).X;

    private static ResultsTable Table(params (string Player, string Opponent, double Points, long Games)[] entries)
    {
        var table = new ResultsTable();
        foreach ((string player, string opponent, double points, long games) in entries) table.Add(player, opponent, points, games);
        return table;
    }

    private static Arbitrary<(string Player, string Opponent, double Points, long Games)[]> Tables()
    {
        Gen<(string, string, double, long)> entry =
            from i in Gen.Choose(0, 5)
            from j in Gen.Choose(1, 5)
            from games in Gen.Choose(1, 200)
            from steps in Gen.Choose(0, GamePairs.Steps * games)
            select (Name(i), Name((i + j) % 6), (double)steps / GamePairs.Steps, (long)games);
        return entry.NonEmptyListOf().Select(list => list.ToArray()).ToArbitrary();

        static string Name(int i) => i == 0 ? "random" : $"q{i}";
    }

    private static string Json(ResultsTable table)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory)) table.Write(writer);
        return Encoding.UTF8.GetString(memory.ToArray());
    }
}
