"""The layers as graph: exact integer products, rescaled by integers over a power of two, gates by tables."""

from __future__ import annotations

import math

import numpy as np
from torch import Tensor

from watchword_training.graph import DOUBLE, FLOAT, INT16, INT32, UINT8, Array, Graph, integer, real, spans, tensor
from watchword_training.model_specs import Convolved, NetworkSpec
from watchword_training.network import (
    CARRIED_STEP,
    CONVOLUTION_STEP,
    GATE_RANGE,
    GATE_STEP,
    HIDDEN_STEP,
    LEVEL_STEP,
    LEVEL_ZERO,
    TABLE_STEP,
    Network,
    eight_bit,
)

ZERO = 128
"""Zero point of weights and of hidden states; unsigned weights keep CPUs without VNNI exact."""

MULTIPLIER_BITS = 28
"""Bits of a multiplier: with a 24-bit sum the product stays exact in a double's 53."""

OFFSET_BITS = 51
"""Bits of an offset, for the same reason."""

MIDDLE = round(GATE_RANGE / GATE_STEP)
"""Index of 0 in the tables."""

CARRIED_ZERO = 32_768
"""Offset of the carried state inside the recurrent loop, which keeps it positive."""


def fixed_point(scale: Array, offset: Array) -> tuple[Array, Array]:
    """Multipliers and offsets as integers over one power of two, so that acc * scale + offset is exact."""
    shift = min(
        MULTIPLIER_BITS - math.ceil(math.log2(float(np.abs(scale).max()))),
        OFFSET_BITS - math.ceil(math.log2(float(np.abs(offset).max()) + 1)),
    )
    unit = 2.0**shift
    return np.round(scale * unit) / unit, np.round(offset * unit) / unit


def _product(g: Graph, x: str, weight: Tensor, zero_point: int, name: str) -> str:
    """Exact integer products of uint8 `x` with the 8-bit rows of `weight`, as doubles."""
    integers, _ = eight_bit(weight)
    stored = g.constant((integers.t().numpy() + ZERO).astype(np.uint8), name)
    sums = g.op("MatMulInteger", x, stored, np.array(zero_point, np.uint8), np.array(ZERO, np.uint8))
    return g.cast(sums, DOUBLE)


def _rescaled(g: Graph, sums: str, scale: Array, offset: Array, name: str) -> str:
    """Sums to units of the next stage. The caller truncates, which floors what is not negative."""
    multiplier, added = fixed_point(scale, offset)
    scaled = g.op("Mul", sums, g.constant(multiplier, f"{name}_multiplier"))
    return g.op("Add", scaled, g.constant(added, f"{name}_offset"))


def _steps(weight: Tensor) -> Array:
    result: Array = eight_bit(weight)[1][:, 0].double().numpy()
    return result


def convolution_names(spec: NetworkSpec) -> list[str]:
    """What each convolution, the last one at the end, is called in the graph."""
    return [*(f"convolution_{index}" for index in range(len(spec.local))), "convolution"]


def convolutions(g: Graph, network: Network, levels: str) -> tuple[str, list[str]]:
    """
    Rectified uint8 output (batch, step, channel) of the last convolution over the fresh `levels`.

    Also the names of the states: rows of levels, and for each further convolution rows of what the one before says.
    """
    states = []
    x, zero_point, step = levels, LEVEL_ZERO, LEVEL_STEP
    placed = zip(convolution_names(network.spec), network.spec.convolutions(network.mels), strict=True)
    for index, (name, convolved) in enumerate(placed):
        states.append(f"rows_{index}" if index else "frames")
        joined = g.op("Concat", states[-1], x, axis=1)
        past = integer([-convolved.spec.past])
        g.op("Slice", joined, past, integer([2**31]), integer([1]), name=f"next_{states[-1]}")
        matrix, bias = network.convolution(index).folded()
        windows = _windows(g, convolved, joined, x)
        if index < len(network.spec.local):
            windows = g.op("Reshape", windows, integer([0, 0, convolved.places, convolved.columns]))
        sums = _product(g, windows, matrix, zero_point, f"{name}_weight")
        scale = step * _steps(matrix) / CONVOLUTION_STEP
        scaled = _rescaled(g, sums, scale, bias.double().numpy() / CONVOLUTION_STEP + 0.5, name)
        x = g.cast(g.op("Clip", scaled, real(0.0), real(255.0)), UINT8, name)
        zero_point, step = 0, CONVOLUTION_STEP
    return x, states


def _windows(g: Graph, convolved: Convolved, joined: str, fresh: str) -> str:
    """What lies under the kernel at each place, (batch, step, place times value).

    `joined` are the rows that the kernel reads, `fresh` those of them that are new.
    """
    spec, channels = convolved.spec, convolved.channels
    flat = g.op("Flatten", joined, axis=1)
    count = g.op("Div", g.op("Gather", g.op("Shape", fresh), integer(1)), integer(spec.frame_stride))
    rows = np.arange(spec.frames) * convolved.width
    within = (rows[:, None] + np.arange(spec.bands * channels)).ravel()
    starts = np.arange(convolved.places) * spec.band_stride * channels
    every = spans(g, count, spec.frame_stride * convolved.width, (starts[:, None] + within).ravel())
    return g.op("Gather", flat, every, axis=1)


def _gate(g: Graph, x: str, table: str) -> str:
    """Look up what a gate makes of `x`; the tables lie in the outermost graph."""
    index = g.cast(g.op("Clip", x, real(0.0), real(2.0 * MIDDLE - 1)), INT32)
    return g.op("Gather", table, index)


