"""`watchword pretrain`: the ears that every word's training starts from."""

from __future__ import annotations

import argparse
from pathlib import Path

from watchword_training.verbs import arguments as options

SUMMARY = "make the ears that training starts from"
DESCRIPTION = (
    "Teach a network to hear what a speech embedding hears, for all words to come. The package comes with such ears; "
    "other speech may make them better. A recipe whose fit.ears is true goes on from them, as the built-in one does; "
    "a network of another size begins with nothing. Half an hour to an hour on two cores with cached voices."
)
EXAMPLE = "watchword pretrain --recipe ears --negatives recordings/flight-of-the-amazon-queen --out ears.safetensors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    options.add_recipe(parser)
    parser.add_argument("--out", type=Path, required=True, help="file for the weights (.safetensors)")


def run(arguments: argparse.Namespace) -> int:
    """Pretrain, and say where the weights are."""
    from watchword_training import pretraining
    from watchword_training.workers import workers

    recipe, given = options.read(arguments)
    with workers(arguments.processes, arguments.scheduler) as pool:
        pretraining.pretrain(recipe, given, arguments.out, pool)
    print(f"wrote {arguments.out}")
    return 0
