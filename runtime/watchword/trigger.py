"""Probabilities to events: running mean, threshold, hysteresis, refractory period. Time is counted in steps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from watchword.bundle import Manifest

Smoothed = npt.NDArray[np.float64]


class Firing(NamedTuple):
    """The step at which the trigger fired, and the smoothed probability there."""

    step: int
    score: float


@dataclass(frozen=True, kw_only=True)
class TriggerSettings:
    """When to fire."""

    threshold: float
    """Smoothed probability that fires."""

    release: float
    """Smoothed probability below which the trigger is armed again."""

    smoothing: int
    """Steps in the running mean."""

    refractory: int
    """Steps without another firing."""

    @classmethod
    def of(cls, manifest: Manifest, threshold: float | None = None) -> TriggerSettings:
        """The manifest's settings; another threshold moves the release in proportion."""
        chosen = manifest.threshold if threshold is None else threshold
        if not 0.0 < chosen <= 1.0:
            raise ValueError(f"threshold is {chosen}; expected a value above 0 and at most 1")
        return cls(
            threshold=chosen,
            release=manifest.release * chosen / manifest.threshold,
            smoothing=manifest.smoothing,
            refractory=manifest.refractory,
        )


class Trigger:
    """The state machine: armed, then fired until the mean has fallen and the refractory period is over."""

    def __init__(self, settings: TriggerSettings) -> None:
        self.settings = settings
        self.reset()

    def reset(self) -> None:
        """Back to the state of a new object."""
        self._past = deque([0.0] * self.settings.smoothing, self.settings.smoothing)
        self._steps = 0
        self._armed = True
        self._quiet_until = 0

    def push(self, probabilities: npt.NDArray[np.floating]) -> tuple[Smoothed, list[Firing]]:
        """Take (n,) probabilities; gives their (n,) running means and the firings among them."""
        settings, past = self.settings, self._past
        smoothed = np.empty(len(probabilities))
        firings = []
        for i, probability in enumerate(probabilities.tolist()):
            past.append(probability)
            mean = sum(past) / settings.smoothing
            smoothed[i] = mean
            if mean < settings.release:
                self._armed = True
            if self._armed and mean >= settings.threshold and self._steps >= self._quiet_until:
                firings.append(Firing(self._steps, mean))
                self._armed = False
                self._quiet_until = self._steps + settings.refractory + 1
            self._steps += 1
        return smoothed, firings


def peaks(smoothed: Smoothed, refractory: int) -> list[Firing]:
    """Local maxima of (n,) running means, the highest first come, none within `refractory` steps of another.

    Counting those above any threshold draws the whole detection error trade-off at once.
    """
    padded = np.concatenate([[-1.0], smoothed, [-1.0]])
    rising, falling = padded[1:-1] > padded[:-2], padded[1:-1] >= padded[2:]
    candidates = np.flatnonzero(rising & falling & (smoothed > 0))
    order = candidates[np.argsort(-smoothed[candidates], kind="stable")]
    taken = np.zeros(len(smoothed) + 1, bool)
    kept = []
    for step in order.tolist():
        if not taken[step]:
            kept.append(Firing(step, float(smoothed[step])))
            taken[max(0, step - refractory) : step + refractory + 1] = True
    return sorted(kept)
