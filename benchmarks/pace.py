"""How long people take to say a word on its own and pause in it, and how long the voices of the quick recipe do.

    python -m benchmarks.pace run --shared ../shared/data --packaged recordings
    python -m benchmarks.pace table docs/decisions/0016-as-slowly-as-people.md

`run` writes benchmarks/results/pace.json; it renders the voices that the cache lacks.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import people
from tqdm import tqdm

from watchword_training import conditions, pipeline, recipes, render, vocabulary
from watchword_training.corpus import open_corpus
from watchword_training.voices import Pcm
from watchword_training.workers import workers

RESULTS = Path(__file__).parent / "results/pace.json"
PERCENTILES = (10, 25, 50, 75, 90)


def spread(pcms: Iterable[Pcm]) -> dict[str, Any]:
    """How many there are, and the percentiles of how long they last and of their longest pause (seconds)."""
    lengths, pauses = [], []
    for pcm in tqdm(pcms, desc="lengths"):
        start, end = conditions.speech(pcm)
        lengths.append(end - start)
        pauses.append(conditions.longest_pause(pcm))
    return {"recordings": len(lengths), "length": _percentiles(lengths), "longest pause": _percentiles(pauses)}


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    found = zip(PERCENTILES, np.percentile(seconds, PERCENTILES), strict=True)
    return {str(p): round(float(value), 2) for p, value in found}


def run(arguments: argparse.Namespace) -> None:
    """Measure the three words."""
    measured: dict[str, dict[str, Any]] = {}
    for name in people.WORDS:
        recipe = replace(recipes.load("quick"), word=name.replace("_", " "))
        parts = pipeline.script(recipe, vocabulary.around(recipe.word))
        said = [p.line for p in parts if p.kind == "positive" and p.split == "train" and p.line.spoken == recipe.word]
        with workers(arguments.processes) as pool:
            render.render(said, pool)
        there = [line for line in said if render.path(line).exists()]
        measured[name] = {
            "people": spread(open_corpus(arguments.shared / "words" / name).pieces()),
            "voices": spread(render.load(line) for line in there if line.shape is None),
            "voices, reshaped": spread(render.load(line) for line in there if line.shape),
        }
    people.keep(RESULTS, measured)


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    found = json.loads(RESULTS.read_text("utf-8"))
    lines = [
        f"| word | said by | recordings | of what | seconds: {' | '.join(f'{p} %' for p in PERCENTILES)} |",
        f"|{'---|' * (4 + len(PERCENTILES))}",
    ]
    for word, rows in found.items():
        for who, row in rows.items():
            for what in ("length", "longest pause"):
                cells = [word, who, str(row["recordings"]), what, *(f"{row[what][str(p)]:.2f}" for p in PERCENTILES)]
                lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, None, (), run, table)
