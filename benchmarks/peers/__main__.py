r"""Watchword beside its peers: cost, and quality on a word that two of them have a model of.

    python -m benchmarks.peers cost
    python -m benchmarks.peers quality --model out/confirmation/alexa-small-0/alexa --row small \\
        --shared ../shared/data --packaged recordings
    python -m benchmarks.peers report

Each engine runs in an environment of its own in the cache, installed when it is absent. The first two write files into
benchmarks/results/peers, the third makes benchmarks/RESULTS.md of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import confirmation, people
from benchmarks.peers import cost, quality, report


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("cost", help="CPU, memory and start-up, in turn")
    measure = verbs.add_parser("quality", help="misses against false accepts on the same recordings")
    measure.add_argument("--model", type=Path, required=True, help="a bundle for the word")
    measure.add_argument("--row", choices=confirmation.ROWS, default="standard", help="the recipe that made it")
    people.add_places(measure)
    verbs.add_parser("report", help="write RESULTS.md")
    arguments = parser.parse_args()
    if arguments.verb == "report":
        report.write()
        return
    if arguments.verb == "cost":
        found = cost.measured()
    else:
        found = quality.measured(arguments.model, confirmation.recipe(arguments.row, quality.WORD, 0), arguments)
    people.keep(report.FOLDER / f"{arguments.verb}.json", found)


if __name__ == "__main__":
    main()
