"""From a package to a folder of FLAC files at 16 kHz, mono, with the licence beside them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import soxr
from tqdm import tqdm

from watchword.errors import RecipeError
from watchword_training.packaged import games
from watchword_training.packaged.recordings import Recording, recordings
from watchword_training.packaged.sources import Fetched, Source
from watchword_training.packaged.unpacking import licence_text, unpack
from watchword_training.recipe import SAMPLE_RATE

SHORTEST = {"speech": 0.3, "noise": 1.0}
"""Seconds; what is shorter is a click where speech is wanted, and a buzz where noise is repeated over a clip."""

FAINTEST = 0.02
"""Peak below which a recording is silence."""

PEAK = 0.7


def fetch(source: Source, out: Path) -> Fetched:
    """
    Fetch `source` into its folder below `out`.

    A folder that is there is whole, because it gets its name last; it is measured and left as it is.
    """
    folder = out / source.name
    if folder.is_dir():
        return measure(folder)
    partial = out / f".{source.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        downloaded = unpack(source, root)
        unreadable = convert(source, root, partial)
        (partial / "copyright.txt").write_text(licence_text(source, root), "utf-8")
    partial.replace(folder)
    fetched = measure(folder)
    fetched["downloaded_megabytes"] = round(downloaded, 1)
    fetched["unreadable"] = unreadable
    return fetched


def convert(source: Source, root: Path, folder: Path) -> list[str]:
    """Write the recordings of a package unpacked below `root` into `folder`; gives those that cannot be decoded."""
    found = recordings(source, root) if source.folder else games.lines(source.name, root)
    unreadable, written = [], 0
    for recording in tqdm(found, desc=source.name, unit="recording"):
        if recording.samples is None:
            unreadable.append(recording.name)
        else:
            written += write(recording, folder, SHORTEST[source.kind])
    if not written:
        raise RecipeError(f"no recording of {source.name} could be used; {len(unreadable)} could not be decoded")
    return unreadable


def write(recording: Recording, folder: Path, shortest: float) -> bool:
    """Write one at 16 kHz, mono and at one level; False where it is shorter than `shortest` seconds or silent."""
    samples = recording.samples
    if samples is None or len(samples) < shortest * recording.sample_rate:
        return False
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    mono = mono - mono.mean()
    peak = float(np.abs(mono).max(initial=0))
    if peak < FAINTEST:
        return False
    resampled = soxr.resample(mono * np.float32(PEAK / peak), recording.sample_rate, SAMPLE_RATE)
    soundfile.write(folder / f"{recording.name}.flac", resampled, SAMPLE_RATE)
    return True


def measure(folder: Path) -> Fetched:
    """How much is in the folder of a source."""
    frames = [soundfile.info(file).frames for file in folder.glob("*.flac")]
    return Fetched(
        recordings=len(frames),
        hours=round(sum(frames) / SAMPLE_RATE / 3600, 3),
        megabytes=round(disk_bytes(folder) / 1e6, 1),
        downloaded_megabytes=0.0,
    )


def disk_bytes(folder: Path) -> int:
    """What all files below `folder` take."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
