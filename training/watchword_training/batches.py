"""What one optimizer step sees: clips drawn from every training set, as tensors."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from watchword_training.augmentation import varied
from watchword_training.dataset import Dataset
from watchword_training.labels import targets
from watchword_training.recipe import EMBEDDING_HOP, Recipe

S = TypeVar("S", bound=Sized)


class Heard(NamedTuple):
    """Clips as the network sees them."""

    levels: Tensor
    """(batch, frame, mel), uint8."""

    target: Tensor
    """(batch, step): 1 where the word has just ended."""

    weight: Tensor
    """(batch, step): what each target counts."""

    embeddings: Tensor
    """(batch, hop, value): the same clips as the teacher sees them, nothing varied."""


class Embedded(NamedTuple):
    """Clips as the teacher sees them."""

    embeddings: Tensor
    """(batch, hop, value)."""

    target: Tensor
    """(batch, hop)."""

    weight: Tensor
    """(batch, hop)."""


Indices = npt.NDArray[np.int64]


def shares(rng: np.random.Generator, sets: Sequence[S], batch: int) -> list[tuple[S, Indices]]:
    """Which clips of each set one step sees: `batch` in all, as many of each."""
    sizes = [len(part) for part in np.array_split(np.empty(batch), len(sets))]
    return [(data, rng.integers(0, len(data), size)) for data, size in zip(sets, sizes, strict=True)]


def drawn(recipe: Recipe, sets: Sequence[Dataset], rng: np.random.Generator) -> Heard:
    """What one step of a fit sees: as many clips of each set, varied."""
    parts = [heard(recipe, data, chosen, rng) for data, chosen in shares(rng, sets, recipe.fit.batch)]
    return Heard(*(torch.cat(part) for part in zip(*parts, strict=True)))


def heard(recipe: Recipe, data: Dataset, chosen: Indices, rng: np.random.Generator | None) -> Heard:
    """The clips `chosen`; with a generator, varied."""
    levels, hop = data.batch(chosen), recipe.samples_per_step
    if rng is not None:
        silent = np.array([not data.spans[i] for i in chosen.tolist()])
        levels = varied(rng, recipe.features, recipe.fit, levels, silent, data.backgrounds)
    target, weight = _targets(recipe, data, chosen, levels.shape[1] // recipe.network.frames_per_step, hop)
    return Heard(torch.from_numpy(levels), target, weight, torch.from_numpy(data.embedded(chosen)))


def embedded(recipe: Recipe, data: Dataset, chosen: Indices) -> Embedded:
    """The clips `chosen`."""
    embeddings = data.embedded(chosen)
    target, weight = _targets(recipe, data, chosen, embeddings.shape[1], EMBEDDING_HOP)
    return Embedded(torch.from_numpy(embeddings), target, weight)


def _targets(recipe: Recipe, data: Dataset, chosen: Indices, steps: int, hop: int) -> tuple[Tensor, Tensor]:
    pairs = [targets(recipe.fit, data.spans[i], steps, hop) for i in chosen.tolist()]
    target, weight = (torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))
    return target, weight
