"""Options that several verbs share."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model`, the bundle to run."""
    parser.add_argument(
        "--model", default="activate", metavar="BUNDLE", help="a bundle's folder, or a name in models/ (%(default)s)"
    )


def add_threshold(parser: argparse.ArgumentParser) -> None:
    """Add `--threshold`; without it the bundle's own holds."""
    parser.add_argument(
        "--threshold",
        type=probability,
        metavar="T",
        help="smoothed probability that makes an event, above 0 and at most 1 (the bundle's)",
    )


def add_models(parser: argparse.ArgumentParser) -> None:
    """Add `--model` and `--threshold` for verbs that listen for several words at once."""
    parser.add_argument(
        "--model",
        action="append",
        metavar="BUNDLE",
        help="a bundle's folder, or a name in models/ (activate); give it once for each word",
    )
    parser.add_argument(
        "--threshold",
        action="append",
        type=word_threshold,
        default=[],
        metavar="[WORD=]T",
        help="smoothed probability that makes an event, above 0 and at most 1 (the bundle's); without a word, for all",
    )


def add_compiled(parser: argparse.ArgumentParser) -> None:
    """Add `--compiled`, libraries that run in the place of ONNX Runtime."""
    parser.add_argument(
        "--compiled",
        action="append",
        type=Path,
        default=[],
        metavar="FILE.so",
        help="a model compiled for this processor, which costs far less; see: watchword compile",
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add `--device`, the microphone."""
    parser.add_argument(
        "--device", type=_device, help="name, part of a name or index of a sound device, see: watchword devices"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, for programs that read the output."""
    parser.add_argument("--json", action="store_true", help="write JSON, one object per line")


def probability(text: str) -> float:
    """Parse a threshold."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no threshold; expected a number above 0 and at most 1")
    return value


def _device(text: str) -> str | int:
    return int(text) if text.isdecimal() else text


def word_threshold(text: str) -> tuple[str | None, float]:
    """Parse a threshold and the word that it is for, None for all."""
    word, equals, number = text.rpartition("=")
    return (word if equals else None), probability(number)


def output(text: str, *suffixes: str) -> Path:
    """Parse the name of a file to write, whose folder must exist."""
    path = Path(text)
    if path.suffix not in suffixes:
        raise argparse.ArgumentTypeError(f"{text!r} is no such file; expected a name in {' or '.join(suffixes)}")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}; make it first: mkdir -p")
    return path
