using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi.Training;

/// <summary>Tells whether a game still plays by the rules a checkpoint was written under.</summary>
/// <remarks>
/// Not a hash of files but of play: two matches of the built-in random opponent, their state, observations, rewards and ends. The
/// same rules and settings give the same bytes on every device and any number of threads; a changed rule, constant or observation does not.
/// </remarks>
internal static class RulesFingerprint
{
    private const int Matches = 2;
    private const int Ticks = 64;
    private const ulong Seed = 900_000_001; // no run's

    /// <summary>64 hexadecimal digits.</summary>
    internal static string Of(IDevice device, IGame game, GameOptions options)
    {
        using IEnvironment environment = game.Create(device, options with { NumEnvs = Matches });
        EnvironmentSpec spec = environment.Spec;
        using var buffers = new StepBuffers(device, spec, Matches);
        using DeviceBuffer<byte> controllers = device.Allocate<byte>(Matches * spec.Sides, "fingerprint: controllers");
        controllers.Write([.. Enumerable.Repeat((byte)1, Matches * spec.Sides)]); // opponent 0: "random" in every game
        StepViews views = buffers.Views;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        environment.Progress = 0.5f; // a weight that moves counts with both ends
        environment.Reset(Seed, views);
        for (int tick = 0; tick < Ticks; tick++)
        {
            Add(hash, buffers.Observations);
            Add(hash, buffers.ByteObservations);
            Add(hash, buffers.ActionMasks);
            environment.Act(controllers.View, views);
            environment.Step(views);
            Add(hash, buffers.Rewards);
            Add(hash, buffers.Terminated);
            Add(hash, buffers.Truncated);
        }

        for (int env = 0; env < Matches; env++) hash.AppendData(environment.State.ReadMatch(env));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add<T>(IncrementalHash hash, DeviceBuffer<T>? buffer)
        where T : unmanaged
    {
        if (buffer is not null) hash.AppendData(MemoryMarshal.AsBytes<T>(buffer.ToArray()));
    }
}
