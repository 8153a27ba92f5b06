namespace Arena.Policy.Networks;

/// <summary>In what the matrix products of a network are computed; weights, gradients, states and sums are 32-bit floats whichever it is.</summary>
public enum NetworkPrecision
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>CUDA only: factors rounded to TensorFloat-32 (10 bits of mantissa), sums in 32 bits.</summary>
    TensorFloat32,

    /// <summary>Factors rounded to bfloat16 (7 bits of mantissa), results of products too.</summary>
    BFloat16,
}
