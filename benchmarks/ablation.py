"""What each part of the data engine is worth: the standard network trained on "computer", measured on real people.

    python -m benchmarks.ablation run --row a --seed 0 --shared ../shared/data --packaged recordings
    python -m benchmarks.ablation table docs/decisions/0004-the-data-engine.md

Positives are synthetic alone. `run` writes a file into benchmarks/results/ablation, `table` puts all of them into a
document. The threshold of each figure is taken on the test negatives themselves, as everywhere along a DET curve.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from benchmarks import people

from watchword_training import recipes
from watchword_training.given import Given
from watchword_training.recipe import Recipe

WORD = "computer"
RESULTS = Path(__file__).parent / "results/ablation"
ROWS = {
    "a": "words of its sound and of its rhythm, ordinary words and sentences; synthetic noise, a coloured microphone",
    "b": "+ simulated rooms, gain control, clipping, codecs, lost packets",
    "c": "+ parts of the word, and near words in the phrases of the word",
    "d": "+ real speech, as negatives and as talkers in the background",
    "e": "+ reshaped voices, the word in phrases, recorded music and ambience",
    "f": "+ twice the clips and steps, half of them with hard negatives, half of the isolated real words as negatives",
}


def recipe(row: str, seed: int) -> Recipe:
    """
    The standard recipe without a teacher's lessons, less what the rows after `row` add; half its clips and steps.

    Of the committed results, rows a to e were measured on all of `words/other`, row f mined with its own network.
    """
    standard = recipes.load("standard")
    voices, clips = standard.voices, replace(standard.clips, recorded=0)
    channel = replace(standard.channel, rooms=200)
    fit = replace(standard.fit, fits=1, imitation=0.0, distillation=0.0, averaging=0.0)
    if row < "e":
        voices = replace(voices, reshaped=0.0, carried=0)
        clips = replace(clips, babble=0.0)
    if row < "c":
        voices = replace(voices, partial=0, carried_near=0)
    if row < "b":
        channel = replace(channel, rooms=0, clipping=0.0, pumping=0.0, drift=0.0, codec=0.0, loss=0.0, mains=0.0)
    if row < "f":
        clips = replace(clips, train=8000, mined=0)
        fit = replace(fit, steps=2000)
    return replace(standard, word=WORD, seed=seed, voices=voices, channel=channel, clips=clips, fit=fit)


def given(row: str, shared: Path, packaged: Path) -> Given:
    """The recordings that `row` is trained with."""
    return people.given(shared, packaged, speech=row >= "d", noise=row >= "e", words=row >= "f")


def run(arguments: argparse.Namespace) -> None:
    """Train one row, unless its bundle is there, and write what was measured."""
    chosen = recipe(arguments.row, arguments.seed)
    out, places = arguments.models / f"{arguments.row}-{arguments.seed}", (arguments.shared, arguments.packaged)
    measured = {"row": arguments.row, "seed": arguments.seed}
    measured |= people.trial(chosen, given(arguments.row, *places), out, places, arguments.processes)
    people.keep(RESULTS / f"{arguments.row}-{arguments.seed}.json", measured)


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    results = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    lines = [
        "| row | seed | missed at 0.5 FA/h: clean (95 %) | 10 dB | 5 dB | far | in speech "
        "| at its own threshold: clean; false accepts (game speech, isolated words) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        conditions = {name: figures["at"]["0.5"] for name, figures in result["conditions"].items()}
        low, high = conditions["clean"]["miss_rate_interval"]
        own = result["conditions"]["clean"]
        game, isolated = (result["folders"][name]["false_accepts"] for name in (people.SPEECH[0], "other"))
        cells = [
            result["row"],
            str(result["seed"]),
            f"{people.percent(conditions['clean'])} ({100 * low:.1f} to {100 * high:.1f})",
            *(people.percent(conditions[name]) for name in people.CONDITIONS),
            f"{people.percent(own)}; {own['false_accepts']} in {result['hours']:.2f} h ({game}, {isolated})",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, Path("out/ablation"), ROWS, run, table)
