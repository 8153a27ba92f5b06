"""Writes the golden files beside it with PyTorch's own layers: python3 golden.py (PyTorch 1.13 or later; nothing else).

Each file holds weights under PyTorch's names (w/), inputs and outputs (io/), and the gradients (g/) of sum(outputs * io/gradient).
Rows are sequences of slots: row = sequence * slots + slot. GoldenTests.cs describes the same networks by their specs.
"""
import json, os, struct
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(20)
torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
SEQUENCES, SLOTS = 3, 5
ROWS = SEQUENCES * SLOTS


def write(name, tensors):
    types = {torch.float32: "F32", torch.uint8: "U8", torch.float16: "F16", torch.bfloat16: "BF16"}
    header, data = {}, b""
    for key, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        raw = tensor.view(torch.int16) if tensor.dtype in (torch.float16, torch.bfloat16) else tensor
        part = raw.numpy().tobytes()
        header[key] = {"dtype": types[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    with open(os.path.join(HERE, name + ".safetensors"), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def tree(**children):
    module = nn.Module()
    for name, child in children.items():
        module.add_module(name, child)
    return module


def layers(*sizes, norm=False):
    module = nn.Module()
    for index, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        linear = nn.Linear(inputs, outputs)
        if norm:
            linear.norm = nn.LayerNorm(outputs)
        module.add_module(str(index), linear)
    return module


def encode(module, x, activation):
    index = 0
    while str(index) in module._modules:
        linear = module._modules[str(index)]
        x = linear(x)
        x = activation(linear.norm(x) if hasattr(linear, "norm") else x)
        index += 1
    return x


def shake(net):
    # Biases and norms that are 0 or 1 would hide faults.
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))


def save(name, net, inputs, outputs, weights=None, **more):
    gradient = torch.randn_like(outputs)
    net.zero_grad()
    (outputs * gradient).sum().backward()
    found = {key: (parameter, parameter.grad) for key, parameter in net.named_parameters()}
    if weights:
        found = weights(found)
    tensors = {"w/" + key: pair[0] for key, pair in found.items()}
    tensors.update({"g/" + key: pair[1] for key, pair in found.items() if pair[1] is not None})
    tensors.update({"io/observations": inputs, "io/outputs": outputs, "io/gradient": gradient})
    tensors.update({"io/" + key: value for key, value in more.items()})
    write(name, tensors)


def heads(net, x, y=None):
    return torch.cat([net.actor(x), net.critic(x if y is None else y)], 1)


def linear():
    net = tree(encoder=layers(5, 9, 7), critic=nn.Linear(7, 1), actor=nn.Linear(7, 2))
    net.log_std = nn.Parameter(torch.zeros(2))
    shake(net)
    x = torch.randn(ROWS, 5)
    save("linear", net, x, heads(net, encode(net.encoder, x, torch.tanh)))


def separate():
    net = tree(encoder=layers(6, 8), actor=nn.Linear(8, 9), critic=nn.Linear(8, 1))
    net.critic.add_module("encoder", layers(6, 8))
    net.log_std = nn.Parameter(torch.zeros(2))
    shake(net)
    x = torch.randn(ROWS, 6)
    save("separate", net, x, heads(net, encode(net.encoder, x, F.relu), encode(net.critic.encoder, x, F.relu)))


def norm():
    net = tree(encoder=layers(7, 11, 6, norm=True), actor=nn.Linear(6, 5), critic=nn.Linear(6, 1))
    shake(net)
    x = torch.randn(ROWS, 7)
    save("norm", net, x, heads(net, encode(net.encoder, x, lambda v: F.gelu(v, approximate="tanh"))))


def normalised():
    net = tree(encoder=layers(4, 6), actor=nn.Linear(6, 3), critic=nn.Linear(6, 1))
    shake(net)
    mean, scale = torch.randn(4), torch.rand(4) + 8
    x = torch.randn(ROWS, 4)
    outputs = heads(net, encode(net.encoder, ((x - mean) * scale).clamp(-10, 10), F.relu))
    save("normalised", net, x, outputs, lambda found: {"normalizer.mean": (mean, None), "normalizer.scale": (scale, None), **found})


def recurrent(name, cell, step, width):
    net = tree(encoder=layers(6, 10), core=tree(**{name: cell}), actor=nn.Linear(width, 4), critic=nn.Linear(width, 1))
    shake(net)
    x = torch.randn(SEQUENCES, SLOTS, 6)
    starts = torch.zeros(SEQUENCES, SLOTS, dtype=torch.uint8)
    starts[0, 2] = starts[2, 0] = starts[2, 4] = 1
    states = 2 if name == "lstm" else 1
    first = [0.5 * torch.randn(SEQUENCES, width) for _ in range(states)]
    state, outputs = first, []
    for slot in range(SLOTS):
        keep = (1 - starts[:, slot : slot + 1]).float()
        state = step(cell, encode(net.encoder, x[:, slot], F.relu), [part * keep for part in state])
        outputs.append(heads(net, state[0]))
    save(name, net, x.reshape(ROWS, 6), torch.stack(outputs, 1).reshape(ROWS, 5),
         starts=starts, state=torch.cat(first, 1), next=torch.cat(state, 1))


def mingru_step(cell, x, state):
    gate, candidate = cell(x).chunk(2, 1)
    return [torch.lerp(state[0], candidate, gate.sigmoid())]


def one_hot(codes, count):
    return F.one_hot(codes.long(), count).float()


def grid(name, convolutions, join):
    """5 x 7 cells of a code of 4 and an amount from byte 2 on; byte 0 a code of 3, byte 1 an amount."""
    side = {"conv": 7, "table": 5}[name]
    rows = torch.randint(0, 256, (ROWS, 2 + 5 * side * 2), dtype=torch.uint8)
    rows[:, 0] %= 3
    rows[:, 2::2] %= 4
    cells = rows[:, 2:].reshape(ROWS, 5, side, 2)
    planes = torch.cat([one_hot(cells[..., 0], 4), cells[..., 1:].float() / 255], 3).permute(0, 3, 1, 2)
    fields = torch.cat([one_hot(rows[:, 0], 3), rows[:, 1:2].float() / 255], 1)
    maps, channels, conv = planes, 5, {}
    for index, (outputs, kernel, stride) in enumerate(convolutions):
        conv["conv%d" % (index + 1)] = nn.Conv2d(channels, outputs, kernel, stride)
        channels = outputs
    encoder = nn.Module()
    encoder.add_module("grid", tree(**conv))
    sizes = planes
    for module in conv.values():
        sizes = module(sizes)
    features = sizes[0].numel()
    if join:
        encoder.add_module("fields", nn.Linear(4, features, bias=False))
    encoder.add_module("0", nn.Linear(features if join else features + 4, 6))
    net = tree(encoder=encoder, actor=nn.Linear(6, 3), critic=nn.Linear(6, 1))
    shake(net)
    for index, module in enumerate(conv.values()):
        maps = module(maps)
        if join and index == len(conv) - 1:
            maps = maps + encoder.fields(fields).reshape(maps.shape)
        maps = F.relu(maps)
    x = maps.flatten(1) if join else torch.cat([maps.flatten(1), fields], 1)
    save(name, net, rows, heads(net, F.relu(encoder._modules["0"](x))))


def entities(name, attention):
    """Two of a kind of 4 elements, one of a kind of 3, then two elements of neither."""
    x = torch.randn(ROWS, 13)
    x[:, 3] = x[:, 10] = 1
    x[:, 7] = (torch.rand(ROWS) < 0.5).float()
    encoder = nn.Module()
    encoder.add_module("entities", tree(near=layers(3, 32), far=layers(2, 32)))
    encoder.add_module("0", nn.Linear(3 * 32 + 2, 6))
    net = tree(encoder=encoder, actor=nn.Linear(6, 3), critic=nn.Linear(6, 1))
    heads_of = nn.MultiheadAttention(32, 2, batch_first=True) if attention else None
    if attention:
        net.add_module("attention", heads_of)
    shake(net)
    near, far = x[:, :8].reshape(ROWS, 2, 4), x[:, 8:11].reshape(ROWS, 1, 3)
    there = torch.cat([near[..., 3], far[..., 2]], 1) != 0
    tokens = torch.cat([encode(encoder.entities.near, near[..., :3], torch.tanh), encode(encoder.entities.far, far[..., :2], torch.tanh)], 1)
    if attention:
        with torch.no_grad():
            heads_of.out_proj.weight.copy_(torch.eye(32))
            heads_of.out_proj.bias.zero_()
        tokens = tokens + heads_of(tokens, tokens, tokens, key_padding_mask=~there)[0]
    pair, shown = tokens[:, :2], there[:, :2, None]
    largest = pair.masked_fill(~shown, float("-inf")).max(1).values
    mean = (pair * shown).sum(1) / shown.sum(1)
    features = torch.cat([largest, mean, tokens[:, 2], x[:, 11:]], 1)

    def split(found):
        parts = {}
        for key, (parameter, gradient) in found.items():
            if key.startswith("attention.in_proj"):
                kind = key.rsplit("_", 1)[1]
                for index, part in enumerate(["query", "key", "value"]):
                    parts["encoder.attention.%s.%s" % (part, kind)] = (parameter.chunk(3)[index], gradient.chunk(3)[index])
            elif not key.startswith("attention."):
                parts[key] = (parameter, gradient)
        return parts

    save(name, net, x, heads(net, torch.tanh(encoder._modules["0"](features))), split)


def halves():
    numbers = torch.tensor([1.0, -2.5, 65504.0, 6.1e-5, 5.9604645e-08, 0.333251953125])
    write("halves", {"f16": numbers.half(), "bf16": numbers.bfloat16(), "f16.float": numbers.half().float(), "bf16.float": numbers.bfloat16().float()})


linear()
separate()
norm()
normalised()
recurrent("lstm", nn.LSTMCell(10, 7), lambda cell, x, state: list(cell(x, tuple(state))), 7)
recurrent("mingru", nn.Linear(10, 14), mingru_step, 7)
grid("conv", [(6, 3, 2), (5, 2, 1)], join=False)
grid("table", [(8, 5, 1)], join=True)
entities("entities", attention=False)
entities("attention", attention=True)
halves()
