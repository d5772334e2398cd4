"""Targets: 1 for a while after the word's end, nothing near the edges, 0 elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from watchword_training.recipe import SAMPLE_RATE, Recipe

Targets = npt.NDArray[np.float32]


def targets(recipe: Recipe, spans: Sequence[tuple[int, int]], steps: int) -> tuple[Targets, Targets]:
    """Target and weight, (step,) each: a step belongs to the sample at which it is complete."""
    fit = recipe.fit
    time = (np.arange(steps) + 1) * recipe.samples_per_step / SAMPLE_RATE
    target, weight = np.zeros(steps, np.float32), np.ones(steps, np.float32)
    ends = [end / SAMPLE_RATE for _, end in spans]
    for end in ends:
        near = (time > end - fit.ignore_seconds) & (time <= end + fit.label_seconds + fit.ignore_seconds)
        weight[near & (target == 0)] = 0
    for end in ends:
        inside = (time > end) & (time <= end + fit.label_seconds)
        target[inside], weight[inside] = 1, fit.positive_weight
    return target, weight
