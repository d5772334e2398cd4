"""Networks in floating point on recordings, many at a time: what the rows of the exploration are measured by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from watchword.detector import Event
from watchword.hearing import TAIL_SECONDS
from watchword.trigger import Trigger, TriggerSettings, peaks
from watchword_training import conditions, det
from watchword_training.evaluate import Evaluation
from watchword_training.frontend import Frontend
from watchword_training.network import Network
from watchword_training.protocol import Recordings
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.voices import Pcm
from watchword_training.workers import Workers

BATCH = 32
CONDITIONS = ("10 dB ambience", "far")
"""Measured besides the recordings as they are."""

Heard = Sequence[tuple[Pcm, conditions.Spans]]


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A network and how its outputs become events."""

    probabilities: Callable[[Tensor], Tensor]
    """(batch, step) of int16 samples (batch, time)."""

    hop: int
    """Samples between outputs."""

    smoothing_seconds: float
    refractory_seconds: float

    @classmethod
    def of(cls, network: Network, recipe: Recipe) -> Listener:
        """A network of the recipe, with its trigger."""
        frontend, hop = Frontend(recipe.features), recipe.samples_per_step
        return cls(
            probabilities=lambda pcm: torch.sigmoid(network(frontend.clip(pcm))),
            hop=hop,
            smoothing_seconds=recipe.trigger.smoothing_seconds,
            refractory_seconds=recipe.trigger.refractory_seconds,
        )

    def steps(self, seconds: float) -> int:
        """Outputs in a stretch of time, to the nearest."""
        return round(seconds * SAMPLE_RATE / self.hop)


def measured(listener: Listener, recordings: Recordings, pool: Workers) -> dict[str, Any]:
    """Headline figures as recorded and under some conditions."""
    spoken = [*recordings.words, *((pcm, ()) for pcm in recordings.negatives)]
    results = {"clean": evaluation(listener, spoken)}
    changed = conditions.every(recordings.ambience, pool)
    for name in CONDITIONS:
        results[name] = evaluation(listener, [(changed[name](i, pcm), spans) for i, (pcm, spans) in enumerate(spoken)])
    return {
        "words": len(recordings.words),
        "hours": round(results["clean"].hours, 3),
        "conditions": {name: det.headline(result) for name, result in results.items()},
    }


@torch.no_grad()
def evaluation(listener: Listener, heard: Heard) -> Evaluation:
    """Peaks of each recording, counted as everywhere; recordings of like length go together."""
    result = Evaluation()
    tail, hop = round(TAIL_SECONDS * SAMPLE_RATE), listener.hop
    refractory, smoothing = listener.steps(listener.refractory_seconds), listener.steps(listener.smoothing_seconds)
    settings = TriggerSettings(threshold=0.5, release=0.5, smoothing=smoothing, refractory=refractory)
    order = sorted(heard, key=lambda recording: len(recording[0]))
    for first in range(0, len(order), BATCH):
        batch = order[first : first + BATCH]
        longest = len(batch[-1][0]) + tail
        pcm = np.stack([np.pad(pcm, (0, longest - len(pcm))) for pcm, _ in batch])
        probabilities = listener.probabilities(torch.from_numpy(pcm)).numpy()
        for (samples, spans), row in zip(batch, probabilities, strict=True):
            smoothed, _ = Trigger(settings).push(row[: (len(samples) + tail) // hop])
            seconds = len(samples) / SAMPLE_RATE
            found = [(min((p.step + 1) * hop / SAMPLE_RATE, seconds), p.score) for p in peaks(smoothed, refractory)]
            result.add([Event("", time, score) for time, score in found], spans, seconds)
    return result
