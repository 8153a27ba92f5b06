using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Reads a skeleton from JSON text (format "creature-1") and checks every rule of the format.</summary>
public static partial class SkeletonReader
{
    /// <summary>The only value of the key "format".</summary>
    public const string Format = "creature-1";

    /// <summary>Reads and checks <paramref name="text"/>.</summary>
    /// <param name="text">JSON; comments and trailing commas are allowed.</param>
    /// <param name="source">File name or other origin, for messages.</param>
    /// <exception cref="UsageException">the first rule that is broken: source, JSON path, value, rule.</exception>
    public static SkeletonFile Read(string text, string source)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException broken)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture,
                $"{source}: not JSON (line {broken.LineNumber + 1}, character {broken.BytePositionInLine + 1}). A skeleton is one JSON object with \"format\": \"{Format}\" (docs/creatures.md)."));
        }

        using (document)
        {
            SkeletonFile file = Skeleton(new JsonPlace(source, "$", document.RootElement));
            SkeletonRules.Check(file, source);
            return file;
        }
    }

    private static SkeletonFile Skeleton(JsonPlace root)
    {
        root.Keys("format", "name", "density", "friction", "restitution", "strength", "planar", "bodies", "joints");
        JsonPlace format = root.Required("format");
        if (format.Text() != Format) throw format.Broken($"must be \"{Format}\"");
        JsonPlace name = root.Required("name");
        if (!NameForm().IsMatch(name.Text())) throw name.Broken("a name is 1 to 40 characters of a-z, 0-9, '_' and '-'");
        SkeletonBody[] bodies = [.. root.Required("bodies").Items(2, CreatureConstants.MaxBodies, "bodies").Select(Body)];
        SkeletonJoint[] joints = [.. root.Required("joints").Items(0, CreatureConstants.MaxBodies, "joints").Select(Joint)];
        return new SkeletonFile
        {
            Name = name.Text(),
            Density = root.Number("density", 50, 5000) ?? 500,
            Friction = root.Number("friction", 0, 2) ?? 0.9,
            Restitution = root.Number("restitution", 0, 0.9) ?? 0,
            Strength = root.Number("strength", 0.05, 2) ?? 0.4,
            Planar = root.Flag("planar") ?? false,
            Bodies = bodies,
            Joints = joints,
        };
    }

    private static SkeletonBody Body(JsonPlace body)
    {
        string id = body.Required("id").Text();
        if (id.Length == 0) throw body.Required("id").Broken("an id has at least one character");
        SkeletonShape shape = body.Required("shape").Choice<SkeletonShape>();
        string[] measures = shape switch
        {
            SkeletonShape.Capsule => ["from", "to", "radius"],
            SkeletonShape.Sphere => ["center", "radius"],
            _ => ["center", "half"],
        };
        body.Keys([.. measures, "id", "shape", "mass", "density", "friction", "restitution", "foot", "fatal"]);
        bool capsule = shape == SkeletonShape.Capsule, box = shape == SkeletonShape.Box;
        var read = new SkeletonBody
        {
            Id = id,
            Shape = shape,
            From = capsule ? body.Required("from").Point(-10, 10) : default,
            To = capsule ? body.Required("to").Point(-10, 10) : default,
            Center = capsule ? default : body.Required("center").Point(-10, 10),
            Half = box ? body.Required("half").Point(0.005, 5) : default,
            Radius = box ? 0 : body.Required("radius").Within(0.005, 1),
            Mass = body.Number("mass", 0.02, 200),
            Density = body.Number("density", 50, 5000),
            Friction = body.Number("friction", 0, 2),
            Restitution = body.Number("restitution", 0, 0.9),
            Foot = body.Flag("foot") ?? false,
            Fatal = body.Flag("fatal"),
        };
        if (capsule && (read.To - read.From).Length < 1e-3) throw body.Required("to").Broken("the ends of a capsule are at least 1 mm apart; use a sphere");
        if (read.Mass is not null && read.Density is not null) throw body.Required("density").Broken("give a mass or a density, not both");
        return read;
    }

    private static SkeletonJoint Joint(JsonPlace joint)
    {
        SkeletonJointType type = joint.Required("type").Choice<SkeletonJointType>();
        bool ball = type == SkeletonJointType.Ball;
        joint.Keys([.. ball ? (string[])["limits"] : ["range", "axis"], "parent", "child", "at", "type", "torque", "stiffness", "damping", "driven"]);
        SkeletonAxis? named = null;
        Double3 own = default;
        if (!ball)
        {
            JsonPlace axis = joint.Required("axis");
            if (axis.IsText) named = axis.Choice<SkeletonAxis>();
            else own = axis.Point(-1000, 1000);
            if (named is null && own.Length < 1e-6) throw axis.Broken("the axis of a hinge is \"twist\", \"lift\", \"swing\" or a vector that is not zero");
        }

        JsonPlace limits = ball ? joint.Required("limits") : default;
        if (ball) limits.Keys("twist", "lift", "swing");
        return new SkeletonJoint
        {
            Parent = joint.Required("parent").Text(),
            Child = joint.Required("child").Text(),
            At = joint.Required("at").Point(-10, 10),
            Type = type,
            Twist = ball ? Limit(limits.Required("twist")) : default,
            Lift = ball ? Limit(limits.Required("lift")) : default,
            Swing = ball ? Limit(limits.Required("swing")) : default,
            Range = ball ? default : Limit(joint.Required("range")),
            NamedAxis = named,
            Axis = own,
            Torque = joint.Number("torque", 0, 1e4),
            Stiffness = joint.Number("stiffness", 0, 1e6),
            Damping = joint.Number("damping", 0, 400),
            Driven = joint.Flag("driven") ?? true,
        };
    }

    private static SkeletonLimit Limit(JsonPlace place)
    {
        JsonPlace[] ends = [.. place.Items(2, 2, "numbers")];
        var limit = new SkeletonLimit(ends[0].Within(-150, 150), ends[1].Within(-150, 150));
        if (limit.Low > 0 || limit.High < 0) throw place.Broken("a limit is [low, high] in degrees with low ≤ 0 ≤ high: 0 is the rest pose");
        return limit;
    }

    [GeneratedRegex("^[a-z0-9_-]{1,40}$")]
    private static partial Regex NameForm();
}

