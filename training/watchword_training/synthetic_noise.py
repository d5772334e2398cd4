"""Background noise that needs no recording: coloured noise, fans, mains hum, keys and cups, weather, bells."""

from __future__ import annotations

import numpy as np
from scipy.signal import oaconvolve

from watchword_training.noise import Audio, amplitude, unit
from watchword_training.voices import SAMPLE_RATE


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


def gusts(rng: np.random.Generator, samples: int) -> Audio:
    """Two coloured noises that swell and sink apart from one another: wind, waves, cars that pass."""
    one, other = (coloured(rng, samples) * _swell(rng, samples) for _ in range(2))
    return unit(one + other)


def _swell(rng: np.random.Generator, samples: int) -> Audio:
    """An amplitude (time,) that wanders by some decibels, in tenths of a second or in seconds."""
    places = np.arange(0, samples + SAMPLE_RATE * 4, int(SAMPLE_RATE * np.exp(rng.uniform(np.log(0.1), np.log(2.0)))))
    decibels = np.interp(np.arange(samples), places, rng.normal(0, rng.uniform(2, 10), len(places)))
    return (10 ** (decibels / 20)).astype(np.float32)


def drops(rng: np.random.Generator, samples: int) -> Audio:
    """Up to hundreds of small impacts in a second, on something that rings shortly: rain, leaves, fire, paper."""
    rate = np.exp(rng.uniform(np.log(10), np.log(1_000))) / SAMPLE_RATE
    struck = (rng.random(samples, np.float32) < rate) * rng.exponential(1, samples)
    audio = oaconvolve(struck, _ring(rng, int(0.03 * SAMPLE_RATE), (300, 6_000), (0.001, 0.008)))[:samples]
    return unit(unit(audio.astype(np.float32)) + coloured(rng, samples) * amplitude(rng.uniform(-30, 0)))


def bells(rng: np.random.Generator, samples: int) -> Audio:
    """Single tones with partials that glide and die away: chimes, bowls, birds, horns, alarms."""
    audio = np.zeros(samples, np.float32)
    length = int(rng.uniform(0.1, 1.5) * SAMPLE_RATE)
    for start in rng.integers(0, samples, int(rng.integers(4, 30))):
        partials = [_ring(rng, length, (150, 4_000), (0.03, 0.6)) for _ in range(int(rng.integers(1, 5)))]
        tone = np.sum(partials, axis=0)[: samples - start] * rng.uniform(0.1, 1.0)
        audio[start : start + len(tone)] += tone
    return unit(audio)


def _ring(rng: np.random.Generator, samples: int, tones: tuple[float, float], decays: tuple[float, float]) -> Audio:
    """A tone (time,) of a frequency in a range (Hz) that glides, and falls to a third in a time in another (s)."""
    pitch, decay = (float(np.exp(rng.uniform(*np.log(limits)))) for limits in (tones, decays))
    time = np.arange(samples) / SAMPLE_RATE
    phase = 2 * np.pi * pitch * time * (1 + rng.normal(0, 0.1) * time / time[-1])
    tone: Audio = (np.sin(phase) * np.exp(-time / decay)).astype(np.float32)
    return tone


SYNTHETIC = {
    "coloured noise": (coloured, 0.3),
    "gusts": (gusts, 0.25),
    "fan": (fan, 0.15),
    "hum": (hum, 0.05),
    "clicks": (clicks, 0.05),
    "drops": (drops, 0.12),
    "bells": (bells, 0.08),
}
"""Noises that need no recording, and their shares."""


def synthetic(rng: np.random.Generator, samples: int) -> tuple[str, Audio]:
    """The name of one of them, and the noise."""
    name = str(rng.choice(list(SYNTHETIC), p=[share for _, share in SYNTHETIC.values()]))
    return name, SYNTHETIC[name][0](rng, samples)
