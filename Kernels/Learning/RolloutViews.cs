using Arena.Kernels.Device;

namespace Arena.Kernels.Learning;

/// <summary>What a loss needs of every row: of a whole rollout (T·N rows, time first), or of one minibatch gathered from it.</summary>
/// <remarks>A view of length 0 does not exist for the game at hand.</remarks>
public struct RolloutViews
{
    /// <summary>(rows, O) float.</summary>
    public View<float> Observations;

    /// <summary>(rows, O) byte, for games with byte observations.</summary>
    public View<byte> ByteObservations;

    /// <summary>(rows) byte: 1 where the slot is the first of an episode.</summary>
    public View<byte> EpisodeStart;

    /// <summary>(rows, MaskWords) bits of legal choices.</summary>
    public View<uint> ActionMasks;

    /// <summary>(rows, A_c) float: raw samples.</summary>
    public View<float> ContinuousActions;

    /// <summary>(rows, H) int.</summary>
    public View<int> DiscreteActions;

    /// <summary>(rows) float: ln of the probability under the weights that acted.</summary>
    public View<float> LogProbs;

    /// <summary>(rows) float: values under the weights that acted.</summary>
    public View<float> Values;

    /// <summary>(rows) float: normalised advantages.</summary>
    public View<float> Advantages;

    /// <summary>(rows) float.</summary>
    public View<float> Returns;

    /// <summary>(rows) byte: 1 where a row is learned from.</summary>
    public View<byte> RowWeights;
}
