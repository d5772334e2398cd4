"""Recordings made up for tests."""

from __future__ import annotations

import io
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from watchword.network import Pcm

RATE = 16_000
TOTAL_SAMPLES = slice(21, 26)
"""Bytes of FLAC's stream information whose low 36 bits are its length."""


def encoded(samples: object, rate: int = RATE, **form: str) -> bytes:
    """A recording in memory, WAV unless told."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **{"format": "WAV", **form})
    return file.getvalue()


def named(content: bytes, name: str = "kitchen.wav") -> BinaryIO:
    """A file object with a name, as an upload has."""
    file = io.BytesIO(content)
    file.name = name
    return file


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE) -> npt.NDArray[np.float64]:
    """A sine at half of full scale, (samples,) float64."""
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def speechlike(seconds: float = 2.0) -> Pcm:
    """Harmonics of 150 Hz that swell and fade, (samples,) int16."""
    time = np.arange(round(seconds * RATE)) / RATE
    sound = sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 12))
    return np.rint(6_000 * np.sin(2 * np.pi * 2 * time) ** 2 * sound).astype(np.int16)


def flac(total: int) -> bytes:
    """3 s of FLAC whose header tells `total` samples; 0 stands for unknown."""
    content = bytearray(encoded(speechlike(3.0), format="FLAC", subtype="PCM_16"))
    packed = int.from_bytes(content[TOTAL_SAMPLES], "big") >> 36 << 36 | total
    content[TOTAL_SAMPLES] = packed.to_bytes(5, "big")
    return bytes(content)
