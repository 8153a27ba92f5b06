using System.Text.Json;
using Arena.Kernels.Environments.Creature;

namespace Arena.Kernels.Tests.Creature;

/// <summary>docs/creature.schema.json knows the keys that the reader knows.</summary>
public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{ "x": 0 }""", "")]
    [InlineData("""{ "format": "creature-1", "name": "n", "joints": [], "bodies": [{ "id": "a", "shape": "capsule", "x": 0 }, {}] }""", "body")]
    [InlineData("""{ "format": "creature-1", "name": "n", "joints": [], "bodies": [{ "id": "a", "shape": "sphere", "x": 0 }, {}] }""", "body")]
    [InlineData("""{ "format": "creature-1", "name": "n", "joints": [], "bodies": [{ "id": "a", "shape": "box", "x": 0 }, {}] }""", "body")]
    [InlineData("""{ "format": "creature-1", "name": "n", "bodies": [{ "id": "a", "shape": "sphere", "center": [0,0,1], "radius": 0.1 }, { "id": "b", "shape": "sphere", "center": [0,0,1], "radius": 0.1 }], "joints": [{ "type": "ball", "x": 0 }] }""", "joint")]
    [InlineData("""{ "format": "creature-1", "name": "n", "bodies": [{ "id": "a", "shape": "sphere", "center": [0,0,1], "radius": 0.1 }, { "id": "b", "shape": "sphere", "center": [0,0,1], "radius": 0.1 }], "joints": [{ "type": "hinge", "axis": "lift", "x": 0 }] }""", "joint")]
    public void It_allows_the_same_keys(string text, string part)
    {
        string message = Assert.Throws<UsageException>(() => SkeletonReader.Read(text, "s")).Message;
        Assert.Contains("has no key 'x'", message, StringComparison.Ordinal);
        HashSet<string> keys = [.. message[(message.IndexOf("The keys are: ", StringComparison.Ordinal) + 14)..].TrimEnd('.').Split(", ")];
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root(), "docs", "creature.schema.json")));
        JsonElement root = schema.RootElement;
        if (part.Length == 0)
        {
            Assert.Equal(keys, Keys(root));
            return;
        }

        JsonElement described = root.GetProperty("$defs").GetProperty(part);
        HashSet<string> common = Keys(described);
        Assert.Contains(described.GetProperty("oneOf").EnumerateArray(), choice => keys.SetEquals(common.Union(Keys(choice))));
    }

    private static HashSet<string> Keys(JsonElement element) => [.. element.GetProperty("properties").EnumerateObject().Select(property => property.Name)];

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Gpu.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("Gpu.sln was not found above the tests.");
    }
}
