"""What is heard: Watchword and its peers on the same people and the same hours of speech, over all thresholds."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import people
from benchmarks.peers import streams
from benchmarks.peers.environments import OWN
from tqdm import tqdm

from watchword_training import conditions, confusables, det, sources
from watchword_training.evaluate import Evaluation
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.workers import Local

WORD = "alexa"
"""What two of the peers have a model of."""

SPHINX = 1e-20
"""The setting of its likelihood ratio that its users begin with; it says yes or no."""

NEAR = 100
"""Near words, by synthetic voices."""

SHARE = 0.03
"""Share of the people missed where near words are counted a second time: thresholds differ, what they cost may not."""


def measured(model: Path, recipe: Recipe, arguments: argparse.Namespace) -> dict[str, Any]:
    """Headline figures and curves of every engine under every condition, and the near words that each accepts."""
    places = (arguments.shared, arguments.packaged)
    heard = people.recordings(sources.read(model), recipe, *places)
    words = [pcm for pcm, _ in heard.words]
    speech = heard.others[people.UNHEARD[0]]
    near = [pcm for _, pcm in confusables.rendered(WORD, NEAR, Local(arguments.processes))]
    every = [*words, *speech]
    noisy = [conditions.in_noise(heard.ambience, 10.0, i, pcm) for i, pcm in enumerate(every)]
    conditioned = {"clean": streams.joined(every, len(words)), "10 dB ambience": streams.joined(noisy, len(words))}
    sounding = streams.joined(near, len(near))
    rows, nearest = [], []
    for engine, settings in tqdm(list(_engines(model)), desc="engines", unit="engine"):
        results = {}
        for condition, stream in conditioned.items():
            told, results[condition] = streams.heard(engine, settings, *stream)
            rows.append(_row(engine, told["version"], settings, condition, results[condition]))
        told, taken = streams.heard(engine, settings, *sounding)
        nearest.append({"engine": engine, **accepted(told["threshold"], results["clean"], taken)})
    hours = sum(len(pcm) for pcm in speech) / SAMPLE_RATE / 3600
    heard_of = {"word": WORD, "words": len(words), "hours": round(hours, 2), "speech": people.UNHEARD[0]}
    return {**heard_of, "near_words": len(near), "rows": rows, "near": nearest}


def accepted(threshold: float, heard: Evaluation, near: Evaluation) -> dict[str, Any]:
    """
    People missed and near words accepted at an engine's own threshold; near words where few people are missed.

    An engine that says yes or no has only the first.
    """
    few = float(np.quantile(heard.words, SHARE))
    own = heard.figures(threshold)
    return {
        "threshold": round(threshold, 4),
        "missed": own["miss_rate"],
        "false_accepts": own["false_accepts"],
        "accepted": sum(score >= threshold for score in near.words),
        "accepted_where_few_are_missed": sum(score >= few for score in near.words) if few else None,
    }


def _engines(model: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield OWN, {"model": str(model.resolve())}
    yield "pymicro-wakeword", {"model": WORD}
    yield "pyopen-wakeword", {"model": WORD}
    yield "pocketsphinx", {"model": WORD, "threshold": SPHINX}


def _row(engine: str, version: str, settings: dict[str, Any], condition: str, result: Evaluation) -> dict[str, Any]:
    row = {"engine": engine, "version": version, "condition": condition, "hours": round(result.hours, 3)}
    if engine == "pocketsphinx":
        return {**row, "setting": settings["threshold"], **result.figures(0.5)}
    return {**row, **det.headline(result), "curve": det.curve(result)}
