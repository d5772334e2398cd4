"""Targets: 1 for a while after the word's end, nothing near the edges, 0 elsewhere; and the loss against them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor
from torch.nn import functional

from watchword_training.model_specs import FitSpec
from watchword_training.recipe import SAMPLE_RATE

Targets = npt.NDArray[np.float32]


def targets(fit: FitSpec, spans: Sequence[tuple[int, int]], steps: int, hop: int) -> tuple[Targets, Targets]:
    """Target and weight, (step,) each, of steps `hop` samples apart: a step belongs to the sample at its end."""
    time = (np.arange(steps) + 1) * hop / SAMPLE_RATE
    target, weight = np.zeros(steps, np.float32), np.ones(steps, np.float32)
    ends = [end / SAMPLE_RATE for _, end in spans]
    for end in ends:
        near = (time > end - fit.ignore_seconds) & (time <= end + fit.label_seconds + fit.ignore_seconds)
        weight[near & (target == 0)] = 0
    for end in ends:
        inside = (time > end) & (time <= end + fit.label_seconds)
        target[inside], weight[inside] = 1, fit.positive_weight
    return target, weight


def classification(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean cross-entropy of `logits` against `target`, each step by its weight; any shape, all the same."""
    losses = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (losses * weight).sum() / weight.sum()
