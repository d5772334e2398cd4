"""Clips as features on disk: shards of log-mel levels and of embeddings.

A level is exactly what the network reads (see `frontend`), so that a byte holds what a half-precision number would
only approximate. Embeddings are what the teacher reads of the same words in quiet. Beside each shard stands its index:
a line of JSON per clip that says what is in it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from watchword_training.embedding import Embeddings
from watchword_training.foreground import Word

SHARD = 250
"""Clips in one file."""

Levels = npt.NDArray[np.uint8]
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Dataset:
    """Features and word spans of one split."""

    levels: list[Levels]
    """Per shard, (clip, frame, mel)."""

    embeddings: list[Embeddings]
    """Per shard, (clip, hop, value)."""

    spans: list[Spans]
    """Per clip, start and end (samples) of each positive."""

    said: list[Spans]
    """Per clip, start and end (samples) of everything that is said in the foreground."""

    backgrounds: Levels | None = None
    """(background, frame, mel): to be laid under clips."""

    def __len__(self) -> int:
        return len(self.spans)

    def batch(self, indices: npt.NDArray[np.int64]) -> Levels:
        """Levels (batch, frame, mel) of the clips `indices`."""
        return np.stack([self.levels[i // SHARD][i % SHARD] for i in indices.tolist()])

    def embedded(self, indices: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """Embeddings (batch, hop, value) of the clips `indices`."""
        return np.stack([self.embeddings[i // SHARD][i % SHARD] for i in indices.tolist()]).astype(np.float32)


@dataclass(frozen=True)
class Shards:
    """Where the features of some clips of a split lie."""

    paths: tuple[Path, ...]
    backgrounds: Path | None = None

    def open(self) -> Dataset:
        """All of them, mapped into memory."""
        others = [beside(path) for path in self.paths]
        entries = [json.loads(line) for index, _ in others for line in index.read_text("utf-8").splitlines()]
        words = [[Word(**word) for word in entry["words"]] for entry in entries]
        return Dataset(
            [np.load(path, mmap_mode="r") for path in self.paths],
            [np.load(path, mmap_mode="r") for _, path in others],
            [[(word.start, word.end) for word in clip if word.positive] for clip in words],
            [[(word.start, word.end) for word in clip if word.spoken] for clip in words],
            np.load(self.backgrounds, mmap_mode="r") if self.backgrounds else None,
        )


def beside(shard: Path) -> tuple[Path, Path]:
    """The index and the embeddings of a shard of levels."""
    return shard.with_suffix(".jsonl"), shard.with_name(f"{shard.stem}-embedded.npy")
