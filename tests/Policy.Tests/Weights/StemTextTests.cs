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
    public void Stems_by_name_are_refused_with_what_they_need()
    {
        EnvironmentSpec flat = Soccer.Describe(new SoccerOptions()), entities = Soccer.Describe(EntityOptions);
        Assert.Equal(3 * 64 + 2 * 128, DefaultStems.Create(StemChoice.Entities, entities, 128)!.Features(entities.Observation.Length));
        Assert.Contains("--observation entities", Assert.Throws<UsageException>(() => DefaultStems.Create(StemChoice.Attention, flat, 128)).Message);
        Assert.Contains("a square map", Assert.Throws<UsageException>(() => DefaultStems.Create(StemChoice.Table, flat, 128)).Message);
        Assert.Contains("a map of cells", Assert.Throws<UsageException>(() => DefaultStems.Create(StemChoice.Convolutions, flat, 128)).Message);
    }

    [Fact]
    public void A_policy_with_a_stem_fits_only_a_game_whose_rows_mean_the_same()
    {
        EnvironmentSpec game = Soccer.Describe(EntityOptions);
        var spec = new NetworkSpec(game.Observation.Length, [16], Activation.Relu, 4, []) { Stem = DefaultStems.Create(StemChoice.Entities, game, 16) };
        PolicyFile.Save(FilePath, PolicyDescription.Of(Soccer, EntityOptions, spec, 1, 1), new float[new ParameterLayout(spec).Length]);
        PolicyFile policy = PolicyFile.Load(FilePath);
        policy.CheckFits(Soccer, EntityOptions);
        Assert.Contains("--observation entities", Assert.Throws<UsageException>(() => policy.CheckFits(Soccer, EntityOptions with { Observation = SoccerObservation.Flat })).Message);
    }
}
