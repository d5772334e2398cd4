"""`watchword evaluate`: a bundle on folders of recordings that it was not trained on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from watchword import options
from watchword.errors import RecipeError

SUMMARY = "measure a bundle on folders of recordings"
DESCRIPTION = "Misses on recordings of the one word, false accepts per hour on recordings without it."
EXAMPLE = "watchword evaluate --positives words/computer --negatives speech --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    options.add_model(parser)
    parser.add_argument("--positives", action="append", default=[], metavar="DIR", help="one word per recording")
    parser.add_argument("--negatives", action="append", default=[], metavar="DIR", help="recordings without it")
    options.add_threshold(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print the figures of each folder."""
    from watchword import audio
    from watchword.detector import Detector
    from watchword_training import sources
    from watchword_training.corpus import open_corpus
    from watchword_training.evaluate import evaluate, whole

    if not arguments.positives and not arguments.negatives:
        raise RecipeError("nothing to measure on; give --positives DIR, --negatives DIR, or both")
    detector = Detector(arguments.model, arguments.threshold)
    results = {}
    for role in ("positives", "negatives"):
        for name in getattr(arguments, role):
            corpus = open_corpus(Path(name))
            sources.refuse_trained(arguments.model, corpus)
            recordings = (audio.read(file) for file in dict.fromkeys(corpus.files))
            words = role == "positives"
            measured = evaluate(detector, map(whole, recordings) if words else ((pcm, []) for pcm in recordings))
            results[name] = measured.figures(detector.threshold)
    if arguments.json:
        print(json.dumps({"model": arguments.model, "results": results}))
    else:
        for name, figures in results.items():
            print(f"{name}: {', '.join(f'{k} {v}' for k, v in figures.items())}")
    return 0
