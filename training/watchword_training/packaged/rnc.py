"""Unpacking of Rob Northen's ProPack, method 1: runs of bytes as they are, and copies of what came before.

Three canonical Huffman codes per block give the length of a run, how far back a copy begins, and its length. Bits come
from words of 16, the lowest first; the bytes of a run lie between the word that is being read and the next.
"""

from __future__ import annotations

import struct

from watchword.errors import RecipeError

HEADER = struct.Struct(">4sIIHHBB")
"""Mark, sizes unpacked and packed, checksums of both, how much more memory unpacking in place takes, blocks."""

MARK = b"RNC\x01"
SHORTEST_COPY = 2

Code = tuple[int, dict[tuple[int, int], int]]
"""Bits of the longest symbol, and symbols by their bits' number and value."""


class _Bits:
    """A stream of bits with runs of bytes between its words."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place, self._bits, self._left = data, 0, 0, 0

    def take(self, count: int) -> int:
        """The next bits as a number, the first bit lowest."""
        while self._left < count:
            self._bits |= int.from_bytes(self._data[self._place : self._place + 2], "little") << self._left
            self._place += 2
            self._left += 16
        taken = self._bits & ((1 << count) - 1)
        self._bits >>= count
        self._left -= count
        return taken

    def run(self, count: int) -> bytes:
        """The next bytes as they are."""
        self._place += count
        return self._data[self._place - count : self._place]

    def code(self) -> Code:
        """A Huffman code: how many bits each symbol has; of as many bits, the first symbol has the lowest value."""
        lengths = [self.take(4) for _ in range(self.take(5))]
        symbols, value = {}, 0
        for length in range(1, 16):
            for symbol, own in enumerate(lengths):
                if own == length:
                    symbols[length, value] = symbol
                    value += 1
            value <<= 1
        return max(lengths, default=0), symbols

    def number(self, code: Code) -> int:
        """A number: its symbol says how many bits follow its highest one."""
        longest, symbols = code
        value = 0
        for length in range(1, longest + 1):
            value = value << 1 | self.take(1)
            symbol = symbols.get((length, value))
            if symbol is not None:
                return symbol if symbol < 2 else self.take(symbol - 1) | 1 << (symbol - 1)
        raise RecipeError("packed data hold bits that are no symbol of their code")


def packed(data: bytes) -> bool:
    """Whether `data` begins as packed data do."""
    return data.startswith(MARK)


def unpacked(data: bytes) -> bytes:
    """What `data` hold; RecipeError when that is damaged."""
    _, size, _, checksum, _, _, blocks = HEADER.unpack_from(data)
    bits, found = _Bits(data[HEADER.size :]), bytearray()
    bits.take(2)
    for _ in range(blocks):
        runs, distances, lengths = bits.code(), bits.code(), bits.code()
        for left in range(bits.take(16), 0, -1):
            found += bits.run(bits.number(runs))
            if left > 1:
                start = len(found) - bits.number(distances) - 1
                if start < 0:
                    raise RecipeError("packed data repeat what comes before their beginning")
                for place in range(start, start + bits.number(lengths) + SHORTEST_COPY):
                    found.append(found[place])
    if len(found) != size or _checksum(found) != checksum:
        raise RecipeError(f"packed data give {len(found)} bytes of another checksum; expected {size} sound ones")
    return bytes(found)


def _table() -> list[int]:
    values = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
        values.append(value)
    return values


_CHECKED = _table()


def _checksum(data: bytes | bytearray) -> int:
    """CRC-16/ARC."""
    value = 0
    for byte in data:
        value = value >> 8 ^ _CHECKED[(value ^ byte) & 255]
    return value
