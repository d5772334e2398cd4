"""People who say a word that was learned from synthetic voices alone: what trials are trained with and measured on."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from watchword.bundle import load
from watchword.detector import Detector
from watchword.errors import RecipeError
from watchword_training import pipeline, protocol, sources, spotting
from watchword_training.corpus import Corpus, open_corpus
from watchword_training.data_specs import Split
from watchword_training.evaluate import whole
from watchword_training.given import Folder, Given
from watchword_training.packaged import SOURCES
from watchword_training.recipe import Recipe
from watchword_training.workers import Local, workers

SPEECH = ("flight-of-the-amazon-queen", "asterisk-core-sounds-en-g722")
NOISE = tuple(source.name for source in SOURCES if source.kind == "noise")
SHARED_SPEECH = ("speech/speechocean762", "speech/wuw_corpus_ii", "speech/picovoice_commands")
OTHER = "words/other"
SHARED_NOISE = "noise/esc10"
WORDS = ("alexa", "computer", "smart_mirror")
CONDITIONS = ("10 dB ambience", "5 dB ambience", "far", "speech stream")
"""Columns of a table besides the recordings as they are."""

UNHEARD = ("drascula", "beneath-a-steel-sky")
"""Games that nothing is ever trained on. The second measures no "computer": its characters say it."""


def given(shared: Path, packaged: Path, speech: bool = True, noise: bool = True, words: bool = True) -> Given:
    """The recordings that a trial is trained with, none of them of its word."""
    folders = [packaged / name for name in SPEECH] + [shared / name for name in SHARED_SPEECH]
    folders += [shared / OTHER] if words else []
    return Given(
        negatives=[Folder(path) for path in folders] if speech else (),
        noise=[*(Folder(packaged / name) for name in NOISE), Folder(shared / SHARED_NOISE)] if noise else (),
    )


def recordings(used: sources.Used, chosen: Recipe, shared: Path, packaged: Path) -> protocol.Recordings:
    """
    People who say the word, and speech that training never heard: the test part of what a trial may be given.

    A recording that says the word counts for nothing, whatever a corpus promises: one in which PocketSphinx spots the
    word, and then writes it down when it may choose any words of English; words that it does not know it cannot write.

    RecipeError when a recording that is `used` for training is among them.
    """
    word = chosen.word.replace(" ", "_")
    parts = [packaged / SPEECH[0], *(shared / name for name in (*SHARED_SPEECH, OTHER))]
    wholes = [packaged / name for name in (UNHEARD if word != "computer" else UNHEARD[:1])]
    wholes += [shared / "words" / other for other in WORDS if other != word]
    opened = [(folder, open_corpus(folder)) for folder in (*parts, *wholes)]
    speech = {f.name: _measured(corpus, chosen, "test" if f in parts else None) for f, corpus in opened}
    return protocol.Recordings(
        positives={word: [whole(pcm) for pcm in open_corpus(shared / "words" / word).pieces()]},
        others={name: sources.unseen(used, corpus).pieces() for name, corpus in speech.items()},
        ambience=open_corpus(shared / "noise/ambience").pieces(),
    )


def _measured(corpus: Corpus, chosen: Recipe, split: Split | None) -> Corpus:
    """A split of `corpus`, or all of it, without those pieces in which two ways of recognition find the word."""
    every, word = range(len(corpus.files)), chosen.word
    kept = set(corpus.indices(split, chosen.clips.validation_share, chosen.clips.test_share) if split else every)
    if spotting.writable(word):
        seeming = [i for i in spotting.saying(word, corpus, Local(1)) if i in kept]
        kept -= set(spotting.writing(word, corpus, seeming, Local(1)))
    return corpus.without([i for i in every if i not in kept], "it may be trained on, or says the word")


def trial(chosen: Recipe, trained_with: Given, out: Path, places: tuple[Path, Path], processes: int) -> dict[str, Any]:
    """Train a recipe, unless its bundle is in `out`, and measure it on people."""
    model = out / chosen.word.replace(" ", "_")
    if model.is_dir() and load(model).manifest.recipe != chosen.digest:
        raise RecipeError(f"{model} was made by another recipe; give --models another folder")
    if not model.is_dir():
        with workers(processes) as pool:
            pipeline.train(chosen, trained_with, out, pool)
    drop = json.loads((model / "evaluation.json").read_text("utf-8"))
    return {
        "recipe": load(model).manifest.recipe,
        **measured(model, chosen, places),
        "mixed_clips": {name: drop[name]["miss_rate"] for name in ("integer", "float")},
    }


def measured(model: Path, chosen: Recipe, places: tuple[Path, Path]) -> dict[str, Any]:
    """The whole protocol on people, without curves and histograms: hundreds of points, which no table shows."""
    figures = protocol.measure(Detector(model), recordings(sources.read(model), chosen, *places), Local(1))
    for condition in figures["conditions"].values():
        del condition["curve"], condition["scores"]
    return figures


def command(
    description: str | None,
    models: Path | None,
    rows: Collection[str],
    run: Callable[[argparse.Namespace], None],
    table: Callable[[], list[str]],
    words: bool = False,
) -> None:
    """
    Read the command line of a set of trials and do what it says: `run` for one of `rows`, `table` for all results.

    Without `rows`, `run` has no choice of a row and of a seed.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True)
    one = verbs.add_parser("run", help="measure, and write what was found")
    if rows:
        one.add_argument("--row", choices=list(rows), required=True)
        one.add_argument("--seed", type=int, default=0)
    if words:
        one.add_argument("--word", required=True, help="as it is spoken: 'smart mirror'")
    if models:
        one.add_argument("--models", type=Path, default=models, help=f"where bundles go ({models})")
    add_places(one)
    one.set_defaults(do=run)
    shown = verbs.add_parser("table", help="put the results into a document")
    shown.add_argument("document", type=Path)
    shown.set_defaults(do=lambda arguments: write_table(arguments.document, table()))
    arguments = parser.parse_args()
    arguments.do(arguments)


def add_places(parser: argparse.ArgumentParser) -> None:
    """Add where recordings are, and how many processes may work."""
    parser.add_argument("--shared", type=Path, required=True, help="folder with words/, speech/ and noise/")
    parser.add_argument("--packaged", type=Path, required=True, help="what `watchword fetch` wrote")
    parser.add_argument("--processes", type=int, default=2)


def name(word: str, row: str, seed: int) -> str:
    """What results and bundles of a trial are called."""
    return f"{word.replace(' ', '_')}-{row}-{seed}"


def keep(path: Path, found: Mapping[str, Any]) -> None:
    """Write and print what was measured."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found))


def percent(figures: Mapping[str, Any]) -> str:
    """The miss rate of some figures."""
    return f"{100 * figures['miss_rate']:.1f} %"


def write_table(document: Path, lines: list[str]) -> None:
    """Replace the table in a document that begins with the same line."""
    text = document.read_text("utf-8").splitlines()
    start = text.index(lines[0])
    end = next(i for i in range(start, len(text) + 1) if i == len(text) or not text[i].startswith("|"))
    text[start:end] = lines
    document.write_text("\n".join(text) + "\n", "utf-8")
