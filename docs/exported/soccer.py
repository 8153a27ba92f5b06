# 49-64-64, tanh, 4 continuous actions
# Written by 'arena export' for the safetensors file beside it; needs PyTorch and nothing else.
import json, struct, torch
import torch.nn.functional as F


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    return {name: torch.frombuffer(data, dtype=torch.float32, offset=t["data_offsets"][0], count=(t["data_offsets"][1] - t["data_offsets"][0]) // 4)
            .reshape(t["shape"]).clone() for name, t in header.items()}


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        part = tensor.detach().float().cpu().contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(part)]}
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

    # x: (batch, 49); state: none.
    # Gives (batch, 5) = 4 means, value, and the next state.
    def forward(self, x, state=None):
        w = dict(self.named_parameters())
        x = torch.tanh(F.linear(x, w["encoder.0.weight"], w["encoder.0.bias"]))
        x = torch.tanh(F.linear(x, w["encoder.1.weight"], w["encoder.1.bias"]))
        return torch.cat([F.linear(x, w["actor.weight"], w["actor.bias"]), F.linear(x, w["critic.weight"], w["critic.bias"])], 1), state
