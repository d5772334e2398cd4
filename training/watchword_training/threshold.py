"""The threshold of a bundle, from what its network takes for the word in validation sounds.

At 0.2 false accepts per hour, two hours allow none: the threshold would hang on a single sound, and unheard hours
would hold about twice as many. Instead the tail of the heights is extrapolated: their logits lie above a high level as
an exponential does (the peaks over a threshold of Pickands 1975, with shape 0; the scale after Hill 1975).
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import expit, logit

from watchword.errors import RecipeError
from watchword_training.evaluate import Evaluation
from watchword_training.model_specs import TriggerSpec

LOWEST = 0.5
HIGHEST = 0.9996
"""Bounds of a threshold; the largest value in the model's sigmoid table lies just above the second."""

TAIL = 10
"""False accepts above the level from which the tail is extrapolated."""

FEWEST = 0.5
"""False accepts expected at the threshold, at least: the tail tells of no more than twice the hours."""


def choose(spec: TriggerSpec, clips: Evaluation, recordings: Evaluation) -> float:
    """The threshold for the recipe's rates, at least one half; RecipeError when nothing could ever reach it."""
    rates = {
        "mixed clips": (clips, spec.mixed_false_accepts_per_hour),
        "recordings": (recordings, spec.false_accepts_per_hour),
    }
    for name, (heard, rate) in rates.items():
        if heard.threshold(int(rate * heard.hours)) > HIGHEST:
            raise RecipeError(
                f"no threshold keeps to {rate} false accepts per hour on {heard.hours:.1f} h of validation {name}, "
                "which hold sounds that the network takes for the word with certainty; allow more in the recipe's "
                "trigger (only this last part is then repeated), leave out what says the word, or give more negatives"
            )
    needed = (expecting(rate * heard.hours, heard) for heard, rate in rates.values())
    return min(HIGHEST, max(LOWEST, *(math.ceil(value * 10_000) / 10_000 for value in needed)))


def expecting(count: float, heard: Evaluation) -> float:
    """The threshold at which as much audio again should hold `count` false accepts; 0 when fewer were heard in all."""
    count, heights = max(count, FEWEST), sorted(heard.false_accepts, reverse=True)
    tail = min(TAIL, len(heights) - 1)
    if count >= tail:
        return heard.threshold(int(count))
    logits = logit(np.clip(heights[: tail + 1], 1e-6, 1 - 1e-6))
    scale = (logits[:tail] - logits[tail]).mean()
    return float(expit(logits[tail] + scale * math.log(tail / count)))
