using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Arena.Kernels.Environments.Creature;

/// <summary>What another program needs to build a creature and play its policy: skeleton, drives, observations, axes; as JSON.</summary>
/// <remarks>Everything in our axes (right-handed, x forward, y left, z up), SI units and the rest pose; <see cref="UnityAxes"/> says how they map.</remarks>
public static class CreatureExport
{
    /// <summary>Value of the key "format".</summary>
    public const string Format = "arena-creature-1";

    /// <summary>The notes of a policy.</summary>
    /// <param name="options">What it was trained with.</param>
    /// <param name="spec">Its observations and actions, stacking included.</param>
    public static string Write(CreatureOptions options, EnvironmentSpec spec)
    {
        CreatureTables tables = Skeletons.Compiled(options.Skeleton);
        var memory = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteString("version", typeof(CreatureExport).Assembly.GetName().Version?.ToString());
            json.WriteString("meaning", spec.Meaning);
            json.WriteString("skeletonHash", tables.HashText);
            json.WriteNumber("tickSeconds", 1.0 / CreatureConstants.TicksPerSecond);
            json.WriteNumber("substeps", options.Substeps);
            json.WriteNumber("previousActions", options.PreviousActions);
            json.WriteNumber("totalMass", tables.Mass);
            Axes(json);
            Observations(json, spec.Observation);
            Actions(json, options, spec.Action);
            Bodies(json, tables);
            Joints(json, tables);
            json.WritePropertyName("skeleton");
            json.WriteRawValue(SkeletonWriter.Write(tables.File, indented: true));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(memory.WrittenSpan);
    }

    private static void Axes(Utf8JsonWriter json)
    {
        json.WriteStartObject("axes");
        json.WriteString("ours", "right-handed: x forward, y left, z up");
        json.WriteString("unityVector", "(x, y, z) -> (-y, z, x)");
        json.WriteString("unityAngularVelocity", "(x, y, z) -> (y, -z, -x)");
        json.WriteString("unityQuaternion", "(x, y, z, w) -> (y, -z, -x, w)");
        json.WriteEndObject();
    }

    // Observed = clamp(quantity · scale + add, min, max).
    private static void Observations(Utf8JsonWriter json, ObservationSpec observation)
    {
        json.WriteStartObject("observation");
        json.WriteNumber("length", observation.Length);
        json.WriteString("rule", "observed = clamp(quantity * scale + add, min, max); quantities in SI units, axes by docs/creatures.md of the project");
        json.WriteStartArray("fields");
        foreach (ObservationField field in observation.Fields)
        {
            json.WriteStartObject();
            json.WriteString("name", field.Name);
            json.WriteNumber("first", field.Offset);
            json.WriteNumber("length", field.Length);
            json.WriteString("unitOfOne", field.Unit);
            json.WriteNumber("scale", field.Scale == 0 ? 1 : field.Scale); // fields that stacking adds are actions, as they are
            json.WriteNumber("add", 0);
            json.WriteNumber("min", field.Min);
            json.WriteNumber("max", field.Max);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Actions(Utf8JsonWriter json, CreatureOptions options, ActionSpec action)
    {
        json.WriteStartObject("actions");
        json.WriteString("mode", Settings.Format(options.Actions));
        json.WriteString("rule", options.Actions == CreatureActions.Torque
            ? "torque about the joint's axis = action * torque"
            : "wanted coordinate = action >= 0 ? action * high : -action * low; the drive turns towards it with stiffness, at most with torque");
        json.WriteNumber("smoothing", options.Smoothing);
        json.WriteStartArray("components");
        foreach (string component in action.Continuous) json.WriteStringValue(component);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Bodies(Utf8JsonWriter json, CreatureTables tables)
    {
        json.WriteStartArray("bodies");
        for (int index = 0; index < tables.Bodies.Length; index++)
        {
            CreatureBody body = tables.Bodies[index];
            json.WriteStartObject();
            json.WriteString("id", tables.File.Bodies[index].Id);
            json.WriteNumber("mass", 1.0 / body.InverseMass);
            Numbers(json, "inertia", body.InertiaX, body.InertiaY, body.InertiaZ);
            Numbers(json, "restPosition", body.RestX, body.RestY, body.RestZ);
            Numbers(json, "restRotation", body.RestQx, body.RestQy, body.RestQz, body.RestQw);
            json.WriteNumber("friction", body.Friction);
            json.WriteNumber("restitution", body.Restitution);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Joints(Utf8JsonWriter json, CreatureTables tables)
    {
        json.WriteStartArray("joints");
        for (int index = 0; index < tables.Joints.Length; index++)
        {
            CreatureJoint joint = tables.Joints[index];
            json.WriteStartObject();
            json.WriteString("parent", tables.File.Joints[index].Parent);
            json.WriteString("child", tables.File.Joints[index].Child);
            Numbers(json, "anchorInParent", joint.ParentX, joint.ParentY, joint.ParentZ);
            Numbers(json, "anchorInChild", joint.ChildX, joint.ChildY, joint.ChildZ);
            Numbers(json, "frameInParent", joint.ParentQx, joint.ParentQy, joint.ParentQz, joint.ParentQw);
            Numbers(json, "frameInChild", joint.ChildQx, joint.ChildQy, joint.ChildQz, joint.ChildQw);
            json.WriteBoolean("driven", joint.Driven != 0);
            json.WriteNumber("torque", joint.Torque);
            json.WriteNumber("stiffness", joint.Compliance < SkeletonCompiler.NoSpring ? 1.0 / joint.Compliance : 0);
            json.WriteNumber("damping", joint.Damping);
            Numbers(json, "low", joint.LowX, joint.LowY, joint.LowZ);
            Numbers(json, "high", joint.HighX, joint.HighY, joint.HighZ);
            json.WriteString("coordinates", "twist, lift, swing; each 2 sin(angle / 2) of the rotation from the parent's frame to the child's");
            Free(json, joint);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Which axes turn, and the number of each one's action.
    private static void Free(Utf8JsonWriter json, CreatureJoint joint)
    {
        json.WriteStartArray("free");
        int action = joint.FirstAction;
        foreach (SkeletonAxis axis in Enum.GetValues<SkeletonAxis>())
        {
            if ((joint.Free & (1 << (int)axis)) == 0) continue;
            json.WriteStartObject();
            json.WriteString("axis", Settings.Format(axis));
            if (joint.FirstAction >= 0) json.WriteNumber("action", action++);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Numbers(Utf8JsonWriter json, string key, params ReadOnlySpan<float> values)
    {
        json.WriteStartArray(key);
        foreach (float value in values) json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
