"""What each part of the data engine is worth: the standard network trained on "computer", measured on real people.

    python benchmarks/ablation.py run --row a --seed 0 --shared ../shared/data --packaged recordings
    python benchmarks/ablation.py table docs/decisions/0004-the-data-engine.md

Positives are synthetic alone. `run` writes a file into benchmarks/results/ablation, `table` puts all of them into a
document. The threshold of each figure is taken on the test negatives themselves, as everywhere along a DET curve.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from watchword import audio
from watchword.detector import Detector
from watchword_training import noise, pipeline, recipes
from watchword_training.corpus import Corpus, open_corpus
from watchword_training.evaluate import Evaluation, evaluate, whole, wilson_interval
from watchword_training.given import Folder, Given
from watchword_training.packaged import SOURCES
from watchword_training.recipe import Recipe
from watchword_training.voices import Pcm
from watchword_training.workers import workers

WORD = "computer"
RESULTS = Path(__file__).parent / "results/ablation"
RATES = (0.5, 2.0)
"""False accepts per hour at which misses are told."""

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
    voices, channel, clips = whole_recipe.voices, whole_recipe.channel, whole_recipe.clips
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


def held_out(corpus: Corpus, clips: Any) -> Iterator[Pcm]:
    """The recordings of a corpus that no row was trained on."""
    yield from corpus.split("test", clips.validation_share, clips.test_share)


def in_noise(pcm: Pcm, ambience: Pcm, rng: np.random.Generator, ratio: float) -> Pcm:
    """A word in ambience, `ratio` decibels above it while it is said (its loudest half: an active level)."""
    blocks = np.square(pcm[: len(pcm) // 160 * 160].astype(float)).reshape(-1, 160).mean(1)
    level = float(np.sqrt(np.sort(blocks)[len(blocks) // 2 :].mean()))
    mixed = pcm + noise.looped(rng, ambience, len(pcm)) * level * noise.amplitude(-ratio)
    return np.clip(np.round(mixed), -32_768, 32_767).astype(np.int16)


def measure(row: str, model: Path, chosen: Recipe, shared: Path, packaged: Path) -> dict[str, Any]:
    """Misses on people who say the word, clean and in ambience; false accepts on speech that was never trained on."""
    detector = Detector(model)
    people = [audio.read(file) for file in sorted((shared / "words" / WORD).glob("*.flac"))]
    ambience = [audio.read(file) for file in sorted((shared / "noise/ambience").glob("*.opus"))]
    rng = np.random.default_rng(0)
    noisy = [in_noise(pcm, ambience[i % len(ambience)], rng, 10.0) for i, pcm in enumerate(people)]
    negatives = Evaluation()
    hours = {}
    for folder in (packaged / SPEECH[0], *(shared / "speech" / name for name in SHARED_SPEECH)):
        found = evaluate(detector, ((pcm, []) for pcm in held_out(open_corpus(folder), chosen.clips)))
        hours[folder.name] = found.figures(detector.threshold)
        negatives.false_accepts += found.false_accepts
        negatives.hours += found.hours
    for folder in (packaged / "drascula", *(shared / "words" / name for name in ("alexa", "smart_mirror", "other"))):
        corpus = open_corpus(folder)
        trained = row >= "f" and folder.name == "other"
        pieces = held_out(corpus, chosen.clips) if trained else corpus.pieces()
        found = evaluate(detector, ((pcm, []) for pcm in pieces))
        hours[folder.name] = found.figures(detector.threshold)
        negatives.false_accepts += found.false_accepts
        negatives.hours += found.hours
    clean, noisily = (evaluate(detector, map(whole, words)) for words in (people, noisy))
    return {
        "negatives": hours,
        "hours": round(negatives.hours, 2),
        "own threshold": _at(detector.threshold, clean, noisily, negatives),
        "threshold 0.5": _at(0.5, clean, noisily, negatives),
        **{
            f"{rate} per hour": _at(negatives.threshold(int(rate * negatives.hours)), clean, noisily, negatives)
            for rate in RATES
        },
    }


def _at(threshold: float, clean: Evaluation, noisy: Evaluation, negatives: Evaluation) -> dict[str, Any]:
    missed = {name: sum(w < threshold for w in e.words) for name, e in (("clean", clean), ("10 dB", noisy))}
    low, high = wilson_interval(missed["clean"], len(clean.words))
    return {
        "threshold": round(threshold, 4),
        "clean": round(missed["clean"] / len(clean.words), 4),
        "interval": [round(low, 4), round(high, 4)],
        "10 dB": round(missed["10 dB"] / len(noisy.words), 4),
        "false accepts": sum(height >= threshold for height in negatives.false_accepts),
    }


def run(arguments: argparse.Namespace) -> None:
    """Train one row and write what it measured."""
    chosen = recipe(arguments.row, arguments.seed)
    recordings = given(arguments.row, arguments.shared, arguments.packaged)
    out = arguments.models / f"{arguments.row}-{arguments.seed}"
    with workers(arguments.processes) as pool:
        model = pipeline.train(chosen, recordings, out, pool)
    RESULTS.mkdir(parents=True, exist_ok=True)
    measured = {"row": arguments.row, "seed": arguments.seed, "recipe": chosen.digest}
    measured |= measure(arguments.row, model, chosen, arguments.shared, arguments.packaged)
    path = RESULTS / f"{arguments.row}-{arguments.seed}.json"
    path.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    print(json.dumps(measured))


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    results = [json.loads(path.read_text("utf-8")) for path in sorted(RESULTS.glob("*.json"))]
    lines = [
        "| row | seed | missed at 0.5 FA/h: clean (95 %), 10 dB | at 2 FA/h: clean, 10 dB "
        "| at its own threshold: clean, false accepts (on game speech, on isolated words) "
        "| at threshold 0.5: clean, 10 dB, false accepts |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        half, two, fixed = result["0.5 per hour"], result["2.0 per hour"], result["threshold 0.5"]
        own, found = result["own threshold"], result["negatives"]
        game, isolated = (found[name]["false_accepts"] for name in (SPEECH[0], "other"))
        low, high = half["interval"]
        cells = [
            result["row"],
            str(result["seed"]),
            f"{100 * half['clean']:.1f} % ({100 * low:.1f} to {100 * high:.1f}), {100 * half['10 dB']:.1f} %",
            f"{100 * two['clean']:.1f} %, {100 * two['10 dB']:.1f} %",
            f"{100 * own['clean']:.1f} %, {own['false accepts']} ({game}, {isolated})",
            f"{100 * fixed['clean']:.1f} %, {100 * fixed['10 dB']:.1f} %, "
            f"{fixed['false accepts']} in {result['hours']} h",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


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
