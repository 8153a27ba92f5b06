using Arena.Kernels;
using Arena.Kernels.Environments;
using Arena.Kernels.Environments.Corridor;
using Arena.Kernels.Environments.Soccer;
using Arena.Policy.Networks;
using Arena.Policy.Tests.Networks.Stems;
using Arena.Policy.Weights;

namespace Arena.Policy.Tests.Weights;

/// <summary>Stems in policy files: the same when read back, and refused when they are nonsense; stems by default and by name.</summary>
public sealed class StemTextTests : IDisposable
{
    private static readonly IGame Corridor = Registry.Find("corridor");
    private static readonly IGame Soccer = Registry.Find("soccer");
    private static readonly SoccerOptions EntityOptions = new() { TeamSize = 3, Observation = SoccerObservation.Entities };

    private readonly string folder = Directory.CreateTempSubdirectory("arena-stem-").FullName;

    private string FilePath => Path.Join(folder, "policy.safetensors");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Every_stem_comes_back_as_it_was()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            NetworkSpec spec = (seed % 2 == 0 ? StemShapes.RandomGrid(seed) : StemShapes.RandomEntities(seed)).Spec;
            var parameters = new ParameterLayout(spec);
            PolicyFile.Save(FilePath, new PolicyDescription("game", spec, [], 1, 1), new float[parameters.Length]);
            NetworkSpec read = PolicyFile.Load(FilePath).Description.Network;
            Assert.True(NetworkText.Same(spec, read), StemText.Write(read.Stem));
            Assert.False(NetworkText.Same(spec, spec with { Stem = null }));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""{"kind":"else"}""")]
    [InlineData("""{"kind":"entities","groups":[{"name":"a","offset":0,"count":2,"recordLength":4}],"widths":[16]}""")]
    [InlineData("""{"kind":"entities","groups":[{"name":"a","offset":0,"count":2,"recordLength":4}],"widths":[16],"attentionHeads":0,"more":1}""")]
    [InlineData("""{"kind":"entities","groups":[null],"widths":[16],"attentionHeads":0}""")]
    [InlineData("""{"kind":"entities","groups":null,"widths":[16],"attentionHeads":0}""")]
    [InlineData("""{"kind":"entities","groups":[{"name":"a","offset":-1,"count":2,"recordLength":4}],"widths":[16],"attentionHeads":0}""")]
    [InlineData("""{"kind":"entities","groups":[{"name":"a","offset":0,"count":2147483647,"recordLength":2147483647}],"widths":[16],"attentionHeads":0}""")]
    [InlineData("""{"kind":"entities","groups":[{"name":"../a","offset":0,"count":2,"recordLength":4}],"widths":[16],"attentionHeads":0}""")]
    [InlineData("""{"kind":"entities","groups":[{"name":"a","offset":0,"count":2,"recordLength":4}],"widths":[99999999],"attentionHeads":0}""")]
    [InlineData("""{"kind":"grid","grid":{"offset":0,"rows":99999,"columns":99999,"channels":[{"name":"c","codes":3}]},"fields":[],"convolutions":[{"channels":8,"kernel":1,"stride":1}],"join":"sum"}""")]
    [InlineData("""{"kind":"grid","grid":{"offset":0,"rows":2,"columns":2,"channels":[{"name":"c","codes":3}]},"fields":[],"convolutions":[{"channels":8,"kernel":3,"stride":1}],"join":"sum"}""")]
    [InlineData("""{"kind":"grid","grid":{"offset":0,"rows":2,"columns":2,"channels":[{"name":"c","codes":3}]},"fields":[],"convolutions":[{"channels":8,"kernel":2,"stride":0}],"join":"sum"}""")]
    [InlineData("""{"kind":"grid","grid":{"offset":0,"rows":2,"columns":2,"channels":[{"name":"c","codes":3}]},"fields":[],"convolutions":[{"channels":8,"kernel":2,"stride":1}],"join":1}""")]
    [InlineData("""{"kind":"grid","grid":{"offset":0,"rows":2,"columns":2,"channels":[{"name":"c","codes":3}]},"fields":[],"convolutions":[{"channels":8,"kernel":2,"stride":1}],"join":"sum","join":"sum"}""")]
    public void A_hostile_stem_is_refused(string text)
    {
        NetworkSpec spec = StemShapes.Soccer(0) with { Observations = 64 };
        PolicyFile.Save(FilePath, new PolicyDescription("game", spec, [], 1, 1), new float[new ParameterLayout(spec).Length]);
        SafetensorsContents contents = Safetensors.Read(FilePath);
        Safetensors.Write(FilePath, contents.Tensors, new Dictionary<string, string>(contents.Metadata) { ["stem"] = text });
        Assert.Contains("a network that cannot be built", Assert.Throws<UsageException>(() => PolicyFile.Load(FilePath)).Message);
    }

    [Fact]
    public void The_corridors_bytes_get_a_stem_of_amounts_by_themselves()
    {
        EnvironmentSpec spec = Corridor.Describe(new CorridorOptions { Observation = ObservationKind.Byte });
        var stem = Assert.IsType<GridStem>(DefaultStems.For(spec));
        Assert.Equal((12, 12, true), (stem.Fields.Count, stem.Features(12), stem.Grid is null));
        Assert.Null(DefaultStems.For(Corridor.Describe(new CorridorOptions())));
        Assert.Contains("which bytes are codes", Assert.Throws<UsageException>(() => DefaultStems.For(spec with { Observation = spec.Observation with { ByteFields = [] } })).Message);
    }

    [Fact]
    public void Maps_get_tables_or_convolutions_that_fit_them()
    {
        EnvironmentSpec bytes = Corridor.Describe(new CorridorOptions { Observation = ObservationKind.Byte });
        for (int rows = 1; rows < 24; rows++)
            for (int columns = 1; columns < 24; columns += 3)
                foreach (int codes in new[] { 0, 5 })
                {
                    var grid = new ByteGrid(0, rows, columns, [new("cell", codes)]);
                    NetworkStem stem = DefaultStems.For(bytes with { Observation = new ObservationSpec(ObservationKind.Byte, rows * columns, []) { Grid = grid } })!;
                    Assert.Null(stem.Problem(rows * columns));
                }
    }

    [Fact]
    public void Networks_by_name_are_the_documented_ones_or_refused_with_what_they_need()
    {
        EnvironmentSpec corridor = Corridor.Describe(new CorridorOptions());
        var four = new ActionSpec { Discrete = [new DiscreteHead("turn", 4)] };
        var snake = (GridStem)StemShapes.Snake.Stem!;
        EnvironmentSpec snakeSpec = corridor with { Observation = new ObservationSpec(ObservationKind.Byte, 128, []) { Grid = snake.Grid, ByteFields = snake.Fields }, Action = four };
        Assert.Equal(142_085, new ParameterLayout(NetworkPresets.Create(NetworkPreset.SnakeSmall, snakeSpec)).Length);
        Assert.Equal((NetworkCore.MinGru, 256), (NetworkPresets.Create(NetworkPreset.SnakeLarge, snakeSpec).Core, NetworkPresets.Create(NetworkPreset.SnakeLarge, snakeSpec).CoreWidth));
        NetworkSpec soccer = NetworkPresets.Create(NetworkPreset.SoccerEntity, Soccer.Describe(EntityOptions));
        Assert.Equal((3 * 64 + 2 * 128, NetworkCore.Lstm), (soccer.Features, soccer.Core));
        Assert.Contains("--observation entities", Assert.Throws<UsageException>(() => NetworkPresets.Create(NetworkPreset.SoccerEntity, Soccer.Describe(new SoccerOptions()))).Message);
        Assert.Contains("moba-small reads bytes", Assert.Throws<UsageException>(() => NetworkPresets.Create(NetworkPreset.MobaSmall, snakeSpec with { Observation = corridor.Observation })).Message);
        Assert.Contains("snake-large reads bytes with a square map", Assert.Throws<UsageException>(() => NetworkPresets.Create(NetworkPreset.SnakeLarge, corridor)).Message);
    }

    [Fact]
    public void A_policy_with_a_stem_fits_only_a_game_whose_rows_mean_the_same()
    {
        NetworkSpec spec = NetworkPresets.Create(NetworkPreset.SoccerEntity, Soccer.Describe(EntityOptions)) with { Core = NetworkCore.None, CoreWidth = 0, StateDependentStd = false };
        PolicyFile.Save(FilePath, PolicyDescription.Of(Soccer, EntityOptions, spec, 1, 1), new float[new ParameterLayout(spec).Length]);
        PolicyFile policy = PolicyFile.Load(FilePath);
        policy.CheckFits(Soccer, EntityOptions);
        Assert.Contains("--observation entities", Assert.Throws<UsageException>(() => policy.CheckFits(Soccer, EntityOptions with { Observation = SoccerObservation.Flat })).Message);
    }
}
