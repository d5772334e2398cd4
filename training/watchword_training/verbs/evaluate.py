"""`watchword evaluate`: the whole protocol on folders of recordings that a bundle was not trained on."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from watchword import options
from watchword.errors import RecipeError
from watchword_training.verbs.arguments import positive

SUMMARY = "measure a bundle on folders of recordings"
DESCRIPTION = (
    "Misses, false accepts per hour and their trade-off: as recorded, in ambience at 10 and 5 dB, far away in "
    "simulated rooms, and in the middle of other people's speech; latency, and near words. A folder of words has one "
    "word per recording, or a labels.json: {file: [[start, end], ...]} in seconds."
)
EXAMPLE = "watchword evaluate --positives words/computer --negatives speech --noise ambience --out report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    options.add_model(parser)
    for name, what in (
        ("positives", "recordings of the word"),
        ("negatives", "recordings without it"),
        ("noise", "recordings of ambience, mixed under both"),
        ("confusables", "recordings of near words"),
    ):
        parser.add_argument(f"--{name}", action="append", default=[], metavar="DIR", help=what)
    parser.add_argument(
        "--near", type=positive, default=0, metavar="N", help="render the N nearest words to be told from"
    )
    parser.add_argument(
        "--unseen", action="store_true", help="leave out what the bundle was trained on, instead of refusing the folder"
    )
    options.add_threshold(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="write report.html, evaluation.json and the plots there"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(arguments: argparse.Namespace) -> int:
    """Measure, print the tables, and write the report."""
    from watchword.bundle import load
    from watchword.detector import Detector
    from watchword_training import confusables, protocol, sources
    from watchword_training.corpus import Corpus, open_corpus
    from watchword_training.marked import marked
    from watchword_training.workers import Local

    if not arguments.positives and not arguments.negatives:
        raise RecipeError("nothing to measure on; give --positives DIR, --negatives DIR, or both")
    detector, workers = Detector(arguments.model, arguments.threshold), Local(os.cpu_count() or 1)
    used = sources.read(arguments.model)

    def opened(role: str) -> dict[str, Corpus]:
        found = {name: open_corpus(Path(name)) for name in getattr(arguments, role)}
        return {name: sources.unseen(used, corpus, refuse=not arguments.unseen) for name, corpus in found.items()}

    near = [(f.stem, pcm) for c in opened("confusables").values() for f, pcm in zip(c.files, c.pieces(), strict=True)]
    recordings = protocol.Recordings(
        positives={name: marked(corpus) for name, corpus in opened("positives").items()},
        others={name: corpus.pieces() for name, corpus in opened("negatives").items()},
        ambience=[pcm for name in arguments.noise for pcm in open_corpus(Path(name)).pieces()],
        confusables=[*near, *confusables.rendered(detector.manifest.phrase, arguments.near, workers)],
    )
    measured: dict[str, Any] = protocol.measure(detector, recordings, workers)
    kept = load(arguments.model).folder / "evaluation.json"
    if kept.is_file():
        measured |= {k: v for k, v in json.loads(kept.read_text("utf-8")).items() if k in ("float", "integer")}
    _tell(measured, arguments)
    return 0


def _tell(measured: dict[str, Any], arguments: argparse.Namespace) -> None:
    from watchword_training import report

    page = report.write(measured, arguments.out) if arguments.out else None
    if arguments.json:
        print(json.dumps({"model": arguments.model, **measured}))
    else:
        print(report.text(measured))
        if page:
            print(f"\nlook at {page}")
