"""Mixed clips as features on disk: shards of uint8 log-mel levels, made in parallel, resumed shard by shard."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tqdm import tqdm

from watchword.errors import RecipeError
from watchword_training import cache, render
from watchword_training.clips import Clip, Mixer, Sounds
from watchword_training.corpus import Corpus
from watchword_training.frontend import Frontend
from watchword_training.lines import Part, Split
from watchword_training.recipe import Recipe
from watchword_training.voices import Pcm

SHARD = 250
"""Clips in one file."""

CACHE_BYTES = 6 << 30

FORMAT = 1
"""Raised whenever mixing, features or fitting change, so that nothing of an older version is resumed."""

Levels = npt.NDArray[np.uint8]
Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Material:
    """Everything that clips are mixed from."""

    recipe: Recipe
    parts: Sequence[Part]
    """Rendered lines."""

    positives: Sequence[Corpus] = ()
    """Own recordings of the word."""

    negatives: Sequence[Corpus] = ()
    """Recordings of people who do not say it."""

    noise: Sequence[Corpus] = ()
    """Recordings without speech."""

    @property
    def digest(self) -> str:
        """Name of every clip that can be mixed from this."""
        hashed = hashlib.sha256(f"{FORMAT} {self.recipe.digest}".encode())
        for part in self.parts:
            hashed.update(f"{part.kind}{part.split}{part.line.digest}".encode())
        for role in (self.positives, self.negatives, self.noise):
            hashed.update(json.dumps([c.digest for c in role]).encode())
        return hashed.hexdigest()

    def check(self) -> None:
        """RecipeError when a split would lack positives, negatives, or a person's own recordings of the word."""
        needed: list[Split] = ["train", "validation", *(["test"] if self.recipe.voices.test else [])]  # type: ignore[list-item]
        for split in needed:
            kinds = [p.kind == "positive" for p in self.parts if p.split == split]
            if not any(kinds) or all(kinds):
                raise RecipeError(
                    f"nobody says {'the word' if not any(kinds) else 'anything else'} in the {split} clips; "
                    f"voices.{split} of the recipe must name voices of its engines, as in standard.toml"
                )
        if self.positives and not self.recordings(self.positives, "train"):
            raise RecipeError("none of the given recordings of the word fell into training; give at least ten")

    def sounds(self, split: Split) -> Sounds:
        """Load what `split` may hear."""
        lines: dict[str, list[Pcm]] = {}
        for part in self.parts:
            if part.split == split:
                lines.setdefault(part.kind, []).append(render.load(part.line))
        return Sounds(
            lines.pop("positive", []),
            lines,
            self.recordings(self.positives, split),
            self.recordings(self.negatives, split),
            self.recordings(self.noise, split),
        )

    def recordings(self, corpora: Sequence[Corpus], split: Split) -> list[Pcm]:
        """The recordings of `corpora` that belong to `split`."""
        spec = self.recipe.clips
        return [pcm for c in corpora for pcm in c.split(split, spec.validation_share, spec.test_share)]


@dataclass(frozen=True)
class Dataset:
    """Features and word spans of one split."""

    levels: list[Levels]
    """Per shard, (clip, frame, mel)."""

    spans: list[Spans]
    """Per clip, start and end (samples) of each positive."""

    def __len__(self) -> int:
        return len(self.spans)

    def batch(self, indices: npt.NDArray[np.int64]) -> Levels:
        """Levels (batch, frame, mel) of the clips `indices`."""
        return np.stack([self.levels[i // SHARD][i % SHARD] for i in indices.tolist()])


_mixer: Mixer
_features: Frontend


def _prepare(material: Material, split: Split) -> None:
    global _mixer, _features  # a worker process holds one set of sounds for all its shards
    torch.set_num_threads(1)
    _mixer = Mixer(material.recipe, split, material.sounds(split))
    _features = Frontend(material.recipe.features)


def _shard(path: Path, first: int, count: int) -> None:
    clips: list[Clip] = [_mixer.clip(i) for i in range(first, first + count)]
    levels = [_features.clip(torch.from_numpy(c.pcm)[None])[0].numpy() for c in clips]
    with cache.replacing(path.with_suffix(".json")) as partial:
        partial.write_text(json.dumps([c.spans for c in clips]), "utf-8")
    with cache.replacing(path) as partial:
        np.save(partial, np.stack(levels))


def build(material: Material, split: Split, count: int, processes: int) -> Dataset:
    """Mix and transform the first `count` clips of `split`; shards that exist are kept."""
    folder = cache.folder(f"clips/{material.digest[:16]}-{split}")
    cache.touch(folder.iterdir())
    cache.prune("clips", CACHE_BYTES, depth=1)
    shards = [(folder / f"{n:06d}.npy", n, min(SHARD, count - n)) for n in range(0, count, SHARD)]
    missing = [s for s in shards if not (s[0].is_file() and s[0].with_suffix(".json").is_file())]
    if missing:
        with (
            ProcessPoolExecutor(
                min(processes, len(missing)), get_context("spawn"), _prepare, (material, split)
            ) as pool,
            tqdm(total=count, initial=count - sum(s[2] for s in missing), desc=f"{split} clips") as bar,
        ):
            for (_, _, size), _ in zip(missing, pool.map(_shard, *zip(*missing, strict=True)), strict=True):
                bar.update(size)
    spans = [[(a, b) for a, b in clip] for s in shards for clip in json.loads(s[0].with_suffix(".json").read_text())]
    return Dataset([np.load(s[0], mmap_mode="r") for s in shards], spans)
