using System.Text.Json;
using Arena.HostApi.Measuring;
using Arena.Kernels.Device;

namespace Arena.HostApi.Cli;

/// <summary>What <c>arena bench --json</c> writes.</summary>
internal static class BenchJson
{
    internal static string Of(GameRequest request, ThroughputPlan plan, GameBench measured, IReadOnlyList<ReinforceThroughput> batches) => JsonText.Of(writer =>
    {
        writer.WriteString("game", request.Game.Name);
        writer.WriteString("options", request.Changes);
        writer.WriteNumber("envs", request.Options.NumEnvs);
        writer.WriteNumber("seed", request.Seed);
        writer.WriteString("machine", Surroundings.Machine);
        writer.WriteString("software", Surroundings.Software);
        writer.WriteString("instructionSet", CpuDevice.InstructionSet);
        writer.WriteNumber("cores", Environment.ProcessorCount);
        writer.WriteBoolean("checkedBuild", BuildInfo.Checked);
        writer.WriteNumber("repetitions", plan.Repetitions);
        writer.WriteBoolean("processorTime", plan.ProcessorTime);
        writer.WriteStartArray("rows");
        foreach (ThroughputRow row in measured.Steps) WriteStep(writer, row);
        writer.WriteEndArray();
        writer.WriteStartArray("training");
        foreach (TrainingThroughput row in measured.Networks) WriteNetwork(writer, row);
        writer.WriteEndArray();
        if (measured.NoNetworks is { } why) writer.WriteString("noTraining", why);
        writer.WriteStartArray("reinforce");
        foreach (ReinforceThroughput batch in batches) WriteBatch(writer, batch);
        writer.WriteEndArray();
    });

    private static void WriteStep(Utf8JsonWriter writer, ThroughputRow row)
    {
        writer.WriteStartObject();
        writer.WriteString("workload", row.Workload);
        writer.WriteNumber("threads", row.Threads);
        writer.WriteNumber("agentsPerMatch", row.AgentsPerMatch);
        writer.WriteNumber("ticks", row.Ticks);
        writer.WriteNumber("agentStepsPerSecond", row.AgentStepsPerSecond);
        writer.WriteNumber("slowest", row.Rates.Ascending[0]);
        writer.WriteNumber("fastest", row.Rates.Ascending[^1]);
        writer.WriteNumber("matchStepsPerSecond", row.MatchStepsPerSecond);
        writer.WriteNumber("nanosecondsPerAgentStep", row.NanosecondsPerAgentStep);
        writer.WriteNumber("stateBytesPerMatch", row.StateBytesPerMatch);
        writer.WriteNumber("bytesPerAgentStep", row.BytesPerAgentStep);
        writer.WriteNumber("bytesPerSecond", row.BytesPerSecond);
        writer.WriteNumber("copyBytesPerSecond", row.CopyBytesPerSecond);
        writer.WriteNumber("allocatedBytesPerStep", row.AllocatedBytesPerStep);
        writer.WriteNumber("firstStepSeconds", row.FirstStepSeconds);
        writer.WriteNumber("preparationSeconds", row.PreparationSeconds);
        writer.WriteEndObject();
    }

    private static void WriteNetwork(Utf8JsonWriter writer, TrainingThroughput row)
    {
        writer.WriteStartObject();
        writer.WriteString("device", row.Device);
        writer.WriteNumber("threads", row.Threads);
        writer.WriteString("engine", row.Engine.Kind.ToString().ToLowerInvariant());
        writer.WriteString("precision", row.Engine.Precision.ToString().ToLowerInvariant());
        writer.WriteNumber("weights", row.Weights);
        WriteRates(writer, "step", row.Step);
        WriteRates(writer, "inference", row.Inference);
        WriteRates(writer, "training", row.Training);
        writer.WriteNumber("environmentShare", row.EnvironmentShare);
        writer.WriteNumber("inferenceShare", row.InferenceShare);
        writer.WriteNumber("learningShare", row.LearningShare);
        writer.WriteNumber("inferenceOperations", row.InferenceOperations);
        writer.WriteNumber("trainingOperations", row.TrainingOperations);
        writer.WriteNumber("gemmOperationsPerSecond", row.GemmRate);
        writer.WriteNumber("allocatedBytesPerUpdate", row.AllocatedBytesPerUpdate);
        writer.WriteNumber("transferredBytesPerUpdate", row.TransferredBytesPerUpdate);
        writer.WriteNumber("deviceBytes", row.DeviceBytes);
        writer.WriteNumber("processBytes", row.ProcessBytes);
        writer.WriteNumber("firstUpdateSeconds", row.FirstUpdateSeconds);
        writer.WriteNumber("preparationSeconds", row.PreparationSeconds);
        writer.WriteEndObject();
    }

    private static void WriteRates(Utf8JsonWriter writer, string name, Rates rates)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("agentStepsPerSecond", rates.Median);
        writer.WriteNumber("slowest", rates.Ascending[0]);
        writer.WriteNumber("fastest", rates.Ascending[^1]);
        writer.WriteNumber("repetitions", rates.Ascending.Count);
        writer.WriteEndObject();
    }

    private static void WriteBatch(Utf8JsonWriter writer, ReinforceThroughput batch)
    {
        writer.WriteStartObject();
        writer.WriteNumber("games", batch.Games);
        writer.WriteNumber("agentsPerMatch", batch.AgentsPerMatch);
        writer.WriteNumber("ticks", batch.Ticks);
        writer.WriteNumber("gamesPerSecond", batch.GamesPerSecond);
        writer.WriteNumber("agentStepsPerSecond", batch.AgentStepsPerSecond);
        writer.WriteEndObject();
    }
}
