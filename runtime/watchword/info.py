"""The verb `info`: what a bundle is."""

from __future__ import annotations

import argparse
import json
import sys

from watchword import bundle, options


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` reads."""
    parser.add_argument(
        "model",
        nargs="?",
        default="activate",
        metavar="BUNDLE",
        help="a bundle's folder, or a name in models/ (%(default)s)",
    )
    options.add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read and check the bundle, and tell what its manifest says."""
    loaded = bundle.load(arguments.model)
    if arguments.json:
        sys.stdout.write(json.dumps({**loaded.manifest.to_json(), "folder": str(loaded.folder)}) + "\n")
    else:
        sys.stdout.write("".join(f"{name:<13}{value}\n" for name, value in describe(loaded)))
    return 0


def describe(loaded: bundle.Bundle) -> list[tuple[str, str]]:
    """Names and values, a line each."""
    manifest = loaded.manifest
    rest = manifest.refractory * manifest.step_seconds
    return [
        ("word", manifest.word),
        ("phrase", manifest.phrase),
        ("folder", str(loaded.folder)),
        ("threshold", f"{manifest.threshold:g}, armed again below {manifest.release:g}, {rest:g} s between events"),
        ("step", f"{manifest.step_seconds * 1000:g} ms, the probability is the mean of {manifest.smoothing}"),
        ("sample rate", f"{manifest.sample_rate} Hz"),
        ("size", f"{len(loaded.model) / 1024:.1f} KiB"),
        ("quantization", manifest.quantization),
        ("recipe", manifest.recipe),
        ("runtime", f"watchword {manifest.minimum_runtime} or later"),
        *(("corpus", f"{corpus.name}: {corpus.licence}") for corpus in manifest.corpora),
    ]
