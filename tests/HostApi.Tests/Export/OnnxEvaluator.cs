using System.Runtime.InteropServices;
using Arena.HostApi.Export;

namespace Arena.HostApi.Tests.Export;

/// <summary>Computes a model of float layers (no grids, no entities) node by node, in double precision: a second reading of the operators.</summary>
internal sealed class OnnxEvaluator(OnnxModel model)
{
    /// <summary>All values of a step by name, from its inputs by name: row-major numbers with their shape.</summary>
    public Dictionary<string, Tensor> Run(params (string Name, Tensor Value)[] inputs)
    {
        Dictionary<string, Tensor> values = inputs.ToDictionary(input => input.Name, input => input.Value);
        foreach (OnnxTensor constant in model.Constants) values[constant.Name] = Constant(constant);
        foreach (OnnxNode node in model.Nodes)
        {
            Tensor[] given = [.. node.Inputs.Select(name => values[name])];
            Tensor[] made = Compute(node, given);
            foreach ((string name, Tensor value) in node.Outputs.Zip(made)) values[name] = value;
        }

        return values;
    }

    private static Tensor[] Compute(OnnxNode node, Tensor[] x) => node.Operator switch
    {
        "Gemm" => [Gemm(x)],
        "Add" => [Wide(x, (a, b) => a + b)],
        "Sub" => [Wide(x, (a, b) => a - b)],
        "Mul" => [Wide(x, (a, b) => a * b)],
        "Div" => [Wide(x, (a, b) => a / b)],
        "Tanh" => [Each(x[0], Math.Tanh)],
        "Sigmoid" => [Each(x[0], value => 1 / (1 + Math.Exp(-value)))],
        "Relu" => [Each(x[0], value => Math.Max(0, value))],
        "Sqrt" => [Each(x[0], Math.Sqrt)],
        "Clip" => [Each(x[0], value => Math.Clamp(value, x[1].Values[0], x[2].Values[0]))],
        "Reshape" => [Reshape(x)],
        "Slice" => [Columns(x[0], (int)x[1].Values[0], (int)(x[2].Values[0] - x[1].Values[0]), (int)x[3].Values[0])],
        "Split" => Split(x),
        "Concat" => [Concat(x)],
        "ReduceMean" => [Mean(x[0])],
        _ => throw new NotSupportedException(node.Operator),
    };

    private static Tensor Constant(OnnxTensor constant) => new(
        constant.Type == OnnxType.Int64
            ? [.. MemoryMarshal.Cast<byte, long>(constant.Data).ToArray().Select(value => (double)value)]
            : [.. MemoryMarshal.Cast<byte, float>(constant.Data).ToArray().Select(value => (double)value)],
        [.. constant.Dims.Select(size => (int)size)]);

    // x Wᵀ (+ b)
    private static Tensor Gemm(Tensor[] x)
    {
        int rows = x[0].Shape[0], width = x[0].Shape[1], outputs = x[1].Shape[0];
        var result = new double[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            for (int output = 0; output < outputs; output++)
            {
                double sum = x.Length > 2 ? x[2].Values[output] : 0;
                for (int at = 0; at < width; at++) sum += x[0].Values[row * width + at] * x[1].Values[output * width + at];
                result[row * outputs + output] = sum;
            }
        }

        return new Tensor(result, [rows, outputs]);
    }

    // The second is spread over the first: one number, one row, or one column.
    private static Tensor Wide(Tensor[] x, Func<double, double, double> operation)
    {
        int width = x[0].Shape[^1];
        bool column = x[1].Shape.Length == 2 && x[1].Shape[1] == 1 && width > 1;
        double Other(int at) => x[1].Values.Length == 1 ? x[1].Values[0] : x[1].Values.Length == x[0].Values.Length ? x[1].Values[at] : x[1].Values[column ? at / width : at % width];
        return new Tensor([.. x[0].Values.Select((value, at) => operation(value, Other(at)))], x[0].Shape);
    }

    private static Tensor Each(Tensor x, Func<double, double> operation) => new([.. x.Values.Select(operation)], x.Shape);

    private static Tensor Reshape(Tensor[] x)
    {
        int known = x[1].Values.Where(size => size > 0).Aggregate(1, (product, size) => product * (int)size);
        return new Tensor(x[0].Values, [.. x[1].Values.Select(size => size < 0 ? x[0].Values.Length / known : (int)size)]);
    }

    private static Tensor Columns(Tensor x, int first, int count, int axis)
    {
        Assert.Equal((2, 1), (x.Shape.Length, axis));
        return new Tensor([.. Enumerable.Range(0, x.Shape[0]).SelectMany(row => x.Values.Skip(row * x.Shape[1] + first).Take(count))], [x.Shape[0], count]);
    }

    private static Tensor[] Split(Tensor[] x)
    {
        var parts = new List<Tensor>();
        int first = 0;
        foreach (double size in x[1].Values)
        {
            parts.Add(Columns(x[0], first, (int)size, 1));
            first += (int)size;
        }

        return [.. parts];
    }

    private static Tensor Concat(Tensor[] x) => new(
        [.. Enumerable.Range(0, x[0].Shape[0]).SelectMany(row => x.SelectMany(part => part.Values.Skip(row * part.Shape[1]).Take(part.Shape[1])))], [x[0].Shape[0], x.Sum(part => part.Shape[1])]);

    private static Tensor Mean(Tensor x) => new([.. Enumerable.Range(0, x.Shape[0]).Select(row => x.Values.Skip(row * x.Shape[1]).Take(x.Shape[1]).Average())], [x.Shape[0], 1]);

    internal sealed record Tensor(double[] Values, int[] Shape);
}
