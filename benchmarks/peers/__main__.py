r"""Watchword beside its peers: cost, and quality on a word that two of them have a model of.

    python -m benchmarks.peers cost
    python -m benchmarks.peers quality --model out/confirmation/alexa-standard-1/alexa --row standard \\
        --shared ../shared/data --packaged recordings
    python -m benchmarks.peers packed
    python -m benchmarks.peers report

Each engine runs in an environment of its own in the cache, installed when it is absent. All but the last write files
into benchmarks/results/peers, and the last makes benchmarks/RESULTS.md of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import confirmation, people
from benchmarks.peers import cost, packed, quality, report


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("cost", help="CPU, memory and start-up, in turn")
    measure = verbs.add_parser("quality", help="misses against false accepts on the same recordings")
    measure.add_argument("--model", type=Path, required=True, help="a bundle for the word")
    measure.add_argument("--row", choices=confirmation.ROWS, default="standard", help="the recipe that made it")
    people.add_places(measure)
    near = verbs.add_parser("packed", help="what wakes at sentences full of near words")
    near.add_argument("--processes", type=int, default=2)
    verbs.add_parser("report", help="write RESULTS.md")
    arguments = parser.parse_args()
    if arguments.verb == "report":
        report.write()
        return
    if arguments.verb == "cost":
        found = cost.measured()
    elif arguments.verb == "packed":
        found = packed.measured(arguments.processes)
    else:
        found = quality.measured(arguments.model, confirmation.recipe(arguments.row, quality.WORD, 0), arguments)
    people.keep(report.FOLDER / f"{arguments.verb}.json", found)


if __name__ == "__main__":
    main()
