"""Background noise that needs no recording: coloured noise, mains hum, clicks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from watchword_training.voices import SAMPLE_RATE

Audio = npt.NDArray[np.float32]
"""Float samples (time,), full scale 1."""


def coloured(rng: np.random.Generator, samples: int) -> Audio:
    """Noise whose power falls with a drawn power of the frequency: white (0), pink (1), brown (2), or between."""
    spectrum = np.fft.rfft(rng.standard_normal(samples, np.float32))
    frequency = np.arange(len(spectrum), dtype=np.float32)
    frequency[0] = 1
    shaped = np.fft.irfft(spectrum * frequency ** (-rng.uniform(0, 2) / 2), samples)
    return unit(shaped.astype(np.float32))


def hum(rng: np.random.Generator, samples: int) -> Audio:
    """Mains at 50 or 60 Hz with falling harmonics."""
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    mains = float(rng.choice([50.0, 60.0]))
    tones = [np.sin(2 * np.pi * mains * k * time + rng.uniform(0, 6.3)) * rng.random() / k for k in range(1, 12)]
    return unit(np.sum(tones, axis=0).astype(np.float32))


def clicks(rng: np.random.Generator, samples: int) -> Audio:
    """A few short bursts, as from keys and cups."""
    audio = np.zeros(samples, np.float32)
    for start in rng.integers(0, samples - 800, int(rng.integers(3, 30))):
        length = int(rng.integers(40, 800))
        burst = rng.standard_normal(length) * np.exp(-np.arange(length) / (length / 5))
        audio[start : start + length] += (burst * rng.uniform(0.2, 1.0)).astype(np.float32)
    return unit(audio)


def unit(audio: Audio) -> Audio:
    """`audio` at a root mean square of 1; silence stays silence."""
    level = float(np.sqrt(np.mean(np.square(audio, dtype=np.float64))))
    return audio / np.float32(level) if level > 0 else audio
