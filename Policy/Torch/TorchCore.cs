using Arena.Policy.Networks;
using static TorchSharp.torch;

namespace Arena.Policy.Torch;

/// <summary>The memory of a network, slot after slot.</summary>
internal abstract class TorchCore
{
    /// <summary>Outputs (M·B, H) and the state after the last slot (M, S).</summary>
    /// <param name="x">(M·B, in), row s·B + t.</param>
    /// <param name="state">(M, S) before slot 0.</param>
    /// <param name="starts">(B, M, 1) true where the slot is the first of an episode; null for nowhere.</param>
    /// <param name="slots">B.</param>
    internal (Tensor Output, Tensor State) Apply(Tensor x, Tensor state, Tensor? starts, int slots)
    {
        Tensor sums = Sums(x);
        // By time: every slot is one matrix.
        Tensor byTime = slots == 1 ? sums.unsqueeze(0) : sums.view(-1, slots, sums.size(1)).transpose(0, 1).contiguous();
        Tensor[] outputs = new Tensor[slots];
        for (int slot = 0; slot < slots; slot++)
        {
            if (starts is not null) state = state.masked_fill(starts.select(0, slot), TorchScalars.Zero);
            state = Step(byTime.select(0, slot), state);
            outputs[slot] = Output(state);
        }

        if (slots == 1) return (outputs[0], state);
        Tensor all = stack(outputs, dim: 1);
        return (all.view(-1, all.size(2)), state);
    }

    /// <summary>What a slot takes from its input, of all slots at once.</summary>
    protected abstract Tensor Sums(Tensor x);

    /// <summary>The state after a slot.</summary>
    protected abstract Tensor Step(Tensor sums, Tensor state);

    /// <summary>What the heads read of a state.</summary>
    protected abstract Tensor Output(Tensor state);
}

/// <summary>Long short-term memory: gates i, f, g, o; state h, c.</summary>
internal sealed class TorchLstm(TorchParameters parameters, int width, bool rounded) : TorchCore
{
    private readonly TorchLinear input = new(parameters["core.lstm.weight_ih"], parameters["core.lstm.bias"], rounded);
    private readonly TorchLinear recurrent = new(parameters["core.lstm.weight_hh"], null, rounded);

    /// <inheritdoc/>
    protected override Tensor Sums(Tensor x) => input.Apply(x);

    /// <inheritdoc/>
    protected override Tensor Step(Tensor sums, Tensor state)
    {
        Tensor h = state.narrow(1, 0, width), c = state.narrow(1, width, width);
        Tensor gates = rounded ? sums + recurrent.Apply(h) : sums.addmm(h, recurrent.Weight.t());
        Tensor inputAndForget = gates.narrow(1, 0, 2 * width).sigmoid();
        Tensor g = gates.narrow(1, 2 * width, width).tanh(), o = gates.narrow(1, 3 * width, width).sigmoid();
        c = (inputAndForget.narrow(1, width, width) * c).addcmul(inputAndForget.narrow(1, 0, width), g, TorchScalars.One);
        return cat([o * c.tanh(), c], 1);
    }

    /// <inheritdoc/>
    protected override Tensor Output(Tensor state) => state.narrow(1, 0, width);
}

/// <summary>Minimal gated recurrent unit: u and h̃ from the input alone, h = h⁻ + u·(h̃ − h⁻).</summary>
internal sealed class TorchMinGru(TorchParameters parameters, int width, bool rounded) : TorchCore
{
    private readonly TorchLinear input = new(parameters["core.mingru.weight"], parameters["core.mingru.bias"], rounded);

    /// <inheritdoc/>
    protected override Tensor Sums(Tensor x)
    {
        Tensor sums = input.Apply(x);
        return cat([sums.narrow(1, 0, width).sigmoid(), sums.narrow(1, width, width)], 1);
    }

    /// <inheritdoc/>
    protected override Tensor Step(Tensor sums, Tensor state) => state.lerp(sums.narrow(1, width, width), sums.narrow(1, 0, width));

    /// <inheritdoc/>
    protected override Tensor Output(Tensor state) => state;
}
