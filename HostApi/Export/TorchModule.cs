using System.Globalization;
using System.Text;
using Arena.Kernels.Environments;
using Arena.Policy.Networks;
using Arena.Policy.Weights;

namespace Arena.HostApi.Export;

/// <summary>Writes a PyTorch module that computes what a network computes, from a safetensors file beside it.</summary>
/// <remarks>Straight code for one network: the parameters keep their names, so state_dict() has those of the file.</remarks>
internal static class TorchModule
{
    private const string Head =
        """
        # {0}
        # Written by 'arena export' for the safetensors file beside it; needs PyTorch and nothing else.
        import json, struct, torch
        import torch.nn.functional as F


        def read(path):
            with open(path, "rb") as file:
                header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
                data = bytearray(file.read())
            header.pop("__metadata__", None)
            return {{name: torch.frombuffer(data, dtype=torch.float32, offset=t["data_offsets"][0], count=(t["data_offsets"][1] - t["data_offsets"][0]) // 4)
                    .reshape(t["shape"]).clone() for name, t in header.items()}}


        def write(path, tensors):
            header, data = {{}}, b""
            for name, tensor in tensors.items():
                part = tensor.detach().float().cpu().contiguous().numpy().tobytes()
                header[name] = {{"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}}
                data += part
            text = json.dumps(header).encode()
            with open(path, "wb") as file:
                file.write(struct.pack("<Q", len(text)) + text + data)


        class Policy(torch.nn.Module):
            def __init__(self, path):
                super().__init__()
                for name, tensor in read(path).items():
                    *folders, leaf = name.split(".")
                    module = self
                    for folder in folders:
                        if folder not in module._modules:
                            module.add_module(folder, torch.nn.Module())
                        module = module._modules[folder]
                    module.register_parameter(leaf, torch.nn.Parameter(tensor, requires_grad=not name.startswith("normalizer.")))

            # x: (batch, {1}){2}; state: {3}.
            # Gives (batch, {4}) = {5}, and the next state.
            def forward(self, x, state=None):
                w = dict(self.named_parameters())

        """;

    /// <summary>The text of the module.</summary>
    internal static string Write(NetworkSpec network)
    {
        var text = new StringBuilder(string.Format(
            CultureInfo.InvariantCulture, Head.ReplaceLineEndings("\n"), NetworkText.Describe(network), network.Observations, network.ByteObservations ? " bytes" : "",
            network.StateSize == 0 ? "none" : Text($"(batch, {network.StateSize}), zeros where an episode starts"), network.Outputs, Outputs(network)));
        var lines = new List<string>();
        if (network.NormalizeObservations) lines.Add("x = ((x - w[\"normalizer.mean\"]) * w[\"normalizer.scale\"]).clamp(-10, 10)");
        string stemActivation = NetworkStem.ActivationIn(network) == Activation.Tanh ? "torch.tanh" : "F.relu";
        if (network.Stem is GridStem grid) AddGrid(lines, grid, stemActivation);
        else if (network.Stem is EntityStem entities) AddEntities(lines, entities, network.Observations, stemActivation);
        if (network.SeparateCritic) lines.Add("y = x");
        AddEncoder(lines, network, "encoder", "x");
        if (network.SeparateCritic) AddEncoder(lines, network, "critic.encoder", "y");
        if (network.Core == NetworkCore.Lstm) AddLstm(lines, network.CoreWidth);
        else if (network.Core == NetworkCore.MinGru) AddMinGru(lines, network.CoreWidth);
        string critic = network.SeparateCritic ? "y" : "x";
        lines.Add($"return torch.cat([{Linear("actor", "x")}, {Linear("critic", critic)}], 1), state");
        foreach (string line in lines) text.Append("        ").Append(line).Append('\n');
        return text.ToString();
    }

    private static string Outputs(NetworkSpec network)
    {
        var parts = new List<string>();
        if (network.ContinuousActions > 0) parts.Add(Text($"{network.ContinuousActions} means"));
        if (network.StateDependentStd && network.ContinuousActions > 0) parts.Add(Text($"{network.ContinuousActions} raw log-stds"));
        if (network.DiscreteHeads.Count > 0) parts.Add($"logits of heads of {string.Join(", ", network.DiscreteHeads.Select(size => Text($"{size}")))}");
        return string.Join(", ", parts) + ", value";
    }

    private static void AddEncoder(List<string> lines, NetworkSpec network, string name, string variable)
    {
        string activation = network.Activation switch
        {
            Activation.Tanh => "torch.tanh({0})",
            Activation.Relu => "F.relu({0})",
            _ => "F.gelu({0}, approximate=\"tanh\")",
        };
        for (int layer = 0; layer < network.Hidden.Count; layer++)
        {
            string sum = Linear(Text($"{name}.{layer}"), variable), norm = Text($"{name}.{layer}.norm");
            if (network.LayerNorm) sum = Text($"F.layer_norm({sum}, ({network.Hidden[layer]},), w[\"{norm}.weight\"], w[\"{norm}.bias\"])");
            lines.Add($"{variable} = {string.Format(CultureInfo.InvariantCulture, activation, sum)}");
        }
    }

