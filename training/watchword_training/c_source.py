"""Writes constants as C: a header of numbers, and one block of arrays whose bytes a checksum covers."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from watchword_training.graph import Array

WIDTH = 118
KINDS = {"int64_t": "<i8", "int32_t": "<i4", "uint16_t": "<u2", "int16_t": "<i2", "uint8_t": "<u1", "int8_t": "<i1"}
"""Types of C, the widest first, and what numpy calls them."""


@dataclass
class Block:
    """Arrays of one structure without gaps, the widest types first."""

    arrays: dict[str, tuple[str, Array]] = field(default_factory=dict)

    def add(self, name: str, kind: str, values: Array) -> str:
        """Keep `values` as an array of `kind`; OverflowError when they do not fit. Gives `name`."""
        stored = np.asarray(values).astype(KINDS[kind])
        if not np.array_equal(stored, values):
            raise OverflowError(f"{name} holds values that {kind} does not")
        self.arrays[name] = (kind, stored)
        return name

    def ordered(self) -> list[tuple[str, str, Array]]:
        """Name, type and values in the order in which they lie in memory, the end filled to eight bytes."""
        listed = [(name, kind, values) for kind in KINDS for name, (k, values) in self.arrays.items() if k == kind]
        if gap := -sum(values.nbytes for _, _, values in listed) % 8:
            listed.append(("gap", "int8_t", np.zeros(gap, "<i1")))
        return listed

    def content(self) -> bytes:
        """The block's bytes on a little-endian machine."""
        return b"".join(values.tobytes() for _, _, values in self.ordered())

    def declaration(self) -> list[str]:
        """Lines of the structure's members."""
        shapes = {name: "".join(f"[{n}]" for n in values.shape) for name, _, values in self.ordered()}
        return [f"    {kind} {name}{shapes[name]};" for name, kind, _ in self.ordered()]

    def definition(self) -> list[str]:
        """Lines that give the members their values."""
        lines = []
        for name, kind, values in self.ordered():
            suffix = "LL" if kind == "int64_t" else ""
            numbers = ", ".join(f"{value}{suffix}" for value in values.ravel().tolist())
            opened, closed = "{" * values.ndim, "}" * values.ndim
            if values.ndim > 1:
                rows = [", ".join(map(str, row)) for row in values.tolist()]
                numbers, opened, closed = "},\n{".join(rows), "{{", "}}"
            body = "\n".join(
                line
                for row in numbers.split("\n")
                for line in textwrap.wrap(row, WIDTH, initial_indent="    ", subsequent_indent="    ")
            )
            lines += [f"    .{name} = {opened}", body, f"    {closed},"]
        return lines

    @property
    def checksum(self) -> int:
        """CRC-32 of the bytes, as zlib has it."""
        return crc32(self.content())


def defines(numbers: dict[str, int | str]) -> list[str]:
    """A line of the preprocessor for each number; text stands as it is."""
    return [f"#define {name} {value}" for name, value in numbers.items()]
