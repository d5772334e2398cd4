"""The integers of a bundle's graph: what a device without ONNX computes with.

A graph is only read when it is the one that `export` writes for its sizes: every node and every constant beside the
weights is compared with a fresh export.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from watchword.bundle import Bundle
from watchword.errors import BundleError, RecipeError
from watchword_training.export import LOCAL, export
from watchword_training.frontend import LEVELS, Frontend
from watchword_training.graph import Array
from watchword_training.graph_layers import CARRIED_ZERO, MIDDLE, ZERO, convolution_names
from watchword_training.model_specs import ConvolutionSpec, FeatureSpec, NetworkSpec
from watchword_training.network import TABLE_STEP, Network

LARGEST = 65_000
"""A rescaled sum of a sound model stays below; the firmware saturates there."""

MOST_SHIFT = 64
"""No multiplier or offset has smaller steps than two to the minus this."""

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Matrix:
    """Integer product: (weight @ x * multiplier + offset) >> shift of x with its zero point taken away."""

    weight: npt.NDArray[np.int8]
    """(row, column)."""

    multiplier: Integers
    """(row,), below 2**31."""

    offset: Integers
    """(row,)."""

    shift: int
    """At least 32, so that the lower half of a 64-bit result is never needed."""


@dataclass(frozen=True)
class IntegerModel:
    """Every number that the network computes with."""

    features: FeatureSpec
    network: NetworkSpec
    convolutions: list[Matrix]
    """The local ones, and last the one over all bands."""

    inputs: list[Matrix]
    """Of each recurrent layer; the rows are reset, update, new."""

    hidden: list[Matrix]
    output: Matrix
    sigmoid: Integers
    """Multiples of the table step."""

    tanh: Integers
    """Carried states, their zero point taken away."""


def read(bundle: Bundle) -> IntegerModel:
    """The integers of `bundle`; BundleError tells what is not as `export` writes it."""
    model = onnx.load_from_string(bundle.model)
    tensors = _tensors(model)
    folder = bundle.folder
    features, network = _specs(model, tensors, folder)
    _compare(model, features, network, folder)
    units = network.hidden
    names = convolution_names(network)
    convolutions = [_named(tensors, name, folder, 0 if i else ZERO) for i, name in enumerate(names)]
    inputs, hidden = [], []
    for layer in range(network.layers):
        joined = _joined(model, tensors, layer)
        if not np.all(joined[2 * units :] == MIDDLE + 0.5):
            raise BundleError(f"{folder}: layer {layer} rounds its candidate otherwise; train the word again")
        inputs.append(
            _matrix(
                tensors[f"input_weight_{layer}"],
                tensors[f"input_{layer}_multiplier"],
                tensors[f"input_{layer}_offset"],
                zero=ZERO if layer else 0,
                what=f"{folder}: input of layer {layer}",
            )
        )
        offset = np.concatenate([joined[: 2 * units], tensors[f"layer_{layer}_new_offset"]])
        weight, multiplier = tensors[f"layer_{layer}_weight"], tensors[f"layer_{layer}_multiplier"]
        hidden.append(_matrix(weight, multiplier, offset, zero=ZERO, what=f"{folder}: layer {layer}"))
    return IntegerModel(
        features,
        network,
        convolutions,
        inputs,
        hidden,
        _named(tensors, "output", folder, ZERO),
        sigmoid=_whole(tensors["sigmoid_table"] / TABLE_STEP),
        tanh=_whole(tensors["tanh_table"]) - CARRIED_ZERO,
    )


def _tensors(model: onnx.ModelProto) -> dict[str, Array]:
    """All constants by name, those inside the recurrent loops too."""
    graphs = [model.graph, *(a.g for node in model.graph.node for a in node.attribute if a.HasField("g"))]
    return {t.name: numpy_helper.to_array(t) for graph in graphs for t in graph.initializer}


def _specs(model: onnx.ModelProto, tensors: dict[str, Array], folder: Path) -> tuple[FeatureSpec, NetworkSpec]:
    """The sizes, from the shapes of the weights and of what goes in."""
    shapes = {i.name: [d.dim_value for d in i.type.tensor_type.shape.dim] for i in model.graph.input}
    try:
        carry, (past, mels) = shapes["past"][1], shapes["frames"][1:]
        span, channels = tensors["convolution_weight"].shape
        window = 2 * next(len(t) for t in tensors.values() if t.dtype == np.float64 and t.ndim == 2)
        logarithm = next(node for node in model.graph.node if node.op_type == "Log")
        lowered = _reader(model, logarithm)
        floor, scale = (float(tensors[node.input[1]]) for node in (lowered, _reader(model, lowered)))
        hidden = [shape[1] for name, shape in shapes.items() if name.startswith("hidden_")]
        features = FeatureSpec(
            window=window, hop=window - carry, mels=mels, floor=floor, ceiling=floor + (LEVELS - 1) / scale
        )
        told = next((p.value for p in model.metadata_props if p.key == LOCAL), "[]")
        local = tuple(ConvolutionSpec(**spec) for spec in json.loads(told))
        width = NetworkSpec(local=local).convolutions(mels)[-1].width
        kernel, past = span // width, shapes[f"rows_{len(local)}"][1] if local else past
        network = NetworkSpec(
            local=local,
            kernel=kernel,
            stride=kernel - past,
            channels=channels,
            hidden=hidden[0],
            layers=len(hidden),
        )
    except (KeyError, StopIteration, TypeError, ValueError, IndexError, RecipeError) as exc:
        raise BundleError(f"{folder}: not a graph that this package exports ({exc!r}); train the word again") from exc
    return features, network


def _reader(model: onnx.ModelProto, node: onnx.NodeProto) -> onnx.NodeProto:
    """The node that reads what `node` gives."""
    reader: onnx.NodeProto = next(reader for reader in model.graph.node if node.output[0] in reader.input)
    return reader


def _compare(model: onnx.ModelProto, features: FeatureSpec, spec: NetworkSpec, folder: Path) -> None:
    """Refuse a graph that differs from a fresh export in anything but its weights."""
    with torch.random.fork_rng():
        fresh = export(Network(spec, features.mels).eval(), Frontend(features), {})
    mine, theirs = _nodes(model.graph), _nodes(fresh.graph)
    different = next((a for a, b in zip(mine, theirs, strict=False) if a != b), "its number of nodes")
    if mine != theirs:
        raise BundleError(
            f"{folder}: the graph computes otherwise than this package exports it, from {different} on; train it again"
        )
    here, there = _tensors(model), _tensors(fresh)
    for name, expected in there.items():
        value = here.get(name, np.empty(0))
        if value.dtype != expected.dtype or value.shape != expected.shape:
            raise BundleError(f"{folder}: {name} is {value.dtype} {value.shape}, expected {expected.dtype}")
        close = np.allclose(value, expected, rtol=1e-9, atol=0) if value.dtype == np.float64 else None
        if not _learned(name, value, spec) and not (close or np.array_equal(value, expected)):
            raise BundleError(
                f"{folder}: {name} has other values than this package exports for {features}; "
                "the firmware knows no other front end"
            )


def _nodes(graph: onnx.GraphProto) -> list[str]:
    """Every operator with its operands and attributes, those inside the recurrent loops too."""
    listed = []
    for node in graph.node:
        inner = [line for a in node.attribute if a.HasField("g") for line in _nodes(a.g)]
        plain = [str(a) for a in node.attribute if not a.HasField("g")]
        listed.append(f"{node.op_type}({', '.join(node.input)}) = {', '.join(node.output)} {plain}")
        listed += inner
    return listed


def _learned(name: str, value: Array, spec: NetworkSpec) -> bool:
    """Whether training decides a constant: weights, what rescales them, and offsets of the gates."""
    named = any(part in name for part in ("weight", "multiplier", "offset"))
    return named or (value.dtype == np.float64 and value.shape == (3 * spec.hidden,))


def _joined(model: onnx.ModelProto, tensors: dict[str, Array], layer: int) -> Array:
    """What is added to the inputs of a recurrent layer: the offsets of its state's product, and the tables' middle."""
    scan = next(node for node in model.graph.node if f"layer_{layer}" in node.output)
    split = next(node for node in model.graph.node if scan.input[2] in node.output)
    added = next(node for node in model.graph.node if split.input[0] in node.output)
    return tensors[added.input[1]]


def _named(tensors: dict[str, Array], name: str, folder: Path, zero: int) -> Matrix:
    weight, multiplier, offset = (tensors[f"{name}_{part}"] for part in ("weight", "multiplier", "offset"))
    return _matrix(weight, multiplier, offset, zero=zero, what=f"{folder}: {name}")


def _matrix(stored: Array, multiplier: Array, offset: Array, *, zero: int, what: str) -> Matrix:
    """
    Integers of a product whose uint8 operand has the zero point `zero`; the firmware's operands all have 128.

    BundleError when a sum could leave the numbers that the firmware computes with.
    """
    weight = (stored.astype(np.int64) - ZERO).T
    shift = next(s for s in range(MOST_SHIFT) if all(np.all(v * 2.0**s % 1 == 0) for v in (multiplier, offset)))
    shift = max(shift, 32)
    whole, added = _whole(multiplier * 2.0**shift), _whole(offset * 2.0**shift)
    added += (ZERO - zero) * weight.sum(1) * whole
    most = (np.abs(weight).sum(1) * ZERO * np.abs(whole) + np.abs(added)).max() / 2.0**shift
    if most >= LARGEST or np.abs(whole).max() >= 2**31:
        raise BundleError(f"{what}: sums reach {most:.0f} steps, expected less than {LARGEST}; train it again")
    return Matrix(weight.astype(np.int8), whole, added, shift)


def _whole(values: Array) -> Integers:
    """`values`, which are whole numbers, as integers."""
    rounded: Integers = np.asarray(values, np.float64).astype(np.int64)
    if not np.array_equal(rounded, values):
        raise BundleError("a constant of the graph is no whole number of its steps; train the word again")
    return rounded
