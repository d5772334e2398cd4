"""What the verbs that make data have in common: the recipe, the recordings, and who does the work."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from watchword_training import recipes
from watchword_training.given import Folder, Given
from watchword_training.recipe import Recipe

ROLES = (
    (("--positives",), "own recordings of the word; long ones are cut at pauses"),
    (("--negatives", "--speech"), "recordings of people who do not say it"),
    (("--noise",), "recordings without speech"),
)


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Add the word, the recipe, the recordings and the workers."""
    parser.add_argument("--word", help="what to listen for (default: the recipe's)")
    parser.add_argument(
        "--recipe", default="standard", help=f"{', '.join(recipes.built_in())}, or a .toml file (default: standard)"
    )
    parser.add_argument("--seed", type=int, help="of every random draw (default: the recipe's)")
    for names, what in ROLES:
        parser.add_argument(*names, action="append", default=[], metavar="DIR[=LICENCE]", help=what)
    parser.add_argument("--processes", type=positive, default=os.cpu_count() or 1, help="for rendering and mixing")
    parser.add_argument(
        "--scheduler", metavar="ADDRESS", help="render and mix on a Dask cluster instead, as tcp://10.0.0.1:8786"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def read(arguments: argparse.Namespace) -> tuple[Recipe, Given]:
    """The recipe with what the command line changes, and the recordings."""
    loaded = recipes.load(arguments.recipe)
    changed = {k: getattr(arguments, k) for k in ("word", "seed") if getattr(arguments, k) is not None}
    if "word" in changed:
        changed["word"] = changed["word"].lower()
    folders = {
        role: [Folder.parse(t) for t in getattr(arguments, role)] for role in ("positives", "negatives", "noise")
    }
    return replace(loaded, **changed), Given(**folders)


def index(text: str) -> int:
    """A number of at least 0, for argparse."""
    if (value := int(text)) < 0:
        raise ValueError(text)
    return value


def positive(text: str) -> int:
    """A number of at least 1, for argparse."""
    if (value := int(text)) < 1:
        raise ValueError(text)
    return value
