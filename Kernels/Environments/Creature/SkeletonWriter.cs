using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Arena.Kernels.Environments.Creature;

/// <summary>Writes a skeleton as the JSON text that <see cref="SkeletonReader"/> reads back, value for value.</summary>
public static class SkeletonWriter
{
    /// <summary>The text of <paramref name="file"/>.</summary>
    /// <param name="file">A skeleton.</param>
    /// <param name="indented">On many lines, for people; otherwise on one.</param>
    public static string Write(SkeletonFile file, bool indented = false)
    {
        var memory = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = indented, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", SkeletonReader.Format);
            json.WriteString("name", file.Name);
            json.WriteNumber("density", file.Density);
            json.WriteNumber("friction", file.Friction);
            json.WriteNumber("restitution", file.Restitution);
            json.WriteNumber("strength", file.Strength);
            json.WriteBoolean("planar", file.Planar);
            json.WriteStartArray("bodies");
            foreach (SkeletonBody body in file.Bodies) Write(json, body);
            json.WriteEndArray();
            json.WriteStartArray("joints");
            foreach (SkeletonJoint joint in file.Joints) Write(json, joint);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(memory.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, SkeletonBody body)
    {
        json.WriteStartObject();
        json.WriteString("id", body.Id);
        json.WriteString("shape", body.Shape.ToString().ToLowerInvariant());
        if (body.Shape == SkeletonShape.Capsule)
        {
            Write(json, "from", body.From);
            Write(json, "to", body.To);
        }
        else
        {
            Write(json, "center", body.Center);
        }

        if (body.Shape == SkeletonShape.Box) Write(json, "half", body.Half);
        else json.WriteNumber("radius", body.Radius);
        Write(json, "mass", body.Mass);
        Write(json, "density", body.Density);
        Write(json, "friction", body.Friction);
        Write(json, "restitution", body.Restitution);
        if (body.Foot) json.WriteBoolean("foot", true);
        if (body.Fatal is { } fatal) json.WriteBoolean("fatal", fatal);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, SkeletonJoint joint)
    {
        json.WriteStartObject();
        json.WriteString("parent", joint.Parent);
        json.WriteString("child", joint.Child);
        Write(json, "at", joint.At);
        json.WriteString("type", joint.Type.ToString().ToLowerInvariant());
        if (joint.Type == SkeletonJointType.Ball)
        {
            json.WriteStartObject("limits");
            Write(json, "twist", joint.Twist);
            Write(json, "lift", joint.Lift);
            Write(json, "swing", joint.Swing);
            json.WriteEndObject();
        }
        else
        {
            if (joint.NamedAxis is { } named) json.WriteString("axis", named.ToString().ToLowerInvariant());
            else Write(json, "axis", joint.Axis);
            Write(json, "range", joint.Range);
        }

        Write(json, "torque", joint.Torque);
        Write(json, "stiffness", joint.Stiffness);
        Write(json, "damping", joint.Damping);
        if (!joint.Driven) json.WriteBoolean("driven", false);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string key, double? value)
    {
        if (value is { } number) json.WriteNumber(key, number);
    }

    private static void Write(Utf8JsonWriter json, string key, Double3 value)
    {
        json.WriteStartArray(key);
        json.WriteNumberValue(value.X);
        json.WriteNumberValue(value.Y);
        json.WriteNumberValue(value.Z);
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string key, SkeletonLimit value)
    {
        json.WriteStartArray(key);
        json.WriteNumberValue(value.Low);
        json.WriteNumberValue(value.High);
        json.WriteEndArray();
    }
}
