"""A thin hand on `onnx.helper`: constants by value, operators by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

Array = npt.NDArray[Any]
Operand = str | Array

OPSET = 18
DOUBLE, FLOAT, UINT8, INT16, INT32 = (
    TensorProto.DOUBLE,
    TensorProto.FLOAT,
    TensorProto.UINT8,
    TensorProto.INT16,
    TensorProto.INT32,
)


class Graph:
    """Nodes and constants in the order in which they are written."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, value: Array | float, name: str | None = None) -> str:
        """Store `value`; gives its name."""
        name = f"{self._prefix}{name or f'constant_{len(self.constants)}'}"
        self.constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def many(self, operator: str, *operands: Operand, outputs: int | Sequence[str], **attributes: Any) -> list[str]:
        """Append a node; gives the names of its outputs."""
        if isinstance(outputs, int):
            outputs = [f"{self._prefix}{operator.lower()}_{len(self.nodes)}_{i}" for i in range(outputs)]
        names = [o if isinstance(o, str) else self.constant(o) for o in operands]
        self.nodes.append(helper.make_node(operator, names, list(outputs), **attributes))
        return list(outputs)

    def op(self, operator: str, *operands: Operand, name: str | None = None, **attributes: Any) -> str:
        """Append a node of one output; gives its name."""
        return self.many(operator, *operands, outputs=[name] if name else 1, **attributes)[0]

    def cast(self, x: str, to: int, name: str | None = None) -> str:
        """`x` in another type."""
        return self.op("Cast", x, name=name, to=to)

    def proto(self, name: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> onnx.GraphProto:
        """The finished graph."""
        return helper.make_graph(self.nodes, name, list(inputs), list(outputs), self.constants)


def integer(value: int | Sequence[int]) -> Array:
    """An int64 constant."""
    return np.array(value, np.int64)


def real(value: float | Array) -> Array:
    """A double constant."""
    return np.asarray(value, np.float64)


def tensor(name: str, kind: int, shape: Sequence[str | int]) -> onnx.ValueInfoProto:
    """Declaration of an input or an output."""
    return helper.make_tensor_value_info(name, kind, list(shape))


def spans(g: Graph, count: str, stride: int, offsets: Array) -> str:
    """Indices (count, len(offsets)): where each of `count` windows, `stride` apart, finds its values."""
    starts = g.op("Mul", g.op("Range", integer(0), count, integer(1)), integer(stride))
    return g.op("Add", g.op("Unsqueeze", starts, integer([1])), offsets[None].astype(np.int64))
