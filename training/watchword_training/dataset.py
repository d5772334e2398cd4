"""Mixed clips as features on disk: shards of log-mel levels and embeddings, made in parallel, resumed shard by shard.

A level is exactly what the network reads (see `frontend`), so that a byte holds what a half-precision number would
only approximate. Embeddings are what the teacher reads of the same words in quiet. Beside each shard stands its index:
a line of JSON per clip that says what is in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from watchword_training import cache
from watchword_training.bench import Bench, bench
from watchword_training.data_specs import Split
from watchword_training.embedding import PACKAGE, Embedding, Embeddings
from watchword_training.foreground import Word
from watchword_training.frontend import Frontend
from watchword_training.material import Material
from watchword_training.sounds import Piece
from watchword_training.workers import Files, Workers

SHARD = 250
"""Clips in one file."""

BACKGROUNDS = 2000
"""Backgrounds alone, from which those under the clips are drawn."""

CACHE_BYTES = 24 << 30
"""Bound of the folder of shards; the oldest sets go first. A clip takes 64 kB."""

FORMAT = 6
"""Raised whenever mixing, features or fitting change, so that nothing of an older version is resumed."""

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


Made = tuple[Levels, Embeddings, list[dict[str, Any]]]
"""A shard: both kinds of features, and its index."""


@dataclass(frozen=True)
class Shards:
    """Where the features of some clips of a split lie."""

    paths: tuple[Path, ...]
    backgrounds: Path | None = None

    def open(self) -> Dataset:
        """All of them, mapped into memory."""
        beside = [_beside(path) for path in self.paths]
        entries = [json.loads(line) for index, _ in beside for line in index.read_text("utf-8").splitlines()]
        words = [[Word(**word) for word in entry["words"]] for entry in entries]
        return Dataset(
            [np.load(path, mmap_mode="r") for path in self.paths],
            [np.load(path, mmap_mode="r") for _, path in beside],
            [[(word.start, word.end) for word in clip if word.positive] for clip in words],
            [[(word.start, word.end) for word in clip if word.spoken] for clip in words],
            np.load(self.backgrounds, mmap_mode="r") if self.backgrounds else None,
        )


def _shard(bench: Bench, clips: range, files: Files) -> Made:
    """Mix and transform some clips; any process gives the same bytes."""
    torch.set_num_threads(1)
    mixer, frontend, embedding = bench.at(files).mixer(), Frontend(bench.recipe.features), Embedding()
    made = [mixer.clip(i) for i in clips]
    levels = [frontend.clip(torch.from_numpy(clip.pcm)[None])[0].numpy() for clip in made]
    embedded = [embedding.clip(mixer.clear(i)) for i in clips]
    return np.stack(levels), np.stack(embedded), [{"clip": i, **c.entry} for i, c in zip(clips, made, strict=True)]


def _background_shard(bench: Bench, backgrounds: range, files: Files) -> Levels:
    """Some backgrounds alone."""
    torch.set_num_threads(1)
    mixer, frontend = bench.at(files).mixer(), Frontend(bench.recipe.features)
    return np.stack([frontend.clip(torch.from_numpy(mixer.background(i))[None])[0].numpy() for i in backgrounds])


def generation(material: Material) -> str:
    """A name for all that is made of `material` by the mixing and features of this version."""
    return f"{FORMAT}-{version(PACKAGE)}-{material.digest[:16]}"


def build(material: Material, split: Split, clips: range, workers: Workers, hard: Sequence[Piece] = ()) -> Shards:
    """Mix and transform some clips of `split`, with `hard` negatives; shards that exist are kept."""
    mined = f"-{hashlib.sha256(repr(hard).encode()).hexdigest()[:16]}" if hard else ""
    folder = cache.folder(f"clips/{generation(material)}-{split}{mined}")
    cache.touch(folder.iterdir())
    cache.prune("clips", CACHE_BYTES, depth=1)
    parts = [clips[first : first + SHARD] for first in range(0, len(clips), SHARD)]
    shards = {folder / f"{part.start:06d}-{len(part)}.npy": part for part in parts}
    missing = {part: path for path, part in shards.items() if not all(f.is_file() for f in (path, *_beside(path)))}
    if missing:
        table = bench(material, split, workers, hard)
        done = len(clips) - sum(map(len, missing))
        with tqdm(total=len(clips), initial=done, desc=f"{split} clips") as bar:
            for part, (levels, embeddings, entries) in workers.run(partial(_shard, table), missing, table.files):
                index, embedded = _beside(missing[part])
                with cache.replacing(index) as partly:
                    partly.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
                for path, array in ((embedded, embeddings), (missing[part], levels)):
                    with cache.replacing(path) as partly:
                        np.save(partly, array)
                bar.update(len(part))
    under = backgrounds(material, workers) if split == "train" and material.recipe.fit.noise else None
    return Shards(tuple(shards), under)


def backgrounds(material: Material, workers: Workers) -> Path:
    """The file of the training part's backgrounds (background, frame, mel), in the cache."""
    path = cache.folder(f"clips/{generation(material)}-backgrounds") / f"{BACKGROUNDS}.npy"
    if not path.is_file():
        table = bench(material, "train", workers)
        parts = [range(first, min(first + SHARD, BACKGROUNDS)) for first in range(0, BACKGROUNDS, SHARD)]
        made = {}
        with tqdm(total=BACKGROUNDS, desc="backgrounds") as bar:
            for part, shard in workers.run(partial(_background_shard, table), parts, table.files):
                made[part.start] = shard
                bar.update(len(part))
        with cache.replacing(path) as partly:
            np.save(partly, np.concatenate([made[part.start] for part in parts]))
    return path


def _beside(shard: Path) -> tuple[Path, Path]:
    """The index and the embeddings of a shard of levels."""
    return shard.with_suffix(".jsonl"), shard.with_name(f"{shard.stem}-embedded.npy")
