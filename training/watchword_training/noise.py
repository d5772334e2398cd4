"""Levels of sounds and their sums: what background noise is made with, babble of many people among it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from watchword_training.voices import Pcm

Audio = npt.NDArray[np.float32]
"""Float samples (time,), full scale 1."""


def babble(rng: np.random.Generator, samples: int, talkers: Sequence[Pcm]) -> Audio:
    """All of `talkers` at once, each from a drawn place on and repeated, at somewhat different levels."""
    audio = np.zeros(samples, np.float32)
    for pcm in talkers:
        audio += looped(rng, pcm, samples) * amplitude(rng.normal(0, 3))
    return unit(audio)


def looped(rng: np.random.Generator, pcm: Pcm, samples: int) -> Audio:
    """`pcm` from a drawn place on, repeated to a length, at a root mean square of 1."""
    start = int(rng.integers(0, len(pcm)))
    part = np.take(pcm, np.arange(start, start + samples), mode="wrap")
    return unit(part.astype(np.float32))


def amplitude(decibels: float) -> np.float32:
    """The factor that raises a level by `decibels`."""
    return np.float32(10 ** (decibels / 20))


def to_pcm(samples: npt.NDArray[np.floating]) -> Pcm:
    """`samples` in units of int16, rounded and clipped to full scale."""
    return np.clip(np.round(samples), -32_768, 32_767).astype(np.int16)


def unit(audio: Audio) -> Audio:
    """`audio` at a root mean square of 1; silence stays silence."""
    level = float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
    return audio / np.float32(level) if level > 0 else audio
