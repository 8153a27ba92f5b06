using Arena.Kernels.Device;
using Arena.Kernels.Learning;
using Arena.Kernels.Random;

namespace Arena.Kernels.Tests.Learning;

public class OrderTests
{
    [Fact]
    public void Every_order_of_1_to_2000_is_a_permutation()
    {
        for (int count = 1; count <= 2_000; count++)
        {
            IndexPermutation order = Order(count, 0);
            var seen = new bool[count];
            for (int place = 0; place < count; place++)
            {
                int index = order.At(place);
                Assert.InRange(index, 0, count - 1);
                Assert.False(seen[index], $"count {count}: index {index} comes twice");
                seen[index] = true;
            }
        }
    }

    [Fact]
    public void Orders_differ_between_epochs_and_leave_few_places_alone()
    {
        const int Count = 768;
        IndexPermutation first = Order(Count, 0), second = Order(Count, 1);
        int same = 0, unmoved = 0;
        for (int place = 0; place < Count; place++)
        {
            if (first.At(place) == second.At(place)) same++;
            if (first.At(place) == place) unmoved++;
        }

        Assert.InRange(same, 0, 8); // 1 expected
        Assert.InRange(unmoved, 0, 8);
    }

    [Fact]
    public void Every_index_comes_to_every_place_about_equally_often()
    {
        const int Count = 96, Draws = 9_600;
        var seen = new int[Count * Count];
        for (uint epoch = 0; epoch < Draws; epoch++)
            for (int place = 0; place < Count; place++)
                seen[place * Count + Order(Count, epoch).At(place)]++;
        double expected = (double)Draws / Count;
        double chiSquared = seen.Sum(n => (n - expected) * (n - expected) / expected);
        Assert.InRange(chiSquared, 8_500, 9_675); // 95² degrees of freedom, standard deviation 134
    }

    [Fact]
    public void Minibatches_hold_every_row_of_the_rollout_once_and_whole_segments()
    {
        const int Rows = 10, Horizon = 12, Segment = 4, Width = 3;
        int total = Rows * Horizon, segments = total / Segment;
        using var memory = new LearningMemory(threads: 3);
        RolloutViews rollout = Numbered(memory, total, Width), minibatch = Numbered(memory, total, Width), each = Numbered(memory, total, Width);
        var gather = new GatherRows { Rollout = rollout, Minibatch = minibatch, Order = Order(segments, 0), SegmentLength = Segment, Rows = Rows, ObservationLength = Width, Components = 2 };
        minibatch.Observations.AsSpan().Clear();
        minibatch.ByteObservations.AsSpan().Clear();
        memory.Device.Launch(gather, total);
        gather.Minibatch = each;
        LearningMemory.RunEach(gather, total);

        int[] sources = [.. minibatch.LogProbs.AsSpan().ToArray().Select(f => (int)f)];
        Assert.Equal(Enumerable.Range(0, total), sources.Order());
        for (int i = 0; i < total; i++)
        {
            if (i % Segment != 0) Assert.Equal(sources[i - 1] + Rows, sources[i]); // the next slot of the same row
            else Assert.Equal(0, sources[i] / Rows % Segment);
            for (int k = 0; k < Width; k++) Assert.Equal(sources[i] * Width + k, minibatch.Observations[i * Width + k]);
            for (int k = 0; k < Width; k++) Assert.Equal((byte)(sources[i] * Width + k), minibatch.ByteObservations[i * Width + k]);
            Assert.Equal(rollout.EpisodeStart[sources[i]], minibatch.EpisodeStart[i]);
            for (int k = 0; k < 2; k++) Assert.Equal(sources[i] * 2 + k, minibatch.ContinuousActions[i * 2 + k]);
            Assert.Equal(sources[i], minibatch.Returns[i]);
            Assert.Equal(rollout.RowWeights[sources[i]], minibatch.RowWeights[i]);
        }

        Assert.Equal(each.Observations.AsSpan().ToArray(), minibatch.Observations.AsSpan().ToArray());
        Assert.Equal(each.ByteObservations.AsSpan().ToArray(), minibatch.ByteObservations.AsSpan().ToArray());
        Assert.Equal(each.Advantages.AsSpan().ToArray(), minibatch.Advantages.AsSpan().ToArray());
    }

