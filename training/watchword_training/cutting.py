"""Long recordings in parts: running sound cut where it is quiet, takes of a word cut at the pauses between them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from watchword_training.recipe import SAMPLE_RATE
from watchword_training.voices import Pcm
from watchword_training.voices.trimming import trimmed

PIECE = (8 * SAMPLE_RATE, 12 * SAMPLE_RATE)
"""A longer recording is cut between these many samples after the last cut, at the quietest block."""

BLOCK = 800
"""Samples of a block whose loudness decides where to cut (50 ms)."""

WORD = (0.2, 4.0)
"""Seconds of a take of the word."""

PAUSE = 0.25
"""Seconds of quiet between two takes, at least."""

FRAME = 160
"""Samples of a block that is speech or pause (10 ms)."""

BELOW_LOUDEST_DB = 35.0
ABOVE_QUIET_DB = 10.0
"""Speech is less than the first below the loudest block, and more than the second above the quietest."""

QUIET = 0.1
"""Share of the blocks of a recording that are quiet, at least."""


def pieces_of(pcm: Pcm) -> list[Pcm]:
    """Cut (samples,) int16 at quiet places into pieces of 8 to 12 s; what is shorter stays whole."""
    shortest, longest = PIECE
    pieces = []
    while len(pcm) > shortest + longest:
        cut = quietest(pcm, shortest, longest, BLOCK)
        pieces.append(pcm[:cut])
        pcm = pcm[cut:]
    return [*pieces, pcm]


def quietest(pcm: Pcm, first: int, last: int, block: int) -> int:
    """The middle of the quietest of the whole blocks, of `block` samples each, between two samples of (samples,)."""
    blocks = pcm[first:last][: (last - first) // block * block].astype(np.float32).reshape(-1, block)
    return first + int(np.square(blocks).mean(1).argmin()) * block + block // 2


def words_of(pcm: Pcm, file: Path) -> tuple[list[Pcm], list[str]]:
    """The takes of a word in a recording, each trimmed; and of every other sound in it why it is no take."""
    words, refused = [], []
    for start, end in _sounds(pcm):
        seconds = (end - start) / SAMPLE_RATE
        if WORD[0] <= seconds <= WORD[1]:
            words.append(trimmed(pcm[start:end] / 32_768, SAMPLE_RATE))
        else:
            refused.append(
                f"{file}: {seconds:.2f} s of sound at {start / SAMPLE_RATE:.1f} s, expected one word of {WORD[0]} to "
                f"{WORD[1]:.0f} s; leave pauses of {PAUSE} s between words"
            )
    return words, refused if words or refused else [f"{file}: holds no sound"]


def _sounds(pcm: Pcm) -> list[tuple[int, int]]:
    """First sample, and the one after the last, of each sound between two pauses."""
    blocks = np.pad(pcm, (0, -len(pcm) % FRAME)).reshape(-1, FRAME).astype(np.float64)
    decibels = 10 * np.log10(np.square(blocks).mean(1) + 1e-3)
    loudest, quiet = float(decibels.max()), float(np.quantile(decibels, QUIET))
    floor = max(loudest - BELOW_LOUDEST_DB, min(quiet + ABOVE_QUIET_DB, loudest - ABOVE_QUIET_DB))
    loud = np.flatnonzero(decibels > floor) if loudest > 0 else np.empty(0, int)
    if not len(loud):
        return []
    gaps = np.flatnonzero(np.diff(loud) > PAUSE * SAMPLE_RATE / FRAME)
    starts, ends = loud[np.concatenate([[0], gaps + 1])], loud[np.concatenate([gaps, [len(loud) - 1]])] + 1
    return [(int(a) * FRAME, min(int(b) * FRAME, len(pcm))) for a, b in zip(starts, ends, strict=True)]
