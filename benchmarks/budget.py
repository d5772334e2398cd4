"""How long a word takes, end to end: from nothing, and with its voices in the cache.

    python -m benchmarks.budget run --row quick --shared ../shared/data --packaged recordings
    python -m benchmarks.budget table docs/decisions/0023-how-long-a-word-takes.md

Every run is `watchword train` in a cache of its own, with the recordings that trials are given. Minutes are those of
one machine with nothing else to do.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import machine, people

RESULTS = Path(__file__).parent / "results/budget"
RECIPES = ("tiny", "quick", "standard")
WORD = "lantern"
"""Nobody has recorded it here: nothing of it is in any cache, and nothing about it was chosen."""

MADE = ("clips", "packs", "teachers", "runs")
"""Folders of the cache that are emptied before the run with cached voices."""


def minutes(arguments: argparse.Namespace, cache: Path) -> float:
    """Train once in the cache folder `cache`; gives the minutes it took."""
    given = people.given(arguments.shared.resolve(), arguments.packaged.resolve())
    folders = [f"--negatives={f.path}" for f in given.negatives] + [f"--noise={f.path}" for f in given.noise]
    settings = [f"--recipe={arguments.row}", f"--seed={arguments.seed}", f"--processes={arguments.processes}"]
    environment = {**os.environ, "WATCHWORD_CACHE": str(cache)}
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "watchword", "train", "--word", WORD, "--out", out, *settings, *folders]
        start = time.monotonic()
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        return round((time.monotonic() - start) / 60, 1)


def run(arguments: argparse.Namespace) -> None:
    """Train with an empty cache, then again with the voices alone, and write both."""
    found = {"recipe": arguments.row, "machine": machine.described(), "processes": arguments.processes}
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        nothing = minutes(arguments, cache)
        for name in MADE:
            shutil.rmtree(cache / name)
        cached = minutes(arguments, cache)
    people.keep(RESULTS / f"{arguments.row}.json", {**found, "from_nothing": nothing, "cached_voices": cached})


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    lines = ["| recipe | machine | processes | minutes from nothing | with cached voices |", "|---|---|---|---|---|"]
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        cells = (found[name] for name in ("recipe", "machine", "processes", "from_nothing", "cached_voices"))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, None, RECIPES, run, table)
