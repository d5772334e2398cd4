"""What the lessons of the teacher, and other choices of the recipe, are worth: words that many people recorded.

    python -m benchmarks.exploration run --row taught --word alexa --shared ../shared/data --packaged recordings
    python -m benchmarks.exploration table docs/decisions/0006-a-teacher-that-has-heard-people.md

Positives are synthetic alone. `run` writes a file into benchmarks/results/exploration, `table` puts all of them into a
document. Rows change one thing of a small standard recipe (half the renderings, fewer clips and steps) and share the
clips of their word and seed. The threshold of each figure is taken on the test negatives, as along any DET curve.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import people

from watchword_training import recipes
from watchword_training.recipe import Recipe

RESULTS = Path(__file__).parent / "results/exploration"
LABELS: Mapping[str, Any] = {"imitation": 0.0, "distillation": 0.0}
SMALL: Mapping[str, Mapping[str, Any]] = {
    "voices": {
        "cheap_engines": {"kokoro": 0.1, "hibari": 0.3, "pico": 0.32, "flite": 0.2, "festival": 0.04, "espeak": 0.04},
        "positives": 500,
        "carried": 60,
        "near": 350,
        "rhythm": 100,
        "partial": 60,
        "carried_near": 30,
        "ordinary": 120,
        "sentences": 300,
    },
    "clips": {"train": 2_500, "mined": 1_000, "validation": 500},
    "fit": {"steps": 1_200, "quantized_steps": 120},
}
"""What is smaller in every row but "standard"."""

ROWS: Mapping[str, tuple[str, Mapping[str, Mapping[str, Any]]]] = {
    "labels": ("labels alone, with the teacher's hard negatives", {"fit": LABELS}),
    "distilled": ("labels and the teacher's opinion", {"fit": {"imitation": 0.0}}),
    "imitated": ("labels and the teacher's ears", {"fit": {"distillation": 0.0}}),
    "taught": ("labels, opinion and ears", {}),
    "unaveraged": ("the same without averaged weights", {"fit": {"averaging": 0.0}}),
    "unmined": ("the same without hard negatives", {"clips": {"train": 3_500, "mined": 0}}),
    "standard": ("the standard recipe", {}),
}
"""By name: what it is, and what it changes by section of the recipe."""


def recipe(row: str, word: str, seed: int) -> Recipe:
    """The recipe of a row."""
    chosen = replace(recipes.load("standard"), word=word, seed=seed)
    for changes in (SMALL if row != "standard" else {}, ROWS[row][1]):
        chosen = replace(chosen, **{name: replace(getattr(chosen, name), **new) for name, new in changes.items()})
    return chosen


def run(arguments: argparse.Namespace) -> None:
    """Train one row, unless its bundle is there, and write what was measured."""
    word, places = arguments.word.replace(" ", "_"), (arguments.shared, arguments.packaged)
    name = f"{word}-{arguments.row}-{arguments.seed}"
    chosen = recipe(arguments.row, arguments.word, arguments.seed)
    measured = people.trial(chosen, people.given(*places), arguments.models / name, places, arguments.processes)
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = {"row": arguments.row, "seed": arguments.seed, **measured}
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found))


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    results = [json.loads(path.read_text("utf-8")) for path in RESULTS.glob("*.json")]
    lines = [
        "| word | row | seed | hours | missed at 0.5 FA/h: clean (95 %) | at 0.1 | 10 dB | 5 dB | far | in speech "
        "| area, clean | at its own threshold: missed; false accepts |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for result in sorted(results, key=lambda r: (r["word"], list(ROWS).index(r["row"]), r["seed"])):
        clean = result["conditions"]["clean"]
        at = {name: figures["at"]["0.5"] for name, figures in result["conditions"].items()}
        low, high = at["clean"]["miss_rate_interval"]
        cells = [
            result["word"],
            ROWS[result["row"]][0],
            str(result["seed"]),
            f"{result['hours']:.1f}",
            f"{people.percent(at['clean'])} ({100 * low:.1f} to {100 * high:.1f})",
            people.percent(clean["at"]["0.1"]),
            *(people.percent(at[name]) for name in people.CONDITIONS),
            f"{100 * clean['area']:.1f}",
            f"{people.percent(clean)}; {clean['false_accepts']}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, Path("out/exploration"), ROWS, run, table, words=True)
