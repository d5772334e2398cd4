"""Microphones with faults, as functions of what a sound one would give."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import soxr

from watchword.network import Pcm
from watchword_training.noise import to_pcm

OFFSET = 1_500
"""Sample values."""

GAIN = 12.0
"""By how much the clipping microphone is too loud; most of the word lies beyond its range then."""

DRIFT = 0.01


def _drifting(factor: float) -> Callable[[Pcm], Pcm]:
    """The recording by a clock that is `factor` as fast as it should be."""
    return lambda pcm: to_pcm(soxr.resample(pcm.astype(np.float64), 16_000, 16_000 * factor))


FAULTS: dict[str, Callable[[Pcm], Pcm]] = {
    "none": lambda pcm: pcm,
    "offset": lambda pcm: to_pcm(pcm.astype(np.float64) + OFFSET),
    "clipping": lambda pcm: to_pcm(pcm.astype(np.float64) * GAIN),
    "clock 1 % fast": _drifting(1 + DRIFT),
    "clock 1 % slow": _drifting(1 - DRIFT),
    "deaf in the lowest bits": lambda pcm: (pcm >> 5) << 5,
    "inverted": lambda pcm: to_pcm(-pcm.astype(np.float64)),
}