def tables(g: Graph) -> None:
    """The sigmoid as multiples of its step, the hyperbolic tangent as a carried state; both fit a float exactly."""
    argument = (np.arange(2 * MIDDLE) - MIDDLE) * GATE_STEP
    sigmoid = np.floor(1 / (1 + np.exp(-argument)) / TABLE_STEP + 0.5) * TABLE_STEP
    tanh = np.minimum(np.floor(np.tanh(argument) / CARRIED_STEP + 0.5), CARRIED_ZERO - 1) + CARRIED_ZERO
    for name, table in (("sigmoid", sigmoid), ("tanh", tanh)):
        g.cast(g.constant(table.astype(np.float32), f"{name}_table"), DOUBLE, name)


def recurrent(g: Graph, network: Network, layer: int, x: str, zero_point: int) -> str:
    """Hidden states (batch, step, unit) as uint8 of one gated recurrent layer."""
    units = network.spec.hidden
    w_x, w_h, b_x, b_h = network.cell(layer)
    middle = (_rounded_sum(w_h) * HIDDEN_STEP / 2).numpy()  # the states are cut off, half a step is lost on average
    x_middle = (_rounded_sum(w_x) * HIDDEN_STEP / 2).numpy() if zero_point else 0.0
    bias = b_x.double().numpy() + x_middle
    bias[: 2 * units] += b_h.double().numpy()[: 2 * units]
    sums = _product(g, x, w_x, zero_point, f"input_weight_{layer}")
    x_step = HIDDEN_STEP if zero_point else CONVOLUTION_STEP
    scaled = _rescaled(g, sums, x_step * _steps(w_x) / GATE_STEP, bias / GATE_STEP + 0.5, f"input_{layer}")
    whole = g.op("Floor", scaled)
    h_scale = HIDDEN_STEP * _steps(w_h) / GATE_STEP
    h_offset = middle / GATE_STEP
    h_offset[2 * units :] += b_h.double().numpy()[2 * units :] / GATE_STEP
    multiplier, offset = fixed_point(h_scale, h_offset + 0.5)
    inputs = g.op(
        "Add", whole, g.constant(np.concatenate([offset[: 2 * units] + MIDDLE, np.full(units, MIDDLE + 0.5)]))
    )
    switches, new = g.many("Split", inputs, integer([2 * units, units]), outputs=2, axis=2)

    b = Graph(f"layer_{layer}_")
    step = _product(b, "seen", w_h, ZERO, "weight")
    scaled = b.op("Mul", step, b.constant(multiplier, "multiplier"))
    toward_switches, toward_new = b.many("Split", scaled, integer([2 * units, units]), outputs=2, axis=1)
    opened = _gate(b, b.op("Add", toward_switches, "switches"), "sigmoid")
    reset, update = b.many("Split", opened, integer([units, units]), outputs=2, axis=1)
    memory = b.op("Floor", b.op("Add", toward_new, b.constant(offset[2 * units :], "new_offset")))
    candidate = _gate(b, b.op("Add", b.op("Mul", reset, memory), "new"), "tanh")
    kept = b.op("Floor", b.op("Mul", update, b.op("Sub", "carried", candidate)))
    following = b.op("Add", candidate, kept, name="next_carried")
    b.cast(b.op("Mul", following, real(1 / 256)), UINT8, "next_seen")
    b.op("Identity", "next_seen", name="output")
    body = b.proto(
        f"layer_{layer}",
        [
            tensor("carried", DOUBLE, ["batch", units]),
            tensor("seen", UINT8, ["batch", units]),
            tensor("switches", DOUBLE, ["batch", 2 * units]),
            tensor("new", DOUBLE, ["batch", units]),
        ],
        [
            tensor("next_carried", DOUBLE, ["batch", units]),
            tensor("next_seen", UINT8, ["batch", units]),
            tensor("output", UINT8, ["batch", units]),
        ],
    )
    carried = g.op("Add", g.cast(f"hidden_{layer}", DOUBLE), real(float(CARRIED_ZERO)))
    seen = g.cast(g.op("Mul", carried, real(1 / 256)), UINT8)
    last, _, outputs = g.many(
        "Scan",
        carried,
        seen,
        switches,
        new,
        outputs=[f"last_{layer}", f"last_seen_{layer}", f"layer_{layer}"],
        body=body,
        num_scan_inputs=2,
        scan_input_axes=[1, 1],
        scan_output_axes=[1],
    )
    g.cast(g.op("Sub", last, real(float(CARRIED_ZERO))), INT16, f"next_hidden_{layer}")
    return outputs


def _rounded_sum(weight: Tensor) -> Tensor:
    """Sum of each row as 8-bit integers hold it."""
    integers, step = eight_bit(weight)
    return (integers * step).double().sum(1)


def output(g: Graph, network: Network, x: str) -> None:
    """The probability of each step."""
    weight, bias = network.output.weight, network.output.bias.double().numpy()
    sums = _product(g, x, weight, ZERO, "output_weight")
    offset = (bias + (_rounded_sum(weight) * HIDDEN_STEP / 2).numpy()) / GATE_STEP + 0.5 + MIDDLE
    scaled = _rescaled(g, sums, HIDDEN_STEP * _steps(weight) / GATE_STEP, offset, "output")
    chosen = _gate(g, scaled, "sigmoid")
    g.op("Squeeze", g.cast(chosen, FLOAT), integer([2]), name="probability")