/// <summary>An element of a JSON text with its path, for messages.</summary>
internal readonly struct JsonPlace(string source, string path, JsonElement element)
{
    private JsonValueKind Kind => element.ValueKind;

    internal bool IsText => Kind == JsonValueKind.String;

    internal UsageException Broken(string rule)
    {
        string value = element.GetRawText();
        return new UsageException($"{source}: {path} is {(value.Length <= 60 ? value : value[..57] + "...")}: {rule}.");
    }

    internal void Keys(params string[] allowed)
    {
        if (Kind != JsonValueKind.Object) throw Broken("must be an object");
        var seen = new HashSet<string>();
        foreach (JsonProperty property in element.EnumerateObject())
        {
            if (!allowed.Contains(property.Name))
                throw new UsageException($"{source}: {path} has no key '{property.Name}'.{Nearest.Hint(property.Name, allowed)} The keys are: {string.Join(", ", allowed)}.");
            if (!seen.Add(property.Name)) throw new UsageException($"{source}: {path} has the key '{property.Name}' twice; leave one.");
        }
    }

    internal JsonPlace Required(string key) => Find(key) ?? throw new UsageException($"{source}: {path} lacks the key '{key}', which is required.");

    internal string Text() => IsText ? element.GetString()! : throw Broken("must be a text in quotes");

    internal bool? Flag(string key)
    {
        if (Find(key) is not { } place) return null;
        return place.Kind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw place.Broken("must be true or false"),
        };
    }

    internal double? Number(string key, double min, double max) => Find(key)?.Within(min, max);

    internal double Within(double min, double max)
    {
        if (Kind != JsonValueKind.Number || !element.TryGetDouble(out double value) || !(value >= min && value <= max))
            throw Broken(string.Create(CultureInfo.InvariantCulture, $"must be a number {min}..{max}"));
        return value;
    }

    internal TChoice Choice<TChoice>()
        where TChoice : struct, Enum
    {
        foreach (TChoice choice in Enum.GetValues<TChoice>())
            if (IsText && element.GetString() == choice.ToString().ToLowerInvariant()) return choice;
        throw Broken($"must be one of {string.Join(", ", Enum.GetNames<TChoice>().Select(name => $"\"{name.ToLowerInvariant()}\""))}");
    }

    internal Double3 Point(double min, double max)
    {
        JsonPlace[] items = [.. Items(3, 3, "numbers")];
        return new Double3(items[0].Within(min, max), items[1].Within(min, max), items[2].Within(min, max));
    }

    internal IEnumerable<JsonPlace> Items(int min, int max, string what)
    {
        int count = Kind == JsonValueKind.Array ? element.GetArrayLength() : -1;
        if (count < min || count > max) throw Broken(min == max ? $"must be a list of {min} {what}" : $"must be a list of {min} to {max} {what}");
        (string from, string at, JsonElement list) = (source, path, element);
        return Enumerable.Range(0, count).Select(item => new JsonPlace(from, $"{at}[{item}]", list[item]));
    }

    private JsonPlace? Find(string key)
    {
        if (Kind != JsonValueKind.Object) throw Broken("must be an object");
        return element.TryGetProperty(key, out JsonElement found) ? new JsonPlace(source, $"{path}.{key}", found) : null;
    }
}
