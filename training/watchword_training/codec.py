"""Codecs on the way: what comes out has the length and the timing of what went in."""

from __future__ import annotations

import io

import numpy as np
import soundfile
import soxr

from watchword_training.noise import Audio
from watchword_training.voices import SAMPLE_RATE

TELEPHONE = 8_000
"""Sample rate of mu-law telephony."""


def transcode(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """`audio` through a drawn codec, and its name. What lies above full scale is clipped, as any encoder would."""
    name = str(rng.choice(["mu-law", "opus", "mp3"]))
    level = round(float(rng.uniform(0, 0.95)), 2)
    limited = np.clip(audio, -1, 1)
    return _same_length(mu_law(limited) if name == "mu-law" else packed(limited, name, level), len(audio)), name


def mu_law(audio: Audio) -> Audio:
    """Telephone quality: 8 kHz, 8 bits on a logarithmic scale (ITU-T G.711)."""
    narrow = soxr.resample(audio, SAMPLE_RATE, TELEPHONE)
    coded = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    coded = np.round(coded * 127) / 127
    decoded = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
    wide: Audio = soxr.resample(decoded.astype(np.float32), TELEPHONE, SAMPLE_RATE)
    return wide


def packed(audio: Audio, name: str, level: float) -> Audio:
    """Opus or MP3 as libsndfile has them; `level` from 0, the best quality, to below 1, the smallest file."""
    file = io.BytesIO()
    container, subtype = {"opus": ("OGG", "OPUS"), "mp3": ("MP3", "MPEG_LAYER_III")}[name]
    soundfile.write(file, audio, SAMPLE_RATE, format=container, subtype=subtype, compression_level=level)
    file.seek(0)
    decoded: Audio = soundfile.read(file, dtype="float32")[0]
    return decoded


def _same_length(audio: Audio, length: int) -> Audio:
    return np.pad(audio, (0, max(0, length - len(audio))))[:length]
