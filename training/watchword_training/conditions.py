"""The conditions that a detector is measured under: noise at a ratio, far away, in the middle of other people's speech.

A condition is done to words and to negatives alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from watchword_training import channel, noise, rooms
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.voices import Pcm
from watchword_training.workers import Workers

Condition = Callable[[int, Pcm], Pcm]
"""The recording of a number under the condition; the same number gives the same samples."""

Spans = Sequence[tuple[float, float]]

BLOCK = 160
MARGIN_DB = 15.9
"""Blocks this far below the active level are pauses (ITU-T P.56, method B)."""

DISTANCES = (1.0, 4.0)
"""Metres of "far"."""

ROOMS = 200
CONTEXT = 2 * SAMPLE_RATE
"""Samples of somebody else's speech on each side of a word in a stream."""


def active_level(pcm: Pcm) -> float:
    """Root mean square of the parts of (time,) that are speech, in the manner of ITU-T P.56; 0 for silence."""
    blocks = _powers(pcm)
    active = blocks[blocks > 0]
    while len(active):
        louder = blocks[blocks > active.mean() * 10 ** (-MARGIN_DB / 10)]
        if len(louder) == len(active):
            return float(np.sqrt(active.mean()))
        active = louder
    return 0.0


def speech(pcm: Pcm) -> tuple[float, float]:
    """Start and end (seconds) of the blocks of (time,) less than 25 dB below the active level; of silence, all."""
    loud = _loud(pcm, 25.0)
    if not len(loud):
        return 0.0, len(pcm) / SAMPLE_RATE
    return float(loud[0] * BLOCK / SAMPLE_RATE), float((loud[-1] + 1) * BLOCK / SAMPLE_RATE)


def longest_pause(pcm: Pcm) -> float:
    """Seconds of the longest pause between the first and the last speech of (time,), in the manner of ITU-T P.56."""
    return float(np.diff(_loud(pcm, MARGIN_DB)).max(initial=1) - 1) * BLOCK / SAMPLE_RATE


def end_of_speech(pcm: Pcm) -> float:
    """Seconds at which the last speech of (time,) ends."""
    return speech(pcm)[1]


def _loud(pcm: Pcm, margin: float) -> npt.NDArray[np.int64]:
    """Which blocks of (time,) are louder than `margin` decibels below the active level."""
    return np.flatnonzero(_powers(pcm) > (active_level(pcm) * noise.amplitude(-margin)) ** 2)


def _powers(pcm: Pcm) -> npt.NDArray[np.float64]:
    """Mean square of each block."""
    powers: npt.NDArray[np.float64] = (
        np.square(pcm[: len(pcm) // BLOCK * BLOCK].astype(np.float64)).reshape(-1, BLOCK).mean(1)
    )
    return powers


def in_noise(recordings: Sequence[Pcm], ratio: float, number: int, pcm: Pcm) -> Pcm:
    """`ratio` decibels above a part of one of the recordings of noise."""
    rng = np.random.default_rng([41, number])
    heard = noise.looped(rng, recordings[number % len(recordings)], len(pcm))
    mixed = pcm + heard * np.float32(active_level(pcm)) * noise.amplitude(-ratio)
    return noise.to_pcm(mixed)


def far(responses: Sequence[noise.Audio], number: int, pcm: Pcm) -> Pcm:
    """In a simulated room, 1 to 4 m from the microphone, as loud as it was."""
    wet = channel.reverberate(pcm.astype(np.float32), responses[number % len(responses)])
    return noise.to_pcm(wet)


def far_responses(workers: Workers) -> list[noise.Audio]:
    """Responses of the test rooms in which the voice is that far."""
    bank = np.load(rooms.bank("test", ROOMS, workers), mmap_mode="r")
    wanted = (i for i in range(ROOMS) if DISTANCES[0] <= rooms.geometry("test", i).distance <= DISTANCES[1])
    return [np.asarray(bank[i, 0], np.float32) for i in wanted]


def every(ambience: Sequence[Pcm], workers: Workers) -> dict[str, Condition]:
    """All that is done to single recordings, by name; conditions in noise need recordings of it."""
    ratios = (10, 5) if ambience else ()
    noisy: dict[str, Condition] = {f"{r} dB ambience": partial(in_noise, ambience, float(r)) for r in ratios}
    return noisy | {"far": partial(far, far_responses(workers))}


def in_speech(number: int, word: Pcm, spans: Spans, speech: Sequence[Pcm]) -> tuple[Pcm, Spans]:
    """A word between two excerpts of other people's speech at its own level, without a pause; and where it is then."""
    rng = np.random.default_rng([43, number])
    before, after = (_excerpt(rng, speech[int(rng.integers(len(speech)))], word) for _ in range(2))
    shift = len(before) / SAMPLE_RATE
    return np.concatenate([before, word, after]), [(start + shift, end + shift) for start, end in spans]


def _excerpt(rng: np.random.Generator, pcm: Pcm, like: Pcm) -> Pcm:
    start = int(rng.integers(0, max(1, len(pcm) - CONTEXT)))
    part = pcm[start : start + CONTEXT].astype(np.float32)
    level = active_level(part.astype(np.int16))
    scaled = part * np.float32(active_level(like) / level) if level else part
    return noise.to_pcm(scaled)
