"""How loud audio is, in decibels below full scale, and audio made louder."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from watchword.network import Pcm
from watchword.resampler import INT16_SCALE

FLOOR = -60.0
"""Lowest level that is told apart from silence, in dB below full scale."""


def level(pcm: Pcm) -> float:
    """Root mean square of (samples,) int16 in dB below a full-scale square wave, not below `FLOOR`."""
    power = float(np.mean(np.square(pcm, dtype=np.float64))) / INT16_SCALE**2 if len(pcm) else 0.0
    return max(FLOOR, 10 * math.log10(power)) if power else FLOOR


def levels(pcm: Pcm, block: int) -> npt.NDArray[np.float64]:
    """The level of each block of so many samples; one at least."""
    whole = max(block, len(pcm) // block * block)
    return np.array([level(pcm[start : start + block]) for start in range(0, whole, block)])


def amplified(pcm: Pcm, decibels: float) -> Pcm:
    """(samples,) int16 louder by some decibels, held at full scale."""
    if decibels == 0:
        return pcm
    louder = np.rint(pcm * 10 ** (decibels / 20))
    clipped: Pcm = np.clip(louder, -INT16_SCALE, INT16_SCALE - 1).astype(np.int16)
    return clipped
