"""The network of a recipe: the mean of the weights of fits that begin alike and see other draws of the same clips.

A model soup (Wortsman et al. 2022, arXiv:2203.05482): it errs less than its fits, and costs a device nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor

from watchword_training import teacher
from watchword_training.dataset import Shards
from watchword_training.fit import Fitting
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.workers import Workers


@dataclass(frozen=True)
class Ingredients:
    """What all fits of a recipe have in common."""

    recipe: Recipe
    train: Sequence[Shards]
    validation: Shards
    teacher: Path
    """Its weights, fitted before."""

    folder: Path
    """Keeps every run."""

    def run(self, draw: int) -> bytes:
        """Fit once; gives the weights as safetensors."""
        train = [shards.open() for shards in self.train]
        taught = teacher.fitted(self.recipe, train, self.teacher)
        fitting = Fitting(self.recipe, train, self.validation.open(), taught, self.folder / str(draw), draw)
        return safetensors.torch.save(fitting.run().state_dict())


def fitted(ingredients: Ingredients, workers: Workers) -> Network:
    """The network of a recipe in floating point, its fits run side by side on this machine."""
    recipe = ingredients.recipe
    fits = dict(workers.here().run(ingredients.run, range(recipe.fit.fits)))
    network = Network(recipe.network, recipe.features.mels)
    network.load_state_dict(mean([safetensors.torch.load(fits[draw]) for draw in sorted(fits)]))
    return network.eval()


def mean(weights: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    """The mean of some networks' weights, by name; what is no fraction (a count of batches) is the first one's."""
    return {
        name: torch.stack([each[name] for each in weights]).mean(0) if first.is_floating_point() else first
        for name, first in weights[0].items()
    }
