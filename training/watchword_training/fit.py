"""Fitting the network: floating point first, then with the integer arithmetic simulated. A cut-off run resumes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from watchword_training import cache
from watchword_training.dataset import Dataset, Levels
from watchword_training.labels import targets
from watchword_training.network import Network
from watchword_training.recipe import Recipe

VALIDATION_CLIPS = 256
"""Clips looked at while fitting; the threshold is chosen on all of them later."""

LONGEST_TIME_MASK = 40
LONGEST_MEL_MASK = 8
QUANTIZED_RATE = 0.15
"""Learning rate of the quantized steps at their start, of the peak."""


def augmented(rng: np.random.Generator, levels: Levels, time_masks: int, mel_masks: int) -> Levels:
    """Blank drawn spans and bands of (batch, frame, mel) at each clip's mean (SpecAugment, Park et al. 2019)."""
    levels = levels.copy()
    for clip in levels:
        mean = np.uint8(clip.mean())
        for _ in range(time_masks):
            width = int(rng.integers(0, LONGEST_TIME_MASK))
            start = int(rng.integers(0, len(clip)))
            clip[start : start + width] = mean
        for _ in range(mel_masks):
            width = int(rng.integers(0, LONGEST_MEL_MASK))
            start = int(rng.integers(0, clip.shape[1]))
            clip[:, start : start + width] = mean
    return levels


class Fitting:
    """One network on its way; `run` carries it from wherever it is to a step, or to the end."""

    def __init__(self, recipe: Recipe, train: Dataset, validation: Dataset, folder: Path) -> None:
        torch.set_num_threads(1)  # two threads are several times slower for layers of this size
        torch.manual_seed(recipe.seed)
        self._recipe, self._train, self._validation = recipe, [train], validation
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.network = Network(recipe.network, recipe.features.mels)
        self._optimizer = torch.optim.AdamW(self.network.parameters(), recipe.fit.learning_rate, weight_decay=0.01)
        self._step = 0
        self._resume()

    def add(self, train: Dataset) -> None:
        """Draw from `train`, too, from now on: an equal part of each batch."""
        self._train.append(train)

    def run(self, until: int | None = None) -> Network:
        """Fit to the step `until`, or to the last; the network then has quantized arithmetic, ready for export."""
        fit = self._recipe.fit
        total = fit.steps + fit.quantized_steps
        last = total if until is None else until
        smooth = 0.0
        with tqdm(total=total, initial=self._step, desc="fit", unit="step") as bar:
            while self._step < last:
                loss = self._advance()
                smooth = loss if smooth == 0 else 0.98 * smooth + 0.02 * loss
                bar.update()
                bar.set_postfix(loss=f"{smooth:.4f}", refresh=False)
                if self._step % fit.validate_every == 0 or self._step in (fit.steps, last):
                    figures = {"step": self._step, "loss": round(smooth, 5), **self._validate()}
                    bar.write(json.dumps(figures), file=sys.stderr)
                    with (self._folder / "log.jsonl").open("a") as log:
                        log.write(json.dumps(figures) + "\n")
                    self._save()
        self.network.eval().quantized = last == total
        return self.network

    def _advance(self) -> float:
        fit, step = self._recipe.fit, self._step
        rng = np.random.default_rng([self._recipe.seed, 11, step])
        torch.manual_seed(int(rng.integers(2**31)))
        quantized = step >= fit.steps
        self.network.train()
        self.network.quantized = quantized
        for group in self._optimizer.param_groups:
            group["lr"] = fit.learning_rate * self._rate(step)
        shares = np.array_split(np.empty(fit.batch), len(self._train))
        drawn = [
            self._draw(rng, data, rng.integers(0, len(data), len(share)), True)
            for data, share in zip(self._train, shares, strict=True)
        ]
        levels, target, weight = (torch.cat(part) for part in zip(*drawn, strict=True))
        loss = self._loss(self.network(levels), target, weight)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self._optimizer.step()
        self._step += 1
        return float(loss.detach())

    def _rate(self, step: int) -> float:
        """One cycle: linear rise over a tenth, cosine fall; the quantized steps fall linearly from their own start."""
        fit = self._recipe.fit
        if step >= fit.steps:
            return QUANTIZED_RATE * (1 - (step - fit.steps) / fit.quantized_steps)
        rise = max(1, fit.steps // 10)
        if step < rise:
            return (step + 1) / rise
        return 0.01 + 0.99 * (1 + float(np.cos(np.pi * (step - rise) / (fit.steps - rise)))) / 2

    def _draw(
        self, rng: np.random.Generator, dataset: Dataset, chosen: np.ndarray[tuple[int], np.dtype[np.int64]], mask: bool
    ) -> tuple[Tensor, Tensor, Tensor]:
        levels = dataset.batch(chosen)
        if mask:
            levels = augmented(rng, levels, self._recipe.fit.time_masks, self._recipe.fit.mel_masks)
        steps = levels.shape[1] // self._recipe.network.stride
        pairs = [targets(self._recipe, dataset.spans[i], steps) for i in chosen.tolist()]
        target, weight = (torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))
        return torch.from_numpy(levels), target, weight

    @staticmethod
    def _loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        losses = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
        return (losses * weight).sum() / weight.sum()

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        """Loss, and how far the two kinds of outputs lie apart: the share of each on the wrong side of one half."""
        self.network.eval()
        count = min(VALIDATION_CLIPS, len(self._validation))
        rng = np.random.default_rng(0)
        losses, found, false = [], [], []
        for start in range(0, count, 64):
            chosen = np.arange(start, min(start + 64, count))
            levels, target, weight = self._draw(rng, self._validation, chosen, False)
            logits = self.network(levels)
            losses.append(float(self._loss(logits, target, weight)))
            found.append((logits > 0)[target == 1].float())
            false.append((logits > 0)[(target == 0) & (weight > 0)].float())
        return {
            "validation_loss": round(float(np.mean(losses)), 5),
            "positive_steps_missed": round(1 - float(torch.cat(found).mean()), 4),
            "negative_steps_accepted": round(float(torch.cat(false).mean()), 6),
        }

    def _save(self) -> None:
        state = {"network": self.network.state_dict(), "optimizer": self._optimizer.state_dict(), "step": self._step}
        with cache.replacing(self._folder / "checkpoint.pt") as partial:
            torch.save(state, partial)

    def _resume(self) -> None:
        path = self._folder / "checkpoint.pt"
        if path.is_file():
            state = torch.load(path, weights_only=True)
            self.network.load_state_dict(state["network"])
            self._optimizer.load_state_dict(state["optimizer"])
            self._step = state["step"]
