"""The training verbs of the command line: `synthesize`, `train`, `evaluate`. Torch is imported when one runs."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from watchword import options
from watchword.errors import RecipeError
from watchword_training import recipes
from watchword_training.given import Folder, Given
from watchword_training.recipe import Recipe

Subparsers = Any


def register(verbs: Subparsers) -> None:
    """Add the training verbs to the command line's parser."""
    formatter = argparse.RawDescriptionHelpFormatter
    synthesize = verbs.add_parser(
        "synthesize",
        help="render the words of a recipe, and mixed clips to listen to",
        description="Render every line of a recipe into the cache; with --clip, write mixed clips with pictures.",
        epilog="example: watchword synthesize --word activate --clip 0 --clip 1 --out clips",
        formatter_class=formatter,
    )
    _common(synthesize)
    synthesize.add_argument("--clip", type=_index, action="append", default=[], metavar="N", help="write the clip N")
    synthesize.add_argument("--split", choices=("train", "validation", "test"), default="train")
    synthesize.add_argument("--out", type=Path, default=Path("clips"), help="folder for clips (default: clips)")
    synthesize.set_defaults(run=_synthesize)

    speech = verbs.add_parser(
        "speech",
        help="fetch human speech that Debian packages carry",
        description="Fetch the spoken lines of freeware games with apt, as folders for --negatives.",
        epilog="example: watchword speech --out speech",
        formatter_class=formatter,
    )
    speech.add_argument("--out", type=Path, default=Path("speech"), help="folder to write to (default: speech)")
    speech.add_argument("--package", action="append", help="one of them (default: all)")
    speech.add_argument("--json", action="store_true", help="print JSON")
    speech.set_defaults(run=_speech)

    train = verbs.add_parser(
        "train",
        help="make a bundle for a word",
        description="From a word to a bundle: render, mix, fit, export, measure. It resumes when cut off.",
        epilog='example: watchword train --word "computer" --recipe tiny --out models',
        formatter_class=formatter,
    )
    _common(train)
    train.add_argument("--out", type=Path, default=Path("models"), help="folder for the bundle (default: models)")
    train.set_defaults(run=_train)

    measure = verbs.add_parser(
        "evaluate",
        help="measure a bundle on folders of recordings",
        description="Misses on recordings of the one word, false accepts per hour on recordings without it.",
        epilog="example: watchword evaluate --positives words/computer --negatives speech --json",
        formatter_class=formatter,
    )
    options.add_model(measure)
    measure.add_argument("--positives", action="append", default=[], metavar="DIR", help="one word per recording")
    measure.add_argument("--negatives", action="append", default=[], metavar="DIR", help="recordings without it")
    options.add_threshold(measure)
    measure.add_argument("--json", action="store_true", help="print JSON")
    measure.set_defaults(run=_evaluate)


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--word", help="what to listen for (default: the recipe's)")
    parser.add_argument(
        "--recipe", default="standard", help=f"{', '.join(recipes.built_in())}, or a .toml file (default: standard)"
    )
    parser.add_argument("--seed", type=int, help="of every random draw (default: the recipe's)")
    for role, what in (
        ("positives", "own recordings of the word, one per file"),
        ("negatives", "recordings of people who do not say it"),
        ("noise", "recordings without speech"),
    ):
        parser.add_argument(f"--{role}", action="append", default=[], metavar="DIR[=LICENCE]", help=what)
    parser.add_argument("--processes", type=_positive, default=os.cpu_count() or 1, help="for rendering and mixing")
    parser.add_argument("--json", action="store_true", help="print JSON")


def _index(text: str) -> int:
    """A number of at least 0, for argparse."""
    if (value := int(text)) < 0:
        raise ValueError(text)
    return value


def _positive(text: str) -> int:
    """A number of at least 1, for argparse."""
    if (value := int(text)) < 1:
        raise ValueError(text)
    return value


def _read(arguments: argparse.Namespace) -> tuple[Recipe, Given]:
    loaded = recipes.load(arguments.recipe)
    changed = {k: getattr(arguments, k) for k in ("word", "seed") if getattr(arguments, k) is not None}
    if "word" in changed:
        changed["word"] = changed["word"].lower()
    folders = {r: [Folder.parse(t) for t in getattr(arguments, r)] for r in ("positives", "negatives", "noise")}
    return replace(loaded, **changed), Given(**folders)


def _synthesize(arguments: argparse.Namespace) -> int:
    from watchword_training import cache, pipeline

    chosen, given = _read(arguments)
    material = pipeline.gather(chosen, given, arguments.processes)
    if arguments.clip:
        from watchword_training import listening

        for path in listening.write(material, arguments.split, arguments.clip, arguments.out):
            print(json.dumps({"clip": str(path)}) if arguments.json else path)
    else:
        counts: dict[str, int] = {}
        for part in material.parts:
            counts[f"{part.split} {part.kind}"] = counts.get(f"{part.split} {part.kind}", 0) + 1
        folder = cache.folder("voices")
        if arguments.json:
            print(json.dumps({"lines": counts, "folder": str(folder)}))
        else:
            print("\n".join(f"{count:6d} {name}" for name, count in counts.items()))
            print(f"in {folder}")
    return 0


def _speech(arguments: argparse.Namespace) -> int:
    from watchword_training import talkies

    known = {t.package: t for t in talkies.TALKIES}
    for package in arguments.package or known:
        if package not in known:
            raise RecipeError(f"no speech is known in package {package!r}; there is some in {', '.join(known)}")
        lines = talkies.install(package, arguments.out)
        folder = f"{arguments.out / package}={known[package].licence}"
        print(
            json.dumps({"package": package, "lines": lines})
            if arguments.json
            else f'{lines} lines: --negatives "{folder}"'
        )
    return 0


def _train(arguments: argparse.Namespace) -> int:
    from watchword_training import pipeline

    chosen, given = _read(arguments)
    folder = pipeline.train(chosen, given, arguments.out, arguments.processes)
    measured = json.loads((folder / "evaluation.json").read_text("utf-8"))
    if arguments.json:
        print(json.dumps({"bundle": str(folder), **measured}))
    else:
        print((folder / "CARD.md").read_text("utf-8"))
        print(f"wrote {folder}; try: watchword detect --model {folder} RECORDING")
    return 0


def _evaluate(arguments: argparse.Namespace) -> int:
    from watchword import audio
    from watchword.detector import Detector
    from watchword_training.corpus import open_corpus
    from watchword_training.evaluate import evaluate, whole

    if not arguments.positives and not arguments.negatives:
        raise RecipeError("nothing to measure on; give --positives DIR, --negatives DIR, or both")
    detector = Detector(arguments.model, arguments.threshold)
    results = {}
    for role in ("positives", "negatives"):
        for name in getattr(arguments, role):
            corpus = open_corpus(Path(name))
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
