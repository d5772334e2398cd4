"""The integer graph: int16 PCM and state in, probabilities and next state out; any chunk, any batch, the same bits.

After the front end every value is an integer, or an integer times a power of two, held in doubles that represent
it exactly: no order of summation and no machine can change it. `docs/decisions/0001-integer-arithmetic.md` says why.
"""

from __future__ import annotations

import copy
import json
from dataclasses import asdict

import onnx
import torch
from onnx import helper
from torch import Tensor

from watchword_training.frontend import Frontend
from watchword_training.graph import FLOAT, INT16, OPSET, UINT8, Graph, tensor
from watchword_training.graph_frontend import frontend_levels
from watchword_training.graph_layers import ZERO, convolutions, output, recurrent, tables
from watchword_training.network import Network, probability

LOCAL = "local"
"""The field of the metadata that tells of the convolutions before the last; absent where there are none."""


@torch.no_grad()
def export(network: Network, frontend: Frontend, metadata: dict[str, str]) -> onnx.ModelProto:
    """The integer graph of a network."""
    network = copy.deepcopy(network).double()  # weights are rounded to 8 bits from the same numbers as in the reference
    spec, features = network.spec, frontend.spec
    g = Graph()
    tables(g)
    x, rows = convolutions(g, network, frontend_levels(g, frontend))
    zero_point = 0
    for layer in range(spec.layers):
        x = recurrent(g, network, layer, x, zero_point)
        zero_point = ZERO
    output(g, network, x)
    shapes: dict[str, list[str | int]] = {
        name: ["batch", c.spec.past, c.bands, *([c.channels] if index else [])]
        for index, (name, c) in enumerate(zip(rows, spec.convolutions(features.mels), strict=True))
    }
    inputs = [
        tensor("pcm", INT16, ["batch", "samples"]),
        tensor("past", INT16, ["batch", features.carry]),
        *(tensor(name, UINT8, shape) for name, shape in shapes.items()),
        *(tensor(f"hidden_{i}", INT16, ["batch", spec.hidden]) for i in range(spec.layers)),
    ]
    outputs = [
        tensor("probability", FLOAT, ["batch", "steps"]),
        tensor("next_past", INT16, ["batch", features.carry]),
        *(tensor(f"next_{name}", UINT8, shape) for name, shape in shapes.items()),
        *(tensor(f"next_hidden_{i}", INT16, ["batch", spec.hidden]) for i in range(spec.layers)),
    ]
    model = helper.make_model(
        g.proto("watchword", inputs, outputs),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=9,
        producer_name="watchword",
    )
    local = {LOCAL: json.dumps([asdict(c) for c in spec.local])} if spec.local else {}
    helper.set_model_props(model, {**metadata, **local})
    onnx.checker.check_model(model, full_check=True)
    return model


def torch_reference(network: Network, frontend: Frontend, pcm: Tensor) -> Tensor:
    """Probabilities (batch, step) of int16 recordings (batch, time) by the torch model, in double precision."""
    network = copy.deepcopy(network).double().eval()
    network.quantized = True
    with torch.no_grad():
        return probability(network(frontend.clip(pcm)))
