"""The command `watchword`: builds the parser, runs the verb, turns a refusal into one line."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import NamedTuple

from watchword import __version__
from watchword.errors import WatchwordError

REFUSED, BROKEN_PIPE, INTERRUPTED = 1, 141, 130
"""Exit codes beside 0, done, and argparse's 2, wrong use."""


class Verb(NamedTuple):
    """One verb; its module has `add_arguments(parser)` and `run(arguments)`, and is imported when it is used."""

    module: str
    extra: str
    """The optional dependencies that it needs; empty for none."""
    summary: str
    example: str


VERBS = {
    "detect": Verb(
        "watchword.detect",
        "",
        "Find the word in recordings.",
        "watchword detect kitchen.wav hall.flac --json\n  arecord -t raw -f S16_LE -r 16000 -c 1 | watchword detect -",
    ),
    "listen": Verb(
        "watchword.listen",
        "mic",
        "Listen to the microphone.",
        "watchword listen --on-trigger 'notify-send activated'",
    ),
    "calibrate": Verb(
        "watchword.calibrate",
        "",
        "Propose a threshold and a gain for a room.",
        "watchword calibrate --seconds 60 --words 5\n  watchword calibrate --room room.wav --voice five_times.wav",
    ),
    "devices": Verb("watchword.devices", "mic", "List the sound devices that can be listened to.", "watchword devices"),
    "info": Verb("watchword.info", "", "Tell what a bundle is.", "watchword info models/activate --json"),
    "bench": Verb("watchword.bench", "", "Measure a bundle's speed on this machine.", "watchword bench --seconds 30"),
    "serve": Verb("watchword.service.command", "serve", "Serve detection over HTTP.", "watchword serve"),
}

TRAINING_GROUP = "watchword.verbs"
"""Entry points in this group are functions that take the subparsers and add verbs to them."""

TRAINING = (
    *("synthesize", "fetch", "train", "evaluate", "export", "export-firmware", "compile"),
    *("record", "retrain", "promote", "rollback"),
)
"""Verbs that come with the extra `train`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    verb = next((word for word in words if not word.startswith("-")), None)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a file's name may be no text
    try:
        arguments = _parser(verb).parse_args(words)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except WatchwordError as exc:
        return _refuse(str(exc))
    except ModuleNotFoundError as exc:
        if (hint := _hint(verb, exc)) is None:
            raise
        return _refuse(hint)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _refuse(reason: str) -> int:
    print("watchword:", *reason.splitlines(), file=sys.stderr)
    return REFUSED


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    """All verbs by name; only the chosen one is imported."""
    parser = argparse.ArgumentParser(prog="watchword", description="Hear one word, anywhere.")
    parser.add_argument("--version", action="version", version=f"watchword {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, verb in VERBS.items():
        sub = verbs.add_parser(
            name,
            help=verb.summary,
            description=verb.summary,
            epilog=f"example:\n  {verb.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == chosen:
            module = importlib.import_module(verb.module)
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    if chosen not in VERBS:
        try:
            for entry_point in entry_points(group=TRAINING_GROUP):
                entry_point.load()(verbs)
        except ModuleNotFoundError as exc:
            if chosen in TRAINING:
                raise
            parser.epilog = _hint(TRAINING[0], exc)
    return parser


def _hint(verb: str | None, exc: ModuleNotFoundError) -> str | None:
    """What to install for `verb`; None when what is absent is no optional package."""
    extra = VERBS[verb].extra if verb in VERBS else "train"
    if not extra or (exc.name or "").startswith("watchword."):
        return None
    return f"{verb} needs the package {exc.name}; pip install 'watchword[{extra}]'"


if __name__ == "__main__":
    raise SystemExit(main())
