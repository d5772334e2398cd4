"""A recording with a chime after each event, for ears to check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

from watchword import options
from watchword.errors import WatchwordError
from watchword.network import Pcm

NOTES = ((880.0, 0.0), (1318.5, 0.12))
"""Hertz and start in seconds: A and the E above it."""

LENGTH = 0.7
"""Seconds."""

DECAY = 0.15
"""Seconds in which a note falls to 1/e."""

PEAK = 6_000
"""Loudest sample of one note, in int16 units: clear beside speech, not louder."""


def path(text: str) -> Path:
    """Parse the option's value."""
    return options.output(text, ".wav")


def write(file: Path, pcm: Pcm, times: Sequence[float], sample_rate: int) -> None:
    """Write (samples,) `pcm` with a chime at each of `times`, in seconds, as 16-bit WAV."""
    try:
        with file.open("wb") as out:
            soundfile.write(out, mix(pcm, times, sample_rate), sample_rate, "PCM_16", format="WAV")
    except OSError as exc:
        raise WatchwordError(f"cannot write {file} ({exc.strerror}); give --chime another name") from exc


def mix(pcm: Pcm, times: Sequence[float], sample_rate: int) -> Pcm:
    """Add a chime at each of `times`; the end grows by what the last one needs."""
    ring = _ring(sample_rate)
    starts = [round(time * sample_rate) for time in times]
    mixed = np.zeros(max([len(pcm), *(start + len(ring) for start in starts)]))
    mixed[: len(pcm)] = pcm
    for start in starts:
        mixed[start : start + len(ring)] += ring
    return np.clip(np.rint(mixed), -32_768, 32_767).astype(np.int16)


def _ring(sample_rate: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Two notes of a small bell, (samples,) float64 in int16 units."""
    seconds = np.arange(round(LENGTH * sample_rate)) / sample_rate
    ring = np.zeros(len(seconds))
    for hertz, start in NOTES:
        since = np.maximum(seconds - start, 0.0)
        ring += PEAK * np.exp(-since / DECAY) * np.sin(2 * np.pi * hertz * since)
    return ring * np.minimum(1.0, (LENGTH - seconds) / 0.05)  # no click at the end
