"""What a room and a voice in it ask of the settings: a gain, and a threshold between noise and the word."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from watchword.detector import Detector
from watchword.hearing import hear
from watchword.level import amplified, levels
from watchword.network import Pcm
from watchword.resampler import INT16_SCALE

BLOCK = 1_600
"""Samples over which a level is taken (0.1 s)."""

SPOKEN_LEVEL = -26.0
"""Level of speech that is aimed for (dB below full scale; ITU-T P.56 tests use it)."""

HEADROOM = 1.0
"""Decibels that the loudest sample stays below full scale."""

SMALLEST_GAIN, LARGEST_GAIN = 3.0, 30.0
"""Decibels: below, a voice is left alone, since the detector hears over a wide range; more would be noise."""

LOUD = 0.2
"""Share of blocks, the loudest, by which speech is measured."""

MARGIN = 0.05
"""Least distance (probability) of a threshold from what it is to let pass or hold back."""


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What was measured, and what is proposed."""

    room_level: float
    """Level that the room stays below nine tenths of the time (dB below full scale)."""

    room_peak: float
    """Highest smoothed probability in the room, with the proposed gain."""

    speech_level: float | None
    """Level of the loud parts of the voice; None when no voice was recorded."""

    word_peaks: list[float]
    """Smoothed probability of each time the word was said, with the proposed gain, the lowest first."""

    clipped: float
    """Share of samples at full scale: the microphone's own gain is too high."""

    gain: float
    """Decibels to add."""

    threshold: float
    """Smoothed probability that shall make an event."""

    @property
    def separated(self) -> bool:
        """Whether every word stands out above the room."""
        return all(peak > self.room_peak for peak in self.word_peaks)


def calibrate(detector: Detector, room: Pcm, voice: Pcm | None = None, words: int = 0) -> Calibration:
    """Measure a room, (samples,) int16 without the word, and a voice that says the word `words` times in it."""
    heard = [room] if voice is None else [room, voice]
    gain = 0.0 if voice is None else _gain(voice)
    room_peak = max((peak.score for peak in hear(detector, [amplified(room, gain)]).peaks), default=0.0)
    said = [] if voice is None else [peak.score for peak in hear(detector, [amplified(voice, gain)]).peaks]
    word_peaks = sorted(sorted(said, reverse=True)[:words])
    return Calibration(
        room_level=float(np.quantile(levels(room, BLOCK), 0.9)),
        room_peak=room_peak,
        speech_level=None if voice is None else _speech_level(voice),
        word_peaks=word_peaks,
        clipped=float(np.mean(np.abs(np.concatenate(heard).astype(np.int32)) >= INT16_SCALE - 1)),
        gain=gain,
        threshold=_threshold(detector.threshold, room_peak, word_peaks),
    )


def _gain(voice: Pcm) -> float:
    loudest = int(np.abs(voice.astype(np.int32)).max())
    room_left = 20 * np.log10(INT16_SCALE / max(1, loudest)) - HEADROOM
    wanted = min(SPOKEN_LEVEL - _speech_level(voice), float(room_left), LARGEST_GAIN)
    return float(round(wanted)) if wanted >= SMALLEST_GAIN else 0.0


def _threshold(bundled: float, room_peak: float, word_peaks: list[float]) -> float:
    """The bundle's own, moved as little as needed: above the room, below the words; above the room first."""
    chosen = min([bundled, *(peak - MARGIN for peak in word_peaks)])
    return round(min(1.0, max(chosen, room_peak + MARGIN)), 3)


def _speech_level(voice: Pcm) -> float:
    ordered = np.sort(levels(voice, BLOCK))
    loud = ordered[-max(1, round(LOUD * len(ordered))) :]
    return float(10 * np.log10(np.mean(10 ** (loud / 10))))
