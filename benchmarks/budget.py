"""How long a word takes, end to end: from nothing, and with its voices in the cache.

    python -m benchmarks.budget run --row quick --word lantern --shared ../shared/data --packaged recordings
    python -m benchmarks.budget table docs/decisions/0023-how-long-a-word-takes.md

Every run is `watchword train` in a cache of its own, with the recordings that trials are given; each is written down
as it ends. Minutes are those of one machine with nothing else to do. The bundle of the first run stays in --models,
where `benchmarks.confirmation` finds it.
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
MADE = ("clips", "packs", "teachers", "runs")
"""Folders of the cache that are emptied before the run with cached voices."""


def minutes(arguments: argparse.Namespace, cache: Path, out: Path) -> float:
    """Train once in the cache folder `cache`, a bundle in `out`; gives the minutes it took."""
    given = people.given(arguments.shared.resolve(), arguments.packaged.resolve())
    folders = [f"--negatives={f.path}" for f in given.negatives] + [f"--noise={f.path}" for f in given.noise]
    settings = [f"--recipe={arguments.row}", f"--seed={arguments.seed}", f"--processes={arguments.processes}"]
    command = [sys.executable, "-m", "watchword", "train", f"--word={arguments.word}", f"--out={out}"]
    environment = {**os.environ, "WATCHWORD_CACHE": str(cache)}
    start = time.monotonic()
    subprocess.run([*command, *settings, *folders], check=True, env=environment, stdout=subprocess.DEVNULL)
    return round((time.monotonic() - start) / 60, 1)


def run(arguments: argparse.Namespace) -> None:
    """Train with an empty cache, then again with the voices alone, and write down each."""
    found = {"recipe": arguments.row, "word": arguments.word, "machine": machine.described()}
    found["processes"] = arguments.processes
    results = RESULTS / f"{arguments.row}.json"
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as again:
        cache, first = Path(folder), people.name(arguments.word, arguments.row, arguments.seed)
        found["from_nothing"] = minutes(arguments, cache, arguments.models / first)
        people.keep(results, found)
        for name in MADE:
            shutil.rmtree(cache / name)
        found["cached_voices"] = minutes(arguments, cache, Path(again))
        people.keep(results, found)


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    lines = ["| recipe | word | machine | processes | minutes from nothing | with cached voices |"]
    lines.append("|---|---|---|---|---|---|")
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        names = ("recipe", "word", "machine", "processes", "from_nothing", "cached_voices")
        lines.append(f"| {' | '.join(str(found.get(name, '-')) for name in names)} |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, Path("out/budget"), RECIPES, run, table, words=True)
