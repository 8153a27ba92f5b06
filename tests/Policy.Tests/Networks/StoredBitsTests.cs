using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Arena.Policy.Networks;

namespace Arena.Policy.Tests.Networks;

/// <summary>Feed-forward results are held to stored hashes: trained policies and recorded runs rest on these bits.</summary>
/// <remarks>All arithmetic is correctly rounded and in a fixed order, so the hashes are the same on every machine.</remarks>
public class StoredBitsTests
{
    [Theory]
    [InlineData(49, "64,64", Activation.Tanh, 4, "", 700, "6E411AB3586332C7")]
    [InlineData(33, "100,17,40", Activation.Relu, 0, "3,16", 389, "CB46AC53671E19AF")]
    [InlineData(7, "", Activation.Tanh, 2, "", 97, "F7F5DF38B707D63D")]
    [InlineData(64, "130", Activation.Relu, 19, "", 4001, "306EF27AB416C9D2")]
    public void Outputs_and_gradients_keep_their_bits(
        int observations, string hidden, Activation activation, int continuous, string heads, int rows, string hash)
    {
        using var engineCase = new EngineCase(new NetworkSpec(observations, Numbers(hidden), activation, continuous, Numbers(heads)), rows, seed: 11);
        engineCase.Run();
        float[] all = [.. engineCase.Outputs.ToArray(), .. engineCase.Engine.Gradients.AsSpan()];
        Assert.Equal(hash, Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(all.AsSpan())))[..16]);
    }

    private static int[] Numbers(string text) => text.Length == 0 ? [] : [.. text.Split(',').Select(int.Parse)];
}
