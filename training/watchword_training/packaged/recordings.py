"""Recordings as they lie in an unpacked package."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import soundfile
from G722 import G722

from watchword.errors import RecipeError
from watchword_training.packaged.sources import Source

Audio = npt.NDArray[np.float32]

G722_RATE = 16_000
"""Hertz of its wideband form, at 64 kbit/s."""


class Recording(NamedTuple):
    """One recording as the package has it."""

    name: str
    samples: Audio | None
    """(time,) or (time, channel), full scale 1; None where it cannot be decoded."""
    sample_rate: int


def decode(name: str, data: bytes, form: str) -> Recording:
    """The recording in `data`, a file whose name ends with `form`."""
    if form == ".g722":
        decoded = np.asarray(G722(G722_RATE, 64_000).decode(data), np.float32)
        return Recording(name, decoded / np.float32(32_768), G722_RATE)
    try:
        samples, rate = soundfile.read(io.BytesIO(data), dtype="float32")
    except soundfile.LibsndfileError:
        return Recording(name, None, 0)
    return Recording(name, samples, rate)


def recordings(source: Source, root: Path) -> Iterator[Recording]:
    """The files that `source` names in its package, unpacked below `root`."""
    folder = root / source.folder
    if folder.is_file():
        archive, folder = folder, root / "archive"
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
    found = sorted({file for pattern in source.files for file in folder.glob(pattern)})
    if not found:
        raise RecipeError(
            f"{source.name} does not hold the files that this version reads; expected {', '.join(source.files)} "
            f"in {source.folder}"
        )
    for file in found:
        path = file.relative_to(folder)
        if not any(fnmatch(path.as_posix(), pattern) for pattern in source.without):
            yield decode("-".join(path.with_suffix("").parts), file.read_bytes(), file.suffix)
