"""`watchword train`: from a word to a bundle."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from watchword_training.verbs import arguments as options

SUMMARY = "make a bundle for a word"
DESCRIPTION = "From a word to a bundle: render, check, mix, fit, export, measure. It resumes when cut off."
EXAMPLE = 'watchword train --word "computer" --recipe tiny --out models'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    options.add_recipe(parser)
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder for the bundle (default: models)")


def run(arguments: argparse.Namespace) -> int:
    """Train, and print the card."""
    from watchword_training import pipeline
    from watchword_training.workers import workers

    recipe, given = options.read(arguments)
    with workers(arguments.processes, arguments.scheduler) as pool:
        folder = pipeline.train(recipe, given, arguments.out, pool)
    measured = json.loads((folder / "evaluation.json").read_text("utf-8"))
    if arguments.json:
        print(json.dumps({"bundle": str(folder), **measured}))
    else:
        print((folder / "CARD.md").read_text("utf-8"))
        print(f"wrote {folder}; try: watchword detect --model {folder} RECORDING")
    return 0
