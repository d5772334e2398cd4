"""What lies between a mouth and the samples: a room, a microphone's colour, its gain and its clipping."""

from __future__ import annotations

import numpy as np
from scipy.signal import oaconvolve

from watchword_training.noise import Audio
from watchword_training.voices import SAMPLE_RATE, Pcm

EQ_POINTS = np.array([50.0, 125, 250, 500, 1000, 2000, 4000, 8000])
"""Hertz at which a microphone's response is drawn."""


def room(rng: np.random.Generator) -> Audio:
    """
    A room's impulse response: the direct sound at sample 0, then exponentially decaying noise.

    Reverberation time from 0.1 to 0.8 s; direct-to-reverberant ratio from -3 to 15 dB (Moorer 1979's model).
    """
    reverberation = rng.uniform(0.1, 0.8)
    length = int(min(reverberation, 0.6) * SAMPLE_RATE)
    tail = rng.standard_normal(length) * np.exp(-6.91 * np.arange(length) / (reverberation * SAMPLE_RATE))
    tail[: int(rng.uniform(0.001, 0.012) * SAMPLE_RATE)] = 0
    tail *= 10 ** (-rng.uniform(-3, 15) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    response: Audio = tail.astype(np.float32)
    return response


def reverberate(audio: Audio, response: Audio) -> Audio:
    """`audio` as heard in the room, at its own length and level."""
    wet: Audio = oaconvolve(audio, response)[: len(audio)].astype(np.float32)
    before, after = float(np.sum(np.square(audio))), float(np.sum(np.square(wet)))
    return wet * np.float32(np.sqrt(before / after)) if after > 0 else wet


def microphone(rng: np.random.Generator, audio: Audio) -> Audio:
    """A drawn frequency response: a smooth equalizer, a high-pass, and for some a narrow band."""
    frequency = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE)
    decibels = np.interp(np.log(frequency + 1), np.log(EQ_POINTS + 1), rng.normal(0, 4, len(EQ_POINTS)))
    response = 10 ** (decibels / 20)
    low = rng.uniform(20, 200)
    response /= np.sqrt(1 + (low / (frequency + 1)) ** 4)
    if rng.random() < 0.35:
        high = rng.uniform(3_200, 7_500)
        response /= np.sqrt(1 + (frequency / high) ** 16)
    return np.fft.irfft(np.fft.rfft(audio) * response, len(audio)).astype(np.float32)


def digitize(rng: np.random.Generator, audio: Audio) -> Pcm:
    """Dither, a little DC, and hard clipping to int16."""
    offset = rng.normal(0, 20) if rng.random() < 0.2 else 0.0
    samples = audio * 32_768 + offset + rng.uniform(-0.5, 0.5, len(audio))
    return np.clip(np.round(samples), -32_768, 32_767).astype(np.int16)
