"""Resampling to 16 kHz and cutting the silence around a rendered word."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from watchword.errors import RecipeError
from watchword_training.voices import SAMPLE_RATE, Pcm

BLOCK = 80
"""Samples per energy block (5 ms): the precision with which the end of a word is known."""

FLOOR_DB = -35.0
"""A block this far below the loudest one is silence; a released /t/ lies above it."""

PEAK = 0.7
"""Peak that every utterance is scaled to, of full scale."""


def trimmed(samples: npt.NDArray[np.floating], sample_rate: int) -> Pcm:
    """Resample float samples (time,) in [-1, 1] to 16 kHz, scale, and cut the silence at both ends."""
    audio = np.asarray(samples, np.float32)
    if sample_rate != SAMPLE_RATE:
        audio = soxr.resample(audio, sample_rate, SAMPLE_RATE)
    blocks = len(audio) // BLOCK
    peak = float(np.abs(audio).max(initial=0.0))
    if blocks == 0 or peak == 0.0:
        raise RecipeError("a voice rendered silence; try another text or voice")
    energy = np.square(audio[: blocks * BLOCK]).reshape(blocks, BLOCK).mean(1)
    loud = np.flatnonzero(energy > energy.max() * 10 ** (FLOOR_DB / 10))
    audio = audio[loud[0] * BLOCK : (loud[-1] + 1) * BLOCK]
    return np.round(audio * (PEAK * 32767 / peak)).astype(np.int16)
