using Arena.Kernels.Common;

namespace Arena.Kernels.Tests.Numbers;

public class EpisodeClockTests
{
    [Theory]
    [InlineData(400, 0, 0, 0, 400)] // no desync: the limit
    [InlineData(400, 1, 0, 1, 400)] // second episode: the limit
    [InlineData(400, 1, 0, 0, 25)] // 400·1/16
    [InlineData(400, 1, 1, 0, 50)]
    [InlineData(400, 1, 14, 0, 375)]
    [InlineData(400, 1, 15, 0, 400)]
    [InlineData(400, 1, 16, 0, 25)] // 16 mod 16 = 0
    [InlineData(400, 1, 37, 0, 150)] // 37 mod 16 = 5: 400·6/16
    [InlineData(10, 1, 2, 0, 1)] // ⌊30/16⌋
    [InlineData(1, 1, 0, 0, 1)] // at least one tick
    [InlineData(1 << 26, 1, 15, 0, 1 << 26)] // the largest limit does not overflow
    [InlineData(400, 1, int.MaxValue, 0, 400)]
    public void The_first_episode_of_a_match_is_cut_only_with_desync(int limit, int desync, int match, int episode, int ticks) =>
        Assert.Equal(ticks, EpisodeClock.Limit(limit, desync, match, episode));
}
