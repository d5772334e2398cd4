"""What lies between the air at a microphone and the samples that arrive: its colour, its gain, codecs, lost packets."""

from __future__ import annotations

import numpy as np
from scipy.signal import oaconvolve

from watchword_training import codec
from watchword_training.data_specs import ChannelSpec
from watchword_training.noise import Audio, amplitude, to_pcm
from watchword_training.synthetic_noise import hum
from watchword_training.voices import SAMPLE_RATE, Pcm

EQ_POINTS = np.array([50.0, 125, 250, 500, 1000, 2000, 4000, 8000])
"""Hertz at which a microphone's response is drawn."""

BLOCK = 160
"""Samples in which an automatic gain control measures (10 ms)."""

PACKET = 320
"""Samples of a packet (20 ms)."""


def reverberate(audio: Audio, response: Audio) -> Audio:
    """`audio` as heard in the room, at its own length and level."""
    wet: Audio = oaconvolve(audio, response)[: len(audio)].astype(np.float32)
    before, after = float(np.sum(np.square(audio))), float(np.sum(np.square(wet)))
    return wet * np.float32(np.sqrt(before / after)) if after > 0 else wet


def capture(rng: np.random.Generator, audio: Audio, spec: ChannelSpec) -> tuple[Pcm, list[str]]:
    """Sound at a microphone (time,), full scale 1, as it arrives; and what happened to it, for an index."""
    effects: list[str] = []
    for share, effect in (
        (spec.colour, colour),
        (spec.band, band),
        (spec.drift, drift),
        (spec.clipping, clip),
        (spec.pumping, pump),
        (spec.mains, mains),
        (spec.codec, codec.transcode),
        (spec.loss, lose),
    ):
        if rng.random() < share:
            audio, name = effect(rng, audio)
            effects.append(name)
    return digitize(rng, audio), effects


def colour(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """A smooth drawn equalizer with a high-pass, as of a microphone and its case."""
    frequency = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE)
    decibels = np.interp(np.log(frequency + 1), np.log(EQ_POINTS + 1), rng.normal(0, 4, len(EQ_POINTS)))
    low = rng.uniform(20, 250)
    return _filtered(
        audio, 10 ** (decibels / 20) / np.sqrt(1 + (low / (frequency + 1)) ** 4)
    ), f"high-pass {low:.0f} Hz"


def band(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """The end of the band, as on the telephone or behind a cheap converter."""
    high = rng.uniform(3_400, 8_000)
    frequency = np.fft.rfftfreq(len(audio), 1 / SAMPLE_RATE)
    return _filtered(audio, 1 / np.sqrt(1 + (frequency / high) ** 24)), f"band {high / 1000:.1f} kHz"


def _filtered(audio: Audio, response: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Audio:
    filtered: Audio = np.fft.irfft(np.fft.rfft(audio) * response, len(audio)).astype(np.float32)
    return filtered


def drift(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """A gain that wanders by some decibels within seconds, as when somebody turns around."""
    corners = np.linspace(0, len(audio), int(rng.integers(4, 12)))
    decibels = rng.normal(0, rng.uniform(1, 5), len(corners))
    gain = 10 ** (np.interp(np.arange(len(audio)), corners, decibels) / 20)
    return (audio * gain).astype(np.float32), f"drift {np.ptp(decibels):.0f} dB"


def clip(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """An overdriven input: limited, hard or softly, some decibels below its peak, then turned down or not."""
    depth = rng.uniform(3, 20)
    limit = max(float(np.abs(audio).max()), 1e-6) * amplitude(-depth)
    limited = np.clip(audio, -limit, limit) if rng.random() < 0.6 else limit * np.tanh(audio / limit)
    return limited.astype(np.float32), f"clipped {depth:.0f} dB"


def pump(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """
    An automatic gain control: quick to turn down, slow to turn up, toward a drawn level.

    The envelope is the peak of each block, held and released; the gain is its inverse, bounded and interpolated.
    """
    target, most = rng.uniform(-26, -10), rng.uniform(6, 25)
    release = 1 - np.exp(-BLOCK / SAMPLE_RATE / rng.uniform(0.3, 2.0))
    attack = 1 - np.exp(-BLOCK / SAMPLE_RATE / rng.uniform(0.01, 0.06))
    blocks = np.pad(audio, (0, -len(audio) % BLOCK)).reshape(-1, BLOCK)
    levels = 10 * np.log10(np.square(blocks).mean(1) + 1e-9)
    followed, now = np.empty_like(levels), float(levels[0])
    for i, level in enumerate(levels.tolist()):
        now += (attack if level > now else release) * (level - now)
        followed[i] = now
    decibels = np.clip(target - followed, -most, most)
    centres = np.arange(len(levels)) * BLOCK + BLOCK / 2
    gain = 10 ** (np.interp(np.arange(len(audio)), centres, decibels) / 20)
    return (audio * gain).astype(np.float32), f"gain control to {target:.0f} dB"


def mains(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """Hum and an offset from behind the microphone, whatever the level of the sound."""
    level = rng.uniform(-75, -45)
    return audio + hum(rng, len(audio)) * amplitude(level) + np.float32(rng.normal(0, 0.003)), f"hum {level:.0f} dB"


def lose(rng: np.random.Generator, audio: Audio) -> tuple[Audio, str]:
    """Packets lost in bursts (Gilbert 1960): silent, or the packet before once more."""
    rate, burst = rng.uniform(0.005, 0.06), rng.uniform(1, 4)
    packets = np.pad(audio, (0, -len(audio) % PACKET)).reshape(-1, PACKET).copy()
    repeated, lost = rng.random() < 0.5, False
    for i in range(1, len(packets)):
        lost = rng.random() < (1 - 1 / burst if lost else rate / burst / (1 - rate))
        if lost:
            packets[i] = packets[i - 1] * np.float32(0.7) if repeated else 0
    return packets.reshape(-1)[: len(audio)], f"loss {100 * rate:.1f} %"


def digitize(rng: np.random.Generator, audio: Audio) -> Pcm:
    """Dither and hard clipping to int16."""
    return to_pcm(audio * 32_768 + rng.uniform(-0.5, 0.5, len(audio)))
