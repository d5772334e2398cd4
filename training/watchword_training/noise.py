"""Background noise that needs no recording: coloured noise, mains hum, fans, clicks; and babble made of speech."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from watchword_training.voices import SAMPLE_RATE, Pcm

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


def fan(rng: np.random.Generator, samples: int) -> Audio:
    """Air through blades: broad noise that swells at the blades' rate, and a tone there with its harmonics."""
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    rate = rng.uniform(20, 220)
    wobble = 2 * np.pi * rate * (time + 0.02 * np.sin(2 * np.pi * rng.uniform(0.1, 1) * time))
    swell = 1 + rng.uniform(0, 0.4) * np.sin(wobble)
    tones = [np.sin(k * wobble + rng.uniform(0, 6.3)) * rng.random() / k for k in range(1, 6)]
    tone = unit(np.sum(tones, axis=0).astype(np.float32))
    return unit((coloured(rng, samples) * swell + tone * rng.uniform(0.05, 0.7)).astype(np.float32))


def babble(rng: np.random.Generator, samples: int, talkers: Sequence[Pcm]) -> Audio:
    """All of `talkers` at once, each from a drawn place on and repeated, at somewhat different levels."""
    audio = np.zeros(samples, np.float32)
    for pcm in talkers:
        audio += looped(rng, pcm, samples) * amplitude(rng.normal(0, 3))
    return unit(audio)


SYNTHETIC = {"coloured noise": (coloured, 0.5), "fan": (fan, 0.25), "hum": (hum, 0.1), "clicks": (clicks, 0.15)}
"""Noises that need no recording, and their shares."""


def synthetic(rng: np.random.Generator, samples: int) -> tuple[str, Audio]:
    """The name of one of them, and the noise."""
    name = str(rng.choice(list(SYNTHETIC), p=[share for _, share in SYNTHETIC.values()]))
    return name, SYNTHETIC[name][0](rng, samples)


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
