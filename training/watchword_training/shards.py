"""Who makes shards of features: in parallel, kept in the cache, resumed shard by shard."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from watchword_training import cache, dataset, parts
from watchword_training.bench import Bench, bench
from watchword_training.clips import Clip
from watchword_training.data_specs import Split
from watchword_training.dataset import Levels, Shards, beside
from watchword_training.embedding import PACKAGE, Embedding, Embeddings
from watchword_training.frontend import Frontend
from watchword_training.material import Material
from watchword_training.sounds import Piece
from watchword_training.stretches import Stretches
from watchword_training.voices import Pcm
from watchword_training.workers import Files, Workers

BACKGROUNDS = 2000
"""Backgrounds alone, from which those under the clips are drawn."""

CACHE_BYTES = 24 << 30
"""Bound of the folder of shards; the oldest sets go first. A clip takes 64 kB."""

FORMAT = 6
"""Raised whenever mixing, features or fitting change, so that nothing of an older version is resumed."""

FEWEST_RECORDED = 180
"""Stretches of recordings (half an hour of them) below which a third of every batch would be too much for them."""

Made = tuple[Levels, Embeddings, list[dict[str, Any]]]
"""A shard: both kinds of features, and its index."""


def generation(material: Material) -> str:
    """A name for all that is made of `material` by the mixing and features of this version."""
    return f"{FORMAT}-{version(PACKAGE)}-{material.digest[:16]}"


def build(material: Material, split: Split, clips: range, workers: Workers, hard: Sequence[Piece] = ()) -> Shards:
    """Mix and transform some clips of `split`, with `hard` negatives; shards that exist are kept."""
    mined = f"-{hashlib.sha256(repr(hard).encode()).hexdigest()[:16]}" if hard else ""
    return _kept(f"{split}{mined}", material, split, clips, _mixed, workers, hard)


def recorded(material: Material, workers: Workers) -> list[Shards]:
    """Transform the stretches of the training part's recordings: one set, or none where few are wanted or given."""
    if material.recipe.clips.recorded < FEWEST_RECORDED:
        return []
    chosen = Stretches(material.recipe, "train", material.library("train").open()).chosen
    if len(chosen) < FEWEST_RECORDED:
        return []
    return [_kept(f"recorded-{len(chosen)}", material, "train", range(len(chosen)), _heard, workers)]


def backgrounds(material: Material, workers: Workers) -> Path:
    """The file of the training part's backgrounds (background, frame, mel), in the cache."""
    path = cache.folder(f"clips/{generation(material)}-backgrounds") / f"{BACKGROUNDS}.npy"
    if not path.is_file():
        table = bench(material, "train", workers)
        some = parts.cut(range(BACKGROUNDS), dataset.SHARD)
        made = parts.work(workers, partial(_background_shard, table), some, "backgrounds", table.files)
        with cache.replacing(path) as partly:
            np.save(partly, np.concatenate(made))
    return path


def _kept(
    name: str,
    material: Material,
    split: Split,
    clips: range,
    make: Callable[[Bench, range, Files], Made],
    workers: Workers,
    hard: Sequence[Piece] = (),
) -> Shards:
    """Some clips of `split` in the cache folder `name`; the shards that lack are made."""
    folder = cache.folder(f"clips/{generation(material)}-{name}")
    cache.touch(folder.iterdir())
    cache.prune("clips", CACHE_BYTES, depth=1)
    shards = {folder / f"{part.start:06d}-{len(part)}.npy": part for part in parts.cut(clips, dataset.SHARD)}
    missing = {part: path for path, part in shards.items() if not all(f.is_file() for f in (path, *beside(path)))}
    if missing:
        table = bench(material, split, workers, hard)
        done = len(clips) - sum(map(len, missing))
        with tqdm(total=len(clips), initial=done, desc=f"{name.partition('-')[0]} clips") as bar:
            for part, (levels, embeddings, entries) in workers.run(partial(make, table), missing, table.files):
                index, embedded = beside(missing[part])
                with cache.replacing(index) as partly:
                    partly.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")
                for path, array in ((embedded, embeddings), (missing[part], levels)):
                    with cache.replacing(path) as partly:
                        np.save(partly, array)
                bar.update(len(part))
    under = backgrounds(material, workers) if split == "train" and material.recipe.fit.noise else None
    return Shards(tuple(shards), under)


def _mixed(bench: Bench, clips: range, files: Files) -> Made:
    """Mix and transform some clips; any process gives the same bytes."""
    mixer = bench.at(files).mixer()
    made = [mixer.clip(i) for i in clips]
    embedded = _embedded(mixer.clear(i) for i in clips)
    return _levels(bench, (clip.pcm for clip in made)), embedded, _entries(clips, made)


def _heard(bench: Bench, clips: range, files: Files) -> Made:
    """Transform some of the chosen stretches of recordings; the teacher hears them as the network does."""
    stretches = bench.at(files).stretches()
    made = [stretches.clip(stretches.chosen[i]) for i in clips]
    return _levels(bench, (clip.pcm for clip in made)), _embedded(clip.pcm for clip in made), _entries(clips, made)


def _background_shard(bench: Bench, backgrounds: range, files: Files) -> Levels:
    """Some backgrounds alone."""
    mixer = bench.at(files).mixer()
    return _levels(bench, (mixer.background(i) for i in backgrounds))


def _entries(numbers: range, clips: Sequence[Clip]) -> list[dict[str, Any]]:
    """What the index says of some clips."""
    return [{"clip": number, **clip.entry} for number, clip in zip(numbers, clips, strict=True)]


def _levels(bench: Bench, clips: Iterable[Pcm]) -> Levels:
    """Levels (clip, frame, mel) of some clips."""
    torch.set_num_threads(1)
    frontend = Frontend(bench.recipe.features)
    return np.stack([frontend.clip(torch.from_numpy(pcm)[None])[0].numpy() for pcm in clips])


def _embedded(clips: Iterable[Pcm]) -> Embeddings:
    """Embeddings (clip, hop, value) of some clips."""
    embedding = Embedding()
    return np.stack([embedding.clip(pcm) for pcm in clips])
