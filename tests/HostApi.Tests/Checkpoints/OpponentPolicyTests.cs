using Arena.HostApi.Cli;

namespace Arena.HostApi.Tests.Checkpoints;

/// <summary><c>--opponent RUN</c>: the policy of another run as an opponent, from the command line to a resumed run that no longer has it.</summary>
public sealed class OpponentPolicyTests : IDisposable
{
    private static readonly string[] Soccer =
    [
        "train", "soccer", "--envs", "16", "--max-ticks", "40", "--horizon", "32", "--evaluate-every", "4096", "--final-games", "2",
        "--evaluation-games", "2", "--gate-games", "2", "--opponent-share", "0.5",
    ];

    private static readonly string[] Long = [.. Soccer, "--team-size", "1", "--agent-steps", "8192", "--hidden-width", "8", "--seed", "4"];

    private readonly string folder = Directory.CreateTempSubdirectory("arena-opponent-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_resumed_run_is_the_same_when_the_opponents_run_is_gone(int shards)
    {
        string other = Train("other"), moved = Path.Join(folder, "moved");
        string[] train = [.. Long, "--shards", $"{shards}", "--opponent", $"chase,{other}:2"];
        Runs.Succeed([.. train, "--runs", Path.Join(folder, "whole")]);
        Runs.Succeed([.. train, "--runs", Path.Join(folder, "parts"), "--until", "4", "--threads", "2"]);
        Directory.Move(other, moved);
        string run = Runs.Only(Path.Join(folder, "parts"));
        Runs.Succeed("train", "--resume", run);
        Runs.AssertSame(Runs.Only(Path.Join(folder, "whole")), run);

        Assert.Contains(Runs.Metrics(run), line => line.Contains("selfplay/scripted:chase/score", StringComparison.Ordinal));
        Assert.Contains(Runs.Metrics(run), line => line.Contains($"selfplay/{other}/score", StringComparison.Ordinal));

        // It played: without it, the run is another one.
        Runs.Succeed([.. Long, "--shards", $"{shards}", "--opponent", "chase", "--runs", Path.Join(folder, "without")]);
        Assert.NotEqual(Last(run), Last(Runs.Only(Path.Join(folder, "without"))));
    }

    [Fact]
    public void What_cannot_be_an_opponent_is_refused_before_a_run_begins()
    {
        string other = Train("other"), runs = Path.Join(folder, "none");
        void Refused(string says, string opponent, int team = 1, int width = 8)
        {
            (int code, _, string error) = Runs.Here([.. Soccer, "--runs", runs, "--team-size", $"{team}", "--hidden-width", $"{width}", "--opponent", opponent]);
            Assert.Equal(ExitCode.Usage, code);
            Assert.Contains(says, error);
            Assert.False(Directory.Exists(runs));
        }

        Refused("no file or run directory './nowhere'", "./nowhere");
        Refused("opponents in training must have the run's own", other, width: 16);
        Refused("It was trained with --team-size 1", $"random,{other}", team: 2);
        Refused("gives it none of the 16 matches", $"random:900,{other}");
    }

    private string Train(string name)
    {
        Runs.Succeed([.. Soccer, "--team-size", "1", "--agent-steps", "1024", "--hidden-width", "8", "--seed", "9", "--runs", Path.Join(folder, name)]);
        return Runs.Only(Path.Join(folder, name));
    }

    private static byte[] Last(string run) => File.ReadAllBytes(Path.Join(run, "last", "policy.safetensors"));
}
