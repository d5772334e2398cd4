"""Making the ears: a network learns to tell the embeddings of clear speech from what a device hears, labels unused.

FitNets (Romero et al. 2015, arXiv:1412.6550) with nothing but hints. Speech alone counts: what the embeddings say of
quiet noise nobody can hear behind louder noise.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from tqdm import tqdm

from watchword_training import augmentation, cache, ears, pipeline, sources
from watchword_training.averaging import follow
from watchword_training.checkpoint import Checkpoint, Part
from watchword_training.dataset import Dataset
from watchword_training.descent import Descent
from watchword_training.ears import Reading
from watchword_training.given import Given
from watchword_training.material import Material
from watchword_training.network import Network
from watchword_training.recipe import EMBEDDING_HOP, SAMPLE_RATE, Recipe
from watchword_training.shards import build, generation
from watchword_training.workers import Workers

AFTER = SAMPLE_RATE // 4
"""Samples after a word in which the embeddings still tell of it."""

ELSEWHERE = 0.05
"""Weight of what lies between words."""

SAMPLED = 20
"""Every twentieth clip is looked at for the mean and the deviation of embeddings."""


def pretrain(recipe: Recipe, given: Given, out: Path, workers: Workers) -> Path:
    """Make ears of a recipe's clips and write them to the file `out`."""
    material, train, validation = clips(recipe, given, workers)
    start = ears.start(recipe.fit)
    run = pipeline.kept("runs", generation(material), len(train), recipe.network, recipe.fit, start)
    network, reading = fitted(recipe, train, validation, run)
    before = ears.load().corpora if recipe.fit.ears else ()
    corpora = list(dict.fromkeys([*before, *given.corpora]))
    with cache.replacing(out) as partial:
        ears.save(partial, network, reading, corpora, sources.used(material))
    return out


def clips(recipe: Recipe, given: Given, workers: Workers) -> tuple[Material, Dataset, Dataset]:
    """What ears are made of, and the clips of the training and of the validation part."""
    material = pipeline.gather(recipe, given, workers)
    train = build(material, "train", range(recipe.clips.train), workers)
    validation = build(material, "validation", range(recipe.clips.validation), workers)
    return material, train.open(), validation.open()


def fitted(recipe: Recipe, train: Dataset, validation: Dataset, folder: Path) -> tuple[Network, Reading]:
    """The network and the reading of its state, both with averaged weights and ready to use; `folder` keeps the run."""
    fit = recipe.fit
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    network, reading = Network(recipe.network, recipe.features.mels), Reading(recipe.network.hidden)
    _standardize(reading, train)
    if fit.ears:
        ears.load().begin(network, reading)
    averaged = copy.deepcopy(network).eval(), copy.deepcopy(reading).eval()
    descent = Descent(fit, network, reading)
    parts: dict[str, Part] = {
        "network": network,
        "reading": reading,
        "averaged": averaged[0],
        "averaged reading": averaged[1],
        "descent": descent,
    }
    checkpoint = Checkpoint(folder / "checkpoint.pt", parts)
    done = checkpoint.resume()
    with tqdm(range(done, fit.steps), initial=done, total=fit.steps, desc="ears", unit="step") as bar:
        for step in bar:
            rng = np.random.default_rng([recipe.seed, 13, step])
            torch.manual_seed(int(rng.integers(2**31)))
            chosen = rng.integers(0, len(train), fit.batch)
            network.train()
            loss = missed(recipe, network, reading, train, chosen, rng)
            descent.step(loss, step)
            for mean, now in zip(averaged, (network, reading), strict=True):
                follow(mean, now, fit.averaging, step)
            if (step + 1) % fit.validate_every == 0 or step + 1 == fit.steps:
                with torch.no_grad():
                    left = float(missed(recipe, *averaged, validation, np.arange(len(validation))))
                bar.write(f"step {step + 1}: {left:.4f} of the variance of unheard clips is missed", file=sys.stderr)
                checkpoint.save(step + 1)
    return averaged


def _standardize(reading: Reading, train: Dataset) -> None:
    chosen = np.arange(0, len(train), SAMPLED)
    spoken = train.embedded(chosen)[_weights(train, chosen) == 1]
    reading.mean.copy_(torch.from_numpy(spoken.mean(0)))
    reading.deviation.copy_(torch.from_numpy(spoken.std(0)))


def missed(
    recipe: Recipe,
    network: Network,
    reading: Reading,
    data: Dataset,
    chosen: npt.NDArray[np.int64],
    rng: np.random.Generator | None = None,
) -> Tensor:
    """Mean square of what the reading misses of the embeddings of some clips; with a generator, of varied ones."""
    levels = data.batch(chosen)
    if rng is not None:
        silent = np.ones(len(chosen), bool)  # no label is at stake: any clip may lie under another
        levels = augmentation.varied(rng, recipe.features, recipe.fit, levels, silent, data.backgrounds)
    hidden = network.hidden(torch.from_numpy(levels))[:, recipe.embedded_steps]
    wanted = reading.standardized(torch.from_numpy(data.embedded(chosen)))
    weight = torch.from_numpy(_weights(data, chosen))
    squares = nn.functional.mse_loss(reading(hidden), wanted, reduction="none").mean(2)
    return (squares * weight).sum() / weight.sum()


def _weights(data: Dataset, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """What each hop (clip, hop) counts: all of it where somebody in the foreground speaks."""
    weights = np.full((len(chosen), data.embeddings[0].shape[1]), ELSEWHERE, np.float32)
    for row, clip in zip(weights, chosen.tolist(), strict=True):
        for start, end in data.said[clip]:
            row[start // EMBEDDING_HOP : (end + AFTER) // EMBEDDING_HOP + 1] = 1
    return weights
