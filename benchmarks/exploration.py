"""What the choices of the recipe are worth: networks fitted to the same clips of one word, heard by real people.

    python -m benchmarks.exploration run --row unvaried --word computer --shared ../shared/data --packaged recordings
    python -m benchmarks.exploration table docs/decisions/0007-ears-that-come-with-the-package.md

Positives are synthetic alone. `run` fits a small standard recipe (half the renderings, fewer clips and steps), changed
in one thing, in floating point, measures it and writes a file into benchmarks/results/exploration; `table` puts all of
them into a document, those too whose choice has gone from the recipe because it did not pay, and those of the network
before decision 13, which has one convolution. Rows share the clips and the teacher of their word wherever the choice
leaves them alike. Thresholds are taken on the test negatives themselves.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import people
from benchmarks.floating import CONDITIONS, Listener, measured

from watchword_training import pipeline, recipes, sources
from watchword_training.recipe import Recipe
from watchword_training.workers import workers

RESULTS = Path(__file__).parent / "results/exploration"
LABELS: Mapping[str, Any] = {"imitation": 0.0, "distillation": 0.0}
Changes = Mapping[str, Mapping[str, Any]]
"""Other values for a recipe, by section and field."""

SMALL: Changes = {
    "voices": {
        "cheap_engines": {"kokoro": 0.1, "hibari": 0.3, "pico": 0.32, "flite": 0.2, "festival": 0.04, "espeak": 0.04},
        "positives": 350,
        "carried": 60,
        "near": 150,
        "rhythm": 75,
        "partial": 35,
        "carried_near": 20,
        "ordinary": 300,
        "sentences": 200,
    },
    "clips": {"train": 2_500, "mined": 1_000, "recorded": 0, "validation": 500},
    "fit": {"steps": 1_200, "fits": 1},
}
"""What is smaller in every row."""

TRACKED: Mapping[str, Any] = {"matching": 0.2, "tracking": 3.0}
ROWS: Mapping[str, tuple[str, Changes]] = {
    "whole": ("as it is", {}),
    "tracked": ("the teacher's logits and its state besides its opinion", {"fit": TRACKED}),
    "deaf": (
        "the teacher's logits and its state, and no ears: fitted from nothing, at a learning rate of 0.008",
        {"fit": {**TRACKED, "ears": False, "learning_rate": 8e-3}},
    ),
    "labels": (
        "labels alone, from nothing, at a learning rate of 0.008",
        {"fit": {**LABELS, "ears": False, "learning_rate": 8e-3}},
    ),
    "unvaried": (
        "nothing laid under, no change of level and colour",
        {"fit": {"overlay": 0.0, "noise": 0.0, "gain": 0.0, "colour": 0.0}},
    ),
    "unmasked": ("no SpecAugment", {"fit": {"mel_masks": 0}}),
    "masked": ("two masks over time besides those over bands", {"fit": {"time_masks": 2}}),
    "dropped": ("a dropout of 0.3 instead of 0.15", {"network": {"dropout": 0.3}}),
    "heedful": ("what the network says of the embeddings counts three times", {"fit": {"imitation": 3.0}}),
    "bare": (
        "no masks, no dropout, what it says of the embeddings counts a tenth",
        {"fit": {"mel_masks": 0, "imitation": 0.1}, "network": {"dropout": 0.0}},
    ),
    "recorded": ("the given recordings as they are, besides", {"clips": {"recorded": 3_000}}),
    "unmined": ("no hard negatives", {"clips": {"train": 3_500, "mined": 0}}),
    "brief": ("a third of real negatives cut to a word's length", {"clips": {"brief": 0.33}}),
    "sparse": (
        "up to four words of each kind in a clip, fewer of them real, more with a pause",
        {"clips": {"max_words": 4, "real": 0.45, "running": 0.35}},
    ),
    "gentle": ("a third of the learning rate", {"fit": {"learning_rate": 1.7e-4}}),
    "quieter": ("no backgrounds laid under", {"fit": {"noise": 0.0}}),
    "longer": ("three times the steps", {"fit": {"steps": 3_600}}),
    "even": ("a positive output counts as a negative one", {"fit": {"positive_weight": 1.0}}),
    "short": ("label of 0.2 s", {"fit": {"label_seconds": 0.2}}),
}
"""By name: what it is, and what it changes by section of the recipe."""


def recipe(row: str, word: str, seed: int) -> Recipe:
    """The recipe of a row."""
    chosen = replace(recipes.load("standard"), word=word, seed=seed)
    return changed(changed(chosen, SMALL), ROWS[row][1])


def changed(chosen: Recipe, changes: Changes) -> Recipe:
    """The recipe with these changes."""
    return replace(chosen, **{name: replace(getattr(chosen, name), **new) for name, new in changes.items()})


def run(arguments: argparse.Namespace) -> None:
    """Fit one row, unless the cache has its weights, and write what was measured."""
    chosen, places = recipe(arguments.row, arguments.word, arguments.seed), (arguments.shared, arguments.packaged)
    with workers(arguments.processes) as pool:
        material = pipeline.gather(chosen, people.given(*places), pool)
        listener = Listener.of(pipeline.fitted(chosen, material, pool), chosen)
        figures = measured(listener, people.recordings(sources.used(material), chosen, *places), pool)
    write(chosen, arguments.row, ROWS[arguments.row][0], len(chosen.network.local) + 1, figures)


def write(chosen: Recipe, row: str, what: str, convolutions: int, figures: Mapping[str, Any]) -> None:
    """Keep and print what was measured of a row, a network of so many convolutions."""
    name, seed = chosen.word.replace(" ", "_"), chosen.seed
    found = {"word": name, "row": row, "what": what, "convolutions": convolutions, "seed": seed, **figures}
    people.keep(RESULTS / f"{name}-{row}-{seed}.json", found)


def table() -> list[str]:
    """The results as lines of a Markdown table, the best of each word first."""
    results = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    lines = [
        "| word | row | convolutions | seed | missed at 0.5 FA/h: clean (95 %) | at 0.1 | 10 dB | far "
        "| area: clean | 10 dB | far |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in sorted(results, key=lambda r: (r["word"], area(r))):
        clean, *others = (result["conditions"][name] for name in ("clean", *CONDITIONS))
        low, high = clean["at"]["0.5"]["miss_rate_interval"]
        cells = [
            result["word"],
            result["what"],
            str(result["convolutions"]),
            str(result["seed"]),
            f"{people.percent(clean['at']['0.5'])} ({100 * low:.1f} to {100 * high:.1f})",
            people.percent(clean["at"]["0.1"]),
            *(people.percent(figures["at"]["0.5"]) for figures in others),
            *(f"{100 * figures['area']:.1f}" for figures in (clean, *others)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def area(result: Mapping[str, Any]) -> float:
    """Mean area of the conditions, by which rows are compared: rates of few false accepts hang on single sounds."""
    areas = [figures["area"] for figures in result["conditions"].values()]
    return float(sum(areas) / len(areas))


if __name__ == "__main__":
    people.command(__doc__, None, ROWS, run, table, words=True)
