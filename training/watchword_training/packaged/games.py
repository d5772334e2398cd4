"""The speech in three freeware adventure games, read as the games' own engines read it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np

from watchword.errors import RecipeError
from watchword_training.packaged import rnc
from watchword_training.packaged.recordings import Audio, Recording, decode

EXAMPLES = ("C39A", "C62B_081")
"""Lines whose names begin so say "activate" in the script: `examples/` has two of them, and training none."""


def lines(package: str, root: Path) -> Iterator[Recording]:
    """The spoken lines of `package`, unpacked below `root`."""
    try:
        yield from READERS[package](root)
    except (StopIteration, RuntimeError, struct.error) as exc:
        raise RecipeError(f"{package} does not hold the files that this version reads; {exc}") from exc


def _queen(root: Path) -> Iterator[Recording]:
    """An archive of MP3 files behind an index of 21-byte records: name, bundle, offset, size."""
    data = next(root.rglob("queen.1c")).read_bytes()
    (count,) = struct.unpack(">H", data[13:15])
    for record in range(count):
        entry = data[15 + 21 * record : 36 + 21 * record]
        name = entry[:12].split(b"\0")[0].decode("latin1")
        _, offset, size = struct.unpack(">BII", entry[12:])
        if name.endswith(".SB") and not name.startswith(EXAMPLES):
            yield decode(name.removesuffix(".SB"), data[offset : offset + size], ".mp3")


def _sky(root: Path) -> Iterator[Recording]:
    """A disk image behind an index of 8-byte records; speech has numbers from 50,000, packed, behind 22 bytes."""
    index = next(root.rglob("sky.dnr"))
    entries, disk = index.read_bytes(), index.with_suffix(".dsk").read_bytes()
    (count,) = struct.unpack("<I", entries[:4])
    for record in range(count):
        entry = entries[4 + 8 * record : 12 + 8 * record]
        number = int.from_bytes(entry[:2], "little")
        offset = int.from_bytes(entry[2:5], "little")
        size = int.from_bytes(entry[5:8], "little") & 0x3FFFFF
        if offset & 0x800000:
            offset = (offset & 0x7FFFFF) << 4
        if number >= 50_000:
            said = disk[offset + 22 : offset + size]
            yield Recording(str(number), _unsigned(rnc.unpacked(said) if rnc.packed(said) else said), 11_025)


def _drascula(root: Path) -> Iterator[Recording]:
    """Raw files."""
    folder = next(root.rglob("L1.ALS")).parent
    for file in sorted(folder.glob("*.ALS")):
        yield Recording(file.stem, _unsigned(file.read_bytes()), 11_025)


def _unsigned(data: bytes) -> Audio:
    """Unsigned 8-bit samples."""
    samples: Audio = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / np.float32(128)
    return samples


READERS: Mapping[str, Callable[[Path], Iterator[Recording]]] = {
    "flight-of-the-amazon-queen": _queen,
    "beneath-a-steel-sky": _sky,
    "drascula": _drascula,
}
"""By package."""
