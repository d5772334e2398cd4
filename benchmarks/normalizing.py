"""Levels as they are, less their running mean, or as PCEN; answers every 80 or 40 ms: the same clips, from nothing.

    python -m benchmarks.normalizing run --row pcen --word computer --shared ../shared/data --packaged recordings
    python -m benchmarks.normalizing table docs/decisions/0007-ears-that-come-with-the-package.md

The ears of the package have only ever heard levels as they are, so no row begins with them; all learn from the quick
recipe's clips and teacher. In floating point, and beside the rows of `exploration`, in whose table they are.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from benchmarks import confirmation, exploration, people
from benchmarks.floating import Listener, measured
from scipy.signal import lfilter
from torch import Tensor
from tqdm import tqdm

from watchword_training import pipeline, sources, teacher
from watchword_training.averaging import follow
from watchword_training.batches import drawn
from watchword_training.descent import Descent
from watchword_training.frontend import LEVELS
from watchword_training.graph import Array
from watchword_training.loss import Loss
from watchword_training.network import LEVEL_STEP, Network
from watchword_training.recipe import Recipe
from watchword_training.workers import Workers, workers

Change = Callable[[Array, Recipe], Array]
"""What becomes of levels (batch, frame, mel) before the network reads them."""

STEPS, LEARNING_RATE = 2_000, 5e-3
SMOOTHING = 0.025
"""Of the running mean over frames: a time constant of 0.4 s."""

GAIN, BIAS, ROOT, FLOOR = 0.98, 2.0, 0.5, 1e-6
"""Per-channel energy normalisation as Wang et al. have it (2017, arXiv:1607.05666); powers of 16-bit samples."""


def running(x: Array) -> Array:
    """The exponential mean over the past of (batch, frame, mel), which begins at the first frame."""
    mean: Array = lfilter([SMOOTHING], [1, SMOOTHING - 1], x, axis=1, zi=(1 - SMOOTHING) * x[:, :1])[0]
    return mean


def centred(levels: Array, recipe: Recipe) -> Array:
    """Levels less their running mean, in the network's units."""
    return (levels - running(levels)) * LEVEL_STEP


def pcen(levels: Array, recipe: Recipe) -> Array:
    """PCEN of the powers that levels stand for."""
    features = recipe.features
    power = np.exp(features.floor + levels * (features.ceiling - features.floor) / (LEVELS - 1)) * 2.0**30
    normalised: Array = (power / (FLOOR + running(power)) ** GAIN + BIAS) ** ROOT - BIAS**ROOT
    return normalised


class Normalized(Network):
    """A network that reads something made of the levels; without a change it is the recipe's own."""

    def __init__(self, recipe: Recipe, change: Change | None) -> None:
        super().__init__(recipe.network, recipe.features.mels)
        self._recipe, self._change = recipe, change

    def _centred(self, levels: Tensor) -> Tensor:
        if self._change is None:
            return super()._centred(levels)
        return torch.from_numpy(self._change(levels.double().numpy(), self._recipe)).float()[:, None]


def quicker(recipe: Recipe) -> Recipe:
    """The recipe with an answer every 40 ms: its last small convolution lets no frame out."""
    *local, last = recipe.network.local
    return replace(recipe, network=replace(recipe.network, local=(*local, replace(last, frame_stride=1))))


ROWS: Mapping[str, tuple[str, Change | None, Callable[[Recipe], Recipe]]] = {
    "plain": ("levels as they are", None, lambda recipe: recipe),
    "centred": ("levels less their running mean", centred, lambda recipe: recipe),
    "pcen": ("per-channel energy normalisation", pcen, lambda recipe: recipe),
    "stride": ("levels as they are, an answer every 40 ms", None, quicker),
}
"""By name: what it is, what becomes of levels, and the recipe."""


def fitted(recipe: Recipe, network: Network, pool: Workers, places: tuple[Path, Path]) -> tuple[Network, sources.Used]:
    """The averaged weights of `network`, fitted to the recipe's clips; and the recordings that these are made of."""
    material = pipeline.gather(recipe, people.given(*places), pool)
    shards, taught = pipeline.lessons(recipe, material, pool)
    train = [part.open() for part in shards]
    loss = Loss(recipe, teacher.fitted(recipe, train, taught))
    averaged, descent = copy.deepcopy(network), Descent(recipe.fit, network, loss)
    for step in tqdm(range(recipe.fit.steps), desc="fit", unit="step"):
        rng = np.random.default_rng([recipe.seed, step])
        descent.step(loss(network.train(), drawn(recipe, train, rng)), step)
        follow(averaged, network, recipe.fit.averaging, step)
    return averaged.eval(), sources.used(material)


def run(arguments: argparse.Namespace) -> None:
    """Fit one row, measure, write."""
    what, change, changed = ROWS[arguments.row]
    places = (arguments.shared, arguments.packaged)
    recipe = confirmation.recipe("quick", arguments.word, arguments.seed)
    recipe = changed(replace(recipe, fit=replace(recipe.fit, ears=False, steps=STEPS, learning_rate=LEARNING_RATE)))
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    with workers(arguments.processes) as pool:
        network, used = fitted(recipe, Normalized(recipe, change), pool, places)
        figures = measured(Listener.of(network, recipe), people.recordings(used, recipe, *places), pool)
    said = f"from nothing, {STEPS:,} steps of the quick recipe's clips: {what}"
    exploration.write(recipe, f"nothing_{arguments.row}", said, len(recipe.network.local) + 1, figures)


if __name__ == "__main__":
    people.command(__doc__, None, ROWS, run, exploration.table, words=True)