    [Fact]
    public void A_minibatchs_segments_begin_with_their_own_states()
    {
        const int Rows = 10, Chunks = 3, Size = 4;
        using var memory = new LearningMemory(threads: 3);
        View<float> states = memory.Of(Enumerable.Range(0, Chunks * Rows * Size).Select(i => (float)i).ToArray()), minibatch = memory.Zeros<float>(12 * Size);
        IndexPermutation order = Order(Chunks * Rows, 0);
        memory.Device.Launch(new GatherStates { SegmentStates = states, Minibatch = minibatch, Order = order, FirstSegment = 7, StateSize = Size }, 12);
        for (int place = 0; place < 12; place++)
            for (int i = 0; i < Size; i++) Assert.Equal(order.At(7 + place) * Size + i, minibatch[place * Size + i]);
    }

    [Theory]
    [InlineData(0.25, 128, 32)]
    [InlineData(0.5, 128, 64)]
    [InlineData(0, 128, 0)]
    [InlineData(1, 128, 128)]
    [InlineData(0.1, 100, 10)]
    public void The_share_of_opposed_matches_is_the_one_asked_for(double share, int matches, int expected)
    {
        int units = (int)Math.Round(share * AssignOpponents.WholeShare);
        int opposed = Enumerable.Range(0, matches).Count(match => AssignOpponents.HasOpponent(match, units));
        Assert.InRange(opposed, expected - 1, expected);
        int again = Enumerable.Range(1_000_000, matches).Count(match => AssignOpponents.HasOpponent(match, units));
        Assert.InRange(again, expected - 1, expected + 1);
    }

    [Fact]
    public void The_learner_changes_sides_with_the_episode_and_only_its_active_rows_count()
    {
        using var memory = new LearningMemory();
        const int Matches = 8, PerSide = 3;
        var assign = new AssignOpponents
        {
            EpisodesFinished = memory.Zeros<int>(Matches),
            RowActive = memory.Of(Enumerable.Repeat((byte)1, Matches * 2 * PerSide).ToArray()),
            Opponents = memory.Zeros<int>(Matches),
            Previous = memory.Zeros<int>(Matches),
            Drawn = memory.Zeros<int>(Matches),
            Controllers = memory.Zeros<byte>(Matches * 2),
            RowWeights = memory.Zeros<byte>(Matches * 2 * PerSide),
            ShareUnits = AssignOpponents.WholeShare / 4,
            Listed = memory.Of<byte>([1]),
            Sides = 2,
            AgentsPerSide = PerSide,
        };
        assign.RowActive[1] = 0;
        for (int episode = 0; episode < 3; episode++)
        {
            assign.EpisodesFinished.AsSpan().Fill(episode);
            memory.Device.Launch(assign, Matches);
            for (int match = 0; match < Matches; match++)
                for (int side = 0; side < 2; side++)
                {
                    bool learner = match % 4 != 3 || side == (match + episode) % 2;
                    Assert.Equal(learner ? 0 : 1, assign.Controllers[match * 2 + side]);
                    for (int agent = 0; agent < PerSide; agent++)
                    {
                        int row = (match * 2 + side) * PerSide + agent;
                        Assert.Equal(learner && row != 1 ? 1 : 0, assign.RowWeights[row]);
                    }
                }
        }
    }

    private static IndexPermutation Order(int count, uint epoch) =>
        new(count, LearnerRandom.Draw(11, epoch, 3, LearnerPurpose.SegmentPermutation, 0));

    private static RolloutViews Numbered(LearningMemory memory, int rows, int width)
    {
        float[] number = [.. Enumerable.Range(0, rows).Select(i => (float)i)];
        return new RolloutViews
        {
            Observations = memory.Of(Enumerable.Range(0, rows * width).Select(i => (float)i).ToArray()),
            ContinuousActions = memory.Of(Enumerable.Range(0, rows * 2).Select(i => (float)i).ToArray()),
            LogProbs = memory.Of(number),
            Values = memory.Of(number),
            Advantages = memory.Of(number),
            Returns = memory.Of(number),
            RowWeights = memory.Of(Enumerable.Range(0, rows).Select(i => (byte)(i % 3 == 0 ? 0 : 1)).ToArray()),
            EpisodeStart = memory.Of(Enumerable.Range(0, rows).Select(i => (byte)(i % 7 == 0 ? 1 : 0)).ToArray()),
            ByteObservations = memory.Of(Enumerable.Range(0, rows * width).Select(i => (byte)i).ToArray()),
        };
    }
}
