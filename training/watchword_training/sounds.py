"""What one split may hear: pieces of arrays on disk, each with its source; opened by mapping, never copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from watchword_training.voices import Pcm
from watchword_training.workers import Files


@dataclass(frozen=True, eq=False)
class Sound:
    """A piece of sound."""

    pcm: Pcm
    """int16 samples at 16 kHz."""

    source: str
    """Where it comes from: a line's digest, or a recording and its place in it."""

    word: tuple[int, int]
    """First sample of what is said, and the sample after its last; the rest is the phrase around it."""

    @classmethod
    def of(cls, pcm: Pcm, source: str = "made for a test") -> Sound:
        """A sound that is nothing but its word."""
        return cls(pcm, source, (0, len(pcm)))


Sounds = Mapping[str, Sequence[Sound]]
"""By kind: "positive", "near", "rhythm", "partial", "ordinary" and "sentence" are synthetic; "own" are a person's
recordings of the word, "speech" people who do not say it, "noise" no people; "hard" are negatives that a teacher
took for the word."""


class Piece(NamedTuple):
    """Where a sound lies."""

    array: int
    start: int
    length: int
    word: tuple[int, int]
    source: str


@dataclass(frozen=True)
class Library:
    """Names and numbers of all sounds of a split; small enough to hand to every process."""

    arrays: tuple[Path, ...]
    """Files of int16 samples."""

    pieces: Mapping[str, Sequence[Piece]]
    """By kind."""

    def with_hard(self, pieces: Sequence[Piece]) -> Library:
        """The same sounds, and the hard negatives among them once more as a kind of their own."""
        return replace(self, pieces={**self.pieces, "hard": pieces})

    def at(self, files: Files) -> Library:
        """The same where the files have other names."""
        return replace(self, arrays=tuple(files[path] for path in self.arrays))

    def open(self) -> Sounds:
        """Map the arrays; every process of a machine shares their memory."""
        mapped = [np.load(path, mmap_mode="r") for path in self.arrays]
        return {
            kind: [Sound(mapped[p.array][p.start : p.start + p.length], p.source, p.word) for p in pieces]
            for kind, pieces in self.pieces.items()
        }
