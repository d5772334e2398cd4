"""Fitting the network, in floating point; its averaged weights are what is rounded. A cut-off run resumes."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from watchword_training import ears
from watchword_training.averaging import follow
from watchword_training.batches import drawn, heard
from watchword_training.checkpoint import Checkpoint, Part
from watchword_training.dataset import Dataset
from watchword_training.descent import Descent
from watchword_training.labels import classification
from watchword_training.loss import Loss
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.teacher import Teacher

VALIDATION_CLIPS = 256
"""Clips looked at while fitting; the threshold is chosen on all of them later."""


class Fitting:
    """
    One network on its way; `run` carries it from wherever it is to the end.

    Those of a recipe begin alike; each `draw` sees the clips in another order, and varied in other ways.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: Sequence[Dataset],
        validation: Dataset,
        teacher: Teacher,
        folder: Path,
        draw: int = 0,
    ) -> None:
        torch.set_num_threads(1)  # two threads are several times slower for layers of this size
        torch.manual_seed(recipe.seed)
        self._recipe, self._train, self._validation = recipe, train, validation
        self._folder, self._draw = folder, draw
        folder.mkdir(parents=True, exist_ok=True)
        self.network = Network(recipe.network, recipe.features.mels)
        self._loss = Loss(recipe, teacher)
        if recipe.fit.ears:
            ears.load().begin(self.network, self._loss.reading)
        self._averaged = copy.deepcopy(self.network)
        self._descent = Descent(recipe.fit, self.network, self._loss)
        parts: dict[str, Part] = {
            "network": self.network,
            "averaged": self._averaged,
            "loss": self._loss,
            "descent": self._descent,
        }
        self._checkpoint = Checkpoint(folder / "checkpoint.pt", parts)
        self._step = self._checkpoint.resume()

    def run(self) -> Network:
        """Fit to the last step; gives the averaged weights in floating point."""
        fit = self._recipe.fit
        smooth = 0.0
        name = f"fit {self._draw + 1}"
        with tqdm(total=fit.steps, initial=self._step, desc=name, unit="step", position=self._draw) as bar:
            while self._step < fit.steps:
                loss = self._advance()
                smooth = loss if smooth == 0 else 0.98 * smooth + 0.02 * loss
                bar.update()
                bar.set_postfix(loss=f"{smooth:.4f}", refresh=False)
                if self._step % fit.validate_every == 0 or self._step == fit.steps:
                    figures = {"fit": self._draw + 1, "step": self._step, "loss": round(smooth, 5), **self._validate()}
                    bar.write(json.dumps(figures), file=sys.stderr)
                    with (self._folder / "log.jsonl").open("a") as log:
                        log.write(json.dumps(figures) + "\n")
                    self._checkpoint.save(self._step)
        return self._averaged.eval()

    def _advance(self) -> float:
        fit, step = self._recipe.fit, self._step
        rng = np.random.default_rng([self._recipe.seed, 11, self._draw, step])
        torch.manual_seed(int(rng.integers(2**31)))
        self.network.train()
        loss = self._loss(self.network, drawn(self._recipe, self._train, rng))
        self._descent.step(loss, step)
        self._step += 1
        follow(self._averaged, self.network, fit.averaging, step)
        return float(loss.detach())

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        """Loss, and how far the two kinds of outputs lie apart: the share of each on the wrong side of one half."""
        network = self._averaged.eval()
        losses, found, false = [], [], []
        for start in range(0, min(VALIDATION_CLIPS, len(self._validation)), 64):
            chosen = np.arange(start, min(start + 64, len(self._validation)))
            clips = heard(self._recipe, self._validation, chosen, None)
            logits = network(clips.levels)
            losses.append(float(classification(logits, clips.target, clips.weight)))
            found.append((logits > 0)[clips.target == 1].float())
            false.append((logits > 0)[(clips.target == 0) & (clips.weight > 0)].float())
        return {
            "validation_loss": round(float(np.mean(losses)), 5),
            "positive_steps_missed": round(1 - float(torch.cat(found).mean()), 4),
            "negative_steps_accepted": round(float(torch.cat(false).mean()), 6),
        }
