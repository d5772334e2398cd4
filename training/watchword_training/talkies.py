"""Human speech that Debian carries: the lines that actors speak in three freeware adventure games.

The formats are read as the games' own engines read them; each line becomes one FLAC file at 16 kHz.
"""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile
import soxr
from tqdm import tqdm

from watchword.errors import RecipeError
from watchword_training.recipe import SAMPLE_RATE

SHORTEST = 0.3
"""Seconds; what is shorter is a noise."""

FAINTEST = 0.02
"""Peak below which a line is silence."""

PEAK = 0.7

HELD_OUT = ("C39A", "C62B_081")
"""Lines whose names begin so say "activate" in the script: `examples/` has two of them, and training none."""


class Line(NamedTuple):
    """One spoken line as it is in the game."""

    name: str
    samples: npt.NDArray[np.float32]
    """(time,), full scale 1."""
    sample_rate: int


@dataclass(frozen=True)
class Talkie:
    """A game whose package holds speech."""

    package: str
    licence: str


TALKIES = (
    Talkie("flight-of-the-amazon-queen", "freeware licence of the game (Debian main)"),
    Talkie("beneath-a-steel-sky", "freeware licence of the game (Debian main)"),
    Talkie("drascula", "freeware licence of the game (Debian main)"),
)


def extract(package: str, root: Path) -> Iterator[Line]:
    """The spoken lines of `package`, unpacked below `root`."""
    readers: dict[str, Callable[[Path], Iterator[Line]]]
    readers = {"flight-of-the-amazon-queen": _queen, "beneath-a-steel-sky": _sky, "drascula": _drascula}
    try:
        yield from readers[package](root)
    except (StopIteration, RuntimeError, struct.error) as exc:
        raise RecipeError(f"{package} does not hold the files that this version reads; {exc}") from exc


def _bytes(data: bytes) -> npt.NDArray[np.float32]:
    """Unsigned 8-bit samples."""
    samples: npt.NDArray[np.float32] = (np.frombuffer(data, np.uint8).astype(np.float32) - 128) / np.float32(128)
    return samples


def _queen(root: Path) -> Iterator[Line]:
    """An archive of MP3 files behind an index of 21-byte records: name, bundle, offset, size."""
    data = next(root.rglob("queen.1c")).read_bytes()
    (count,) = struct.unpack(">H", data[13:15])
    for record in range(count):
        entry = data[15 + 21 * record : 36 + 21 * record]
        name = entry[:12].split(b"\0")[0].decode("latin1")
        _, offset, size = struct.unpack(">BII", entry[12:])
        if name.endswith(".SB") and not name.startswith(HELD_OUT):
            try:
                samples, rate = soundfile.read(io.BytesIO(data[offset : offset + size]), dtype="float32")
            except soundfile.LibsndfileError:
                continue  # a few effects are stored in another form
            yield Line(name.removesuffix(".SB"), samples, rate)


def _sky(root: Path) -> Iterator[Line]:
    """A disk image behind an index of 8-byte records; speech has numbers from 50,000, after a header of 22 bytes."""
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
            yield Line(str(number), _bytes(disk[offset + 22 : offset + size]), 11_025)


def _drascula(root: Path) -> Iterator[Line]:
    """Raw files."""
    folder = next(root.rglob("L1.ALS")).parent
    for file in sorted(folder.glob("*.ALS")):
        yield Line(file.stem, _bytes(file.read_bytes()), 11_025)


def install(package: str, folder: Path) -> int:
    """Fetch `package` with apt and write its lines into `folder`/`package`; gives how many there are."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise RecipeError(f"{package} comes with Debian's tools, apt-get and dpkg, and they are not here")
    target = folder / package
    with tempfile.TemporaryDirectory() as scratch:
        fetched = subprocess.run(
            ["apt-get", "download", package], cwd=scratch, capture_output=True, text=True, check=False
        )
        if fetched.returncode:
            raise RecipeError(f"apt-get could not download {package}: {fetched.stderr.strip()[-200:]}")
        archive = next(Path(scratch).glob("*.deb"))
        subprocess.run(["dpkg", "-x", archive, scratch], check=True)
        partial = folder / f".{package}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        written = sum(
            _write(line, partial) for line in tqdm(extract(package, Path(scratch)), desc=package, unit="line")
        )
        notice = next(Path(scratch).glob(f"usr/share/doc/{package}/copyright"))
        shutil.copy(notice, partial / "copyright.txt")
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return written


def _write(line: Line, folder: Path) -> bool:
    samples = line.samples - line.samples.mean() if len(line.samples) else line.samples
    peak = float(np.abs(samples).max(initial=0))
    if len(samples) < SHORTEST * line.sample_rate or peak < FAINTEST:
        return False
    resampled = soxr.resample(samples * (PEAK / peak), line.sample_rate, SAMPLE_RATE)
    soundfile.write(folder / f"{line.name}.flac", resampled, SAMPLE_RATE)
    return True
