"""How long a word takes, end to end: from nothing, and with its voices in the cache.

    python -m benchmarks.budget run --recipe quick --shared ../shared/data --packaged recordings
    python -m benchmarks.budget table docs/decisions/0023-how-long-a-word-takes.md

Every run is `watchword train` in a cache of its own, with the recordings that trials are given. Minutes are those of
one machine with nothing else to do; its processor is named.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import people

from watchword_training import recipes

RESULTS = Path(__file__).parent / "results/budget"
WORD = "lantern"
"""Nobody has recorded it here: nothing of it is in any cache, and nothing about it was chosen."""

MADE = ("clips", "packs", "teachers", "runs")
"""Folders of the cache that are emptied before the run with cached voices."""


def minutes(recipe: str, cache: Path, places: tuple[Path, Path], processes: int) -> float:
    """Train once in the cache folder `cache`; gives the minutes it took."""
    given = people.given(*places)
    folders = [("--negatives", f.path) for f in given.negatives] + [("--noise", f.path) for f in given.noise]
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", "watchword", "train", "--word", WORD, "--recipe", recipe, "--out", out]
        command += [f"--processes={processes}", *(str(part) for pair in folders for part in pair)]
        start = time.monotonic()
        subprocess.run(command, check=True, env=os.environ | {"WATCHWORD_CACHE": str(cache)}, stdout=subprocess.DEVNULL)
        return (time.monotonic() - start) / 60


def processor() -> str:
    """What the machine calls its processor."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def run(arguments: argparse.Namespace) -> None:
    """Train with an empty cache, then again with the voices alone, and write both."""
    places = (arguments.shared.resolve(), arguments.packaged.resolve())
    told = {"recipe": arguments.recipe, "processor": processor(), "processes": arguments.processes}
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        nothing = minutes(arguments.recipe, cache, places, arguments.processes)
        people.keep(RESULTS / f"{arguments.recipe}.json", {**told, "from_nothing": round(nothing, 1)})
        for name in MADE:
            shutil.rmtree(cache / name)
        cached = minutes(arguments.recipe, cache, places, arguments.processes)
    figures = {"from_nothing": round(nothing, 1), "cached_voices": round(cached, 1)}
    people.keep(RESULTS / f"{arguments.recipe}.json", {**told, **figures})


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    lines = ["| recipe | processor | processes | minutes from nothing | with cached voices |", "|---|---|---|---|---|"]
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        cells = (found[name] for name in ("recipe", "processor", "processes", "from_nothing", "cached_voices"))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    timed = verbs.add_parser("run", help="train twice, and write how long it took")
    timed.add_argument("--recipe", choices=recipes.built_in(), default="quick")
    people.add_places(timed)
    timed.set_defaults(do=run)
    shown = verbs.add_parser("table", help="put the results into a document")
    shown.add_argument("document", type=Path)
    shown.set_defaults(do=lambda arguments: people.write_table(arguments.document, table()))
    arguments = parser.parse_args()
    arguments.do(arguments)
