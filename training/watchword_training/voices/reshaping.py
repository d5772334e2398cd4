"""One rendering in another person's voice: vocal tract, pitch and tempo changed apart by the WORLD vocoder.

Morise, Yokomori, Ozawa (2016): WORLD: a vocoder-based high-quality speech synthesis system for real-time applications.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyworld

from watchword.errors import RecipeError
from watchword_training.voices import SAMPLE_RATE, Pcm
from watchword_training.voices.trimming import trimmed

FORMANT = (0.86, 1.25)
PITCH = (0.72, 1.4)
TEMPO = (0.7, 1.1)
"""
Ranges from which shapes are drawn; what the recognizer no longer hears as the word is left out afterwards.

Mostly slower: people call a device more slowly than voices read a word (`python -m benchmarks.pace`).
"""

FRAME_PERIOD = 5.0
"""Milliseconds between WORLD's frames."""

SHORTEST = 0.1
"""Seconds that WORLD needs to find a pitch."""

_Frames = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What is changed; 1 changes nothing."""

    formant: float = 1.0
    """Factor on the frequencies of the vocal tract's resonances: above 1 for a shorter tract."""

    pitch: float = 1.0
    """Factor on the voice's pitch."""

    tempo: float = 1.0
    """How much faster the same is said."""


def reshape(pcm: Pcm, shape: Shape) -> Pcm:
    """`pcm` (time,) said by a voice of another shape; its ends stay the ends of the sound."""
    if len(pcm) < SHORTEST * SAMPLE_RATE:
        raise RecipeError(f"{len(pcm) / SAMPLE_RATE:.2f} s is too short for a change of voice; expected {SHORTEST} s")
    audio = pcm.astype(np.float64) / 32_768
    pitch, time = pyworld.dio(audio, SAMPLE_RATE, frame_period=FRAME_PERIOD)
    pitch = pyworld.stonemask(audio, pitch, time, SAMPLE_RATE)
    envelope = pyworld.cheaptrick(audio, pitch, time, SAMPLE_RATE)
    aperiodicity = pyworld.d4c(audio, pitch, time, SAMPLE_RATE)
    said = pyworld.synthesize(
        pitch * shape.pitch,
        _stretched(envelope, shape.formant),
        _stretched(aperiodicity, shape.formant),
        SAMPLE_RATE,
        FRAME_PERIOD / shape.tempo,
    )
    return trimmed(said, SAMPLE_RATE)


def _stretched(frames: _Frames, factor: float) -> _Frames:
    """Each row of (frame, bin) with its frequencies multiplied; what would come from above the band repeats its end."""
    bins = np.arange(frames.shape[1])
    return np.stack([np.interp(bins / factor, bins, row) for row in frames])
