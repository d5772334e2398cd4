"""What each part of the data engine is worth: the standard network trained on "computer", measured on real people.

    python benchmarks/ablation.py run --row a --seed 0 --shared ../shared/data --packaged recordings
    python benchmarks/ablation.py table docs/decisions/0004-the-data-engine.md

Positives are synthetic alone. `run` writes a file into benchmarks/results/ablation, `table` puts all of them into a
document. The threshold of each figure is taken on the test negatives themselves, as everywhere along a DET curve.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from watchword.bundle import load
from watchword.detector import Detector
from watchword_training import pipeline, protocol, recipes
from watchword_training.corpus import open_corpus
from watchword_training.evaluate import whole
from watchword_training.given import Folder, Given
from watchword_training.packaged import SOURCES
from watchword_training.recipe import Recipe
from watchword_training.workers import Local, workers

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

SPEECH = ("flight-of-the-amazon-queen", "asterisk-core-sounds-en-g722")
NOISE = tuple(source.name for source in SOURCES if source.kind == "noise")
SHARED_SPEECH = ("speechocean762", "wuw_corpus_ii", "picovoice_commands")


def recipe(row: str, seed: int) -> Recipe:
    """The standard recipe less what the rows after `row` add; half its clips and steps."""
    whole_recipe = recipes.load("standard")
    voices, clips = whole_recipe.voices, whole_recipe.clips
    channel = replace(whole_recipe.channel, rooms=200)
    if row < "e":
        voices = replace(voices, reshaped=0.0, carried=0)
        clips = replace(clips, babble=0.0)
    if row < "c":
        voices = replace(voices, partial=0, carried_near=0)
    if row < "b":
        channel = replace(channel, rooms=0, clipping=0.0, pumping=0.0, drift=0.0, codec=0.0, loss=0.0, mains=0.0)
    fit = whole_recipe.fit
    if row < "f":
        clips = replace(clips, train=8000, mined=0)
        fit = replace(fit, steps=2000, quantized_steps=200)
    return replace(whole_recipe, word=WORD, seed=seed, voices=voices, channel=channel, clips=clips, fit=fit)


def given(row: str, shared: Path, packaged: Path) -> Given:
    """The recordings that `row` is trained with."""
    speech = [packaged / name for name in SPEECH] + [shared / "speech" / name for name in SHARED_SPEECH]
    speech += [shared / "words/other"] if row >= "f" else []
    music = [packaged / name for name in NOISE]
    return Given(
        negatives=[Folder(path) for path in speech] if row >= "d" else (),
        noise=[Folder(path) for path in music] if row >= "e" else (),
    )


def measure(row: str, model: Path, chosen: Recipe, shared: Path, packaged: Path) -> dict[str, Any]:
    """The whole protocol on people who say the word, and on speech that the row was never trained on."""
    detector, spec = Detector(model), chosen.clips
    halves = [packaged / SPEECH[0], *(shared / "speech" / name for name in SHARED_SPEECH)]
    wholes = [packaged / "drascula", *(shared / "words" / name for name in ("alexa", "smart_mirror"))]
    (halves if row >= "f" else wholes).append(shared / "words/other")
    speech = {f.name: open_corpus(f).split("test", spec.validation_share, spec.test_share) for f in halves}
    speech |= {folder.name: open_corpus(folder).pieces() for folder in wholes}
    recordings = protocol.Recordings(
        positives={WORD: [whole(pcm) for pcm in open_corpus(shared / "words" / WORD).pieces()]},
        others=speech,
        ambience=open_corpus(shared / "noise/ambience").pieces(),
    )
    measured = protocol.measure(detector, recordings, Local(1))
    for figures in measured["conditions"].values():
        del figures["curve"], figures["scores"]  # hundreds of points, which no table shows
    return measured


def run(arguments: argparse.Namespace) -> None:
    """Train one row, unless its bundle is there, and write what was measured."""
    chosen = recipe(arguments.row, arguments.seed)
    out = arguments.models / f"{arguments.row}-{arguments.seed}"
    if not (out / WORD).is_dir():
        with workers(arguments.processes) as pool:
            pipeline.train(chosen, given(arguments.row, arguments.shared, arguments.packaged), out, pool)
    RESULTS.mkdir(parents=True, exist_ok=True)
    measured = {"row": arguments.row, "seed": arguments.seed, "recipe": load(out / WORD).manifest.recipe}
    measured |= measure(arguments.row, out / WORD, chosen, arguments.shared, arguments.packaged)
    path = RESULTS / f"{arguments.row}-{arguments.seed}.json"
    path.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    print(json.dumps(measured))


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
        game, isolated = (result["folders"][name]["false_accepts"] for name in (SPEECH[0], "other"))
        cells = [
            result["row"],
            str(result["seed"]),
            f"{_percent(conditions['clean'])} ({100 * low:.1f} to {100 * high:.1f})",
            *(_percent(conditions[name]) for name in ("10 dB ambience", "5 dB ambience", "far", "speech stream")),
            f"{_percent(own)}; {own['false_accepts']} in {result['hours']:.2f} h ({game}, {isolated})",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _percent(figures: dict[str, Any]) -> str:
    return f"{100 * figures['miss_rate']:.1f} %"


def write_table(arguments: argparse.Namespace) -> None:
    """Replace the table in a document."""
    text = arguments.document.read_text("utf-8").splitlines()
    start = text.index(table()[0])
    end = next(i for i in range(start, len(text) + 1) if i == len(text) or not text[i].startswith("|"))
    text[start:end] = table()
    arguments.document.write_text("\n".join(text) + "\n", "utf-8")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    one = verbs.add_parser("run", help="train and measure a row")
    one.add_argument("--row", choices=ROWS, required=True)
    one.add_argument("--seed", type=int, default=0)
    one.add_argument("--shared", type=Path, required=True, help="folder with words/, speech/ and noise/")
    one.add_argument("--packaged", type=Path, required=True, help="what `watchword fetch` wrote")
    one.add_argument("--models", type=Path, default=Path("out/ablation"), help="where bundles go (out/ablation)")
    one.add_argument("--processes", type=int, default=2)
    one.set_defaults(do=run)
    document = verbs.add_parser("table", help="put the results into a document")
    document.add_argument("document", type=Path)
    document.set_defaults(do=write_table)
    arguments = parser.parse_args()
    arguments.do(arguments)


if __name__ == "__main__":
    main()
