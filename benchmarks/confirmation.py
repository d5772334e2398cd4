"""The whole recipe on words that many people recorded: the shipped form, streamed, under every condition.

    python -m benchmarks.confirmation run --word alexa --shared ../shared/data --packaged recordings
    python -m benchmarks.confirmation table docs/decisions/0007-ears-that-come-with-the-package.md

Positives are synthetic alone. `run` trains a bundle, unless it is there, measures it by the whole protocol and writes a
file into benchmarks/results/confirmation; results of recipes that are gone stay in the table. Thresholds of the rates
are taken on the test negatives, as along any DET curve; the last columns are at the bundle's own threshold.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import exploration, people

from watchword_training import recipes
from watchword_training.recipe import Recipe

RESULTS = Path(__file__).parent / "results/confirmation"
MASKED: exploration.Changes = {"fit": {"time_masks": 2}, "clips": {"paused": 0.0}}
"""As recipes were before decisions 20 and 21."""

MIXED: Mapping[str, Any] = {"recorded": 0, "paused": 0.0}
"""Clips without recordings as they are, and as before decision 21."""

ROWS: Mapping[str, tuple[str, str, exploration.Changes]] = {
    "standard": ("the standard recipe", "standard", {}),
    "small": ("half the renderings, fewer clips and steps", "standard", exploration.SMALL),
    "quick": ("the quick recipe", "quick", {}),
    "unpaused_quick": ("the quick recipe without pauses in phrases", "quick", {"clips": {"paused": 0.0}}),
    "masked_quick": ("the quick recipe with masks over time", "quick", MASKED),
    "mixed_quick": ("the masked quick recipe with mixed clips alone", "quick", {**MASKED, "clips": MIXED}),
    "plain_quick": (
        "the masked quick recipe with mixed clips alone, without hard negatives (as many clips and steps)",
        "quick",
        {**MASKED, "clips": {**MIXED, "train": 3_500, "mined": 0}},
    ),
    "short_quick": (
        "the masked quick recipe with mixed clips alone, without hard negatives (2,500 clips, 1,000 steps)",
        "quick",
        {"clips": {**MIXED, "mined": 0}, "fit": {**MASKED["fit"], "steps": 1_000}},
    ),
    "near_quick": (
        "the masked quick recipe with mixed clips alone (four tenths of the synthetic negatives sound like the word)",
        "quick",
        {**MASKED, "clips": {**MIXED, "confusable": 0.4}},
    ),
    "thrice_quick": (
        "the masked quick recipe with mixed clips alone (four tenths of the synthetic negatives sound like the word, "
        "three times as many renderings of them)",
        "quick",
        {**MASKED, "clips": {**MIXED, "confusable": 0.4}, "voices": {"near": 600}},
    ),
}
"""By name: what it is, the recipe that it begins with, and what it changes by section."""


def recipe(row: str, word: str, seed: int) -> Recipe:
    """The recipe of a row."""
    _, base, changes = ROWS[row]
    return exploration.changed(replace(recipes.load(base), word=word, seed=seed), changes)


def run(arguments: argparse.Namespace) -> None:
    """Train one bundle, unless it is there, and write what was measured."""
    places = (arguments.shared, arguments.packaged)
    name = people.name(arguments.word, arguments.row, arguments.seed)
    chosen = recipe(arguments.row, arguments.word, arguments.seed)
    measured = people.trial(chosen, people.given(*places), arguments.models / name, places, arguments.processes)
    told = {"row": arguments.row, "what": ROWS[arguments.row][0], "seed": arguments.seed}
    people.keep(RESULTS / f"{name}.json", {**told, **measured})


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    lines = [
        "| word | recipe | seed | hours | missed at 0.5 FA/h: clean (95 %) | at 0.1 | 10 dB | 5 dB | far | in speech "
        "| mixed clips, integer; float | latency p95 | at its own threshold: missed; false accepts |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for path in sorted(RESULTS.glob("*.json")):
        result = json.loads(path.read_text("utf-8"))
        clean = result["conditions"]["clean"]
        at = {name: figures["at"]["0.5"] for name, figures in result["conditions"].items()}
        low, high = at["clean"]["miss_rate_interval"]
        mixed = result["mixed_clips"]
        cells = [
            result["word"],
            result["what"],
            str(result["seed"]),
            f"{result['hours']:.1f}",
            f"{people.percent(at['clean'])} ({100 * low:.1f} to {100 * high:.1f})",
            people.percent(clean["at"]["0.1"]),
            *(people.percent(at[name]) for name in people.CONDITIONS),
            f"{100 * mixed['integer']:.1f}; {100 * mixed['float']:.1f} %",
            f"{result['latency'].get('p95_ms', '-')} ms",
            f"{people.percent(clean)}; {clean['false_accepts']}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, Path("out/confirmation"), ROWS, run, table, words=True)