    private static void AddLstm(List<string> lines, int width)
    {
        lines.Add(Text($"h, c = (x.new_zeros(len(x), {width}), x.new_zeros(len(x), {width})) if state is None else state.chunk(2, 1)"));
        lines.Add("i, f, g, o = (F.linear(x, w[\"core.lstm.weight_ih\"], w[\"core.lstm.bias_ih\"]) + F.linear(h, w[\"core.lstm.weight_hh\"], w[\"core.lstm.bias_hh\"])).chunk(4, 1)");
        lines.Add("c = f.sigmoid() * c + i.sigmoid() * g.tanh()");
        lines.Add("x = o.sigmoid() * c.tanh()");
        lines.Add("state = torch.cat([x, c], 1)");
    }

    private static void AddMinGru(List<string> lines, int width)
    {
        lines.Add(Text($"h = x.new_zeros(len(x), {width}) if state is None else state"));
        lines.Add($"u, z = {Linear("core.mingru", "x")}.chunk(2, 1)");
        lines.Add("x = state = h + u.sigmoid() * (z - h)");
    }

    private static void AddGrid(List<string> lines, GridStem stem, string activation)
    {
        lines.Add("b = x.long()");
        lines.Add("code = lambda at, n: (at == torch.arange(n, device=x.device)).float()  # no plane for what is no code");
        if (stem.Fields.Count > 0)
            lines.Add($"fields = torch.cat([{string.Join(", ", stem.Fields.Select(field => Plane(Text($"b[:, {field.Offset}:{field.Offset + 1}]"), field.Codes)))}], 1)");
        if (stem.Grid is not { } grid)
        {
            lines.Add("x = fields");
            return;
        }

        int channels = grid.Channels.Count;
        lines.Add(Text($"cells = b[:, {grid.Offset}:{grid.Offset + grid.Rows * grid.Columns * channels}].reshape(-1, {grid.Rows}, {grid.Columns}, {channels})"));
        lines.Add($"x = torch.cat([{string.Join(", ", grid.Channels.Select((channel, at) => Plane(Text($"cells[..., {at}:{at + 1}]"), channel.Codes)))}], 3).permute(0, 3, 1, 2)");
        for (int layer = 1; layer <= stem.Convolutions.Count; layer++)
        {
            string name = Text($"encoder.grid.conv{layer}");
            lines.Add(Text($"x = F.conv2d(x, w[\"{name}.weight\"], w[\"{name}.bias\"], stride={stem.Convolutions[layer - 1].Stride})"));
            if (layer == stem.Convolutions.Count && stem.Join == FieldJoin.Sum && stem.Fields.Count > 0) lines.Add("x = x + F.linear(fields, w[\"encoder.fields.weight\"]).view_as(x)");
            lines.Add($"x = {activation}(x)");
        }

        bool behind = stem.Join == FieldJoin.Concatenate && stem.Fields.Count > 0;
        lines.Add(behind ? "x = torch.cat([x.flatten(1), fields], 1)" : "x = x.flatten(1)");
    }

    private static string Plane(string bytes, int codes) => codes > 0 ? Text($"code({bytes}, {codes})") : $"{bytes} / 255";

    private static void AddEntities(List<string> lines, EntityStem stem, int observations, string activation)
    {
        lines.Add("tokens, present = [], []");
        foreach (EntityGroup group in stem.Groups)
        {
            lines.Add(Text($"r = x[:, {group.Offset}:{group.Offset + group.Count * group.RecordLength}].reshape(-1, {group.Count}, {group.RecordLength})"));
            string token = "r[..., :-1]";
            for (int layer = 0; layer < stem.Widths.Count; layer++) token = $"{activation}({Linear(Text($"encoder.entities.{group.Name}.{layer}"), token)})";
            lines.Add($"tokens.append({token}); present.append(r[..., -1:] != 0)");
        }

        lines.Add("t, p = torch.cat(tokens, 1), torch.cat(present, 1)");
        if (stem.AttentionHeads > 0)
        {
            int width = stem.Widths[^1] / stem.AttentionHeads;
            lines.Add(Text($"q, k, v = [F.linear(t, w[f\"encoder.attention.{{n}}.weight\"], w[f\"encoder.attention.{{n}}.bias\"]).view(*t.shape[:2], {stem.AttentionHeads}, {width}).transpose(1, 2) for n in (\"query\", \"key\", \"value\")]"));
            lines.Add(Text($"s = (q @ k.transpose(2, 3) / {width} ** 0.5).masked_fill(~p.transpose(1, 2)[:, None], -1e30)"));
            lines.Add("t = t + (s.softmax(3) @ v).transpose(1, 2).reshape(t.shape)");
        }

        lines.Add("features = []");
        int first = 0;
        foreach (EntityGroup group in stem.Groups)
        {
            lines.Add(Text($"e, there = t[:, {first}:{first + group.Count}], p[:, {first}:{first + group.Count}]"));
            lines.Add("features.append(torch.where(there.any(1), e.masked_fill(~there, -1e30).amax(1), torch.zeros_like(e[:, 0])))");
            if (EntityStem.PooledParts(group) == 2) lines.Add("features.append((e * there).sum(1) / there.sum(1).clamp(min=1))");
            first += group.Count;
        }

        IReadOnlyList<int> context = stem.Context(observations);
        if (context.Count > 0) lines.Add($"features.append(x[:, [{string.Join(", ", context.Select(at => Text($"{at}")))}]])");
        lines.Add("x = torch.cat(features, 1)");
    }

    private static string Linear(string name, string x) => $"F.linear({x}, w[\"{name}.weight\"], w[\"{name}.bias\"])";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
