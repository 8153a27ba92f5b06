using Arena.Kernels.Device;
using Arena.Kernels.Environments;

namespace Arena.HostApi;

/// <summary>What a step wrote, as the host sees it. Shapes as in <see cref="StepViews"/>.</summary>
internal sealed class StepResults(IDevice device, StepBuffers buffers, EnvironmentSpec spec)
{
    private readonly uint[] noErrors = device is CpuDevice ? [] : new uint[buffers.Errors!.Length];
    private bool flagged;

    internal HostColumn<float> Observations { get; } = new(device, buffers.Observations);

    internal HostColumn<byte> ByteObservations { get; } = new(device, buffers.ByteObservations);

    internal HostColumn<float> FinalObservations { get; } = new(device, buffers.FinalObservations);

    internal HostColumn<byte> FinalByteObservations { get; } = new(device, buffers.FinalByteObservations);

    internal HostColumn<uint> ActionMasks { get; } = new(device, buffers.ActionMasks);

    internal HostColumn<float> Rewards { get; } = new(device, buffers.Rewards);

    internal HostColumn<float> RewardParts { get; } = new(device, buffers.RewardParts);

    internal HostColumn<byte> Terminated { get; } = new(device, buffers.Terminated);

    internal HostColumn<byte> Truncated { get; } = new(device, buffers.Truncated);

    internal HostColumn<byte> EpisodeStart { get; } = new(device, buffers.EpisodeStart);

    internal HostColumn<byte> RowActive { get; } = new(device, buffers.RowActive);

    internal HostColumn<uint> Errors { get; } = new(device, buffers.Errors);

    internal HostColumn<float> EpisodeStatistics { get; } = new(device, buffers.EpisodeStatistics);

    internal HostColumn<int> EpisodesFinished { get; } = new(device, buffers.EpisodesFinished);

    /// <summary>Waits for the step and brings all copies up to date.</summary>
    internal void Refresh()
    {
        device.Synchronize();
        if (spec.Observation.Kind == ObservationKind.Float)
        {
            Observations.Refresh();
            FinalObservations.Refresh();
        }
        else
        {
            ByteObservations.Refresh();
            FinalByteObservations.Refresh();
        }

        ActionMasks.Refresh();
        Rewards.Refresh();
        RewardParts.Refresh();
        Terminated.Refresh();
        Truncated.Refresh();
        EpisodeStart.Refresh();
        RowActive.Refresh();
        Errors.Refresh();
        EpisodeStatistics.Refresh();
        EpisodesFinished.Refresh();
    }

    /// <summary>Error bits add up in their buffer, so those of the step before are cleared, if there were any.</summary>
    internal void ClearErrors()
    {
        if (!flagged) return;
        flagged = false;
        if (device is CpuDevice) Errors.Span.Clear();
        else buffers.Errors!.Write(noErrors);
    }

    /// <summary>Rows with an error, and the first of them.</summary>
    internal long CountErrors(out int first)
    {
        Span<uint> errors = Errors.Span;
        first = errors.IndexOfAnyExcept(0u);
        if (first < 0) return 0;
        flagged = true;
        long rows = 0;
        foreach (uint bits in errors[first..])
            if (bits != 0) rows++;
        return rows;
    }

    /// <summary>Does a row say that the simulation itself broke?</summary>
    internal bool AnyNonFiniteState()
    {
        foreach (uint bits in Errors.Span)
            if ((bits & ErrorCode.StateNotFinite) != 0) return true;
        return false;
    }
}
