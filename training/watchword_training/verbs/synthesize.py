"""`watchword synthesize`: a word's data without a training: rendered, checked, described, and clips to look at."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from watchword_training.verbs import arguments as options

SUMMARY = "make the data of a recipe, and mixed clips to look at"
DESCRIPTION = (
    "Render every line of a recipe into the cache, check it, and print the data card. With --preview or --clip, "
    "write mixed clips and a page that shows and plays them."
)
EXAMPLE = "watchword synthesize --word activate --preview 20 --out clips"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    options.add_recipe(parser)
    parser.add_argument("--preview", type=options.positive, metavar="N", help="write the first N clips and a page")
    parser.add_argument(
        "--clip", type=options.index, action="append", default=[], metavar="I", help="write the clip I and a page"
    )
    parser.add_argument("--split", choices=("train", "validation", "test"), default="train")
    parser.add_argument("--mix", action="store_true", help="mix all clips into the cache, as `train` does")
    parser.add_argument("--out", type=Path, default=Path("clips"), help="folder for clips (default: clips)")


def run(arguments: argparse.Namespace) -> int:
    """Make the data, and print its card or the page's name."""
    from watchword_training import bench, datacard, listening, pipeline, shards
    from watchword_training.workers import workers

    recipe, given = options.read(arguments)
    with workers(arguments.processes, arguments.scheduler) as pool:
        material = pipeline.gather(recipe, given, pool)
        chosen = list(dict.fromkeys([*range(arguments.preview or 0), *arguments.clip]))
        if arguments.mix:
            for split, count in (("train", recipe.clips.train), ("validation", recipe.clips.validation)):
                shards.build(material, split, range(count), pool)  # type: ignore[arg-type]
        if chosen:
            mixer = bench.mixer(material, arguments.split, pool)
            page = listening.write(recipe, mixer, arguments.split, chosen, arguments.out)
    data = datacard.describe(material, given)
    if arguments.json:
        print(json.dumps({**data, **({"page": str(page)} if chosen else {})}))
    else:
        print("\n".join(datacard.lines(data)))
        if chosen:
            print(f"\nlook at {page}")
    return 0
