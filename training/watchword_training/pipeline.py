"""From a recipe to a bundle: render, check, mix, teach, fit, assemble."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from tqdm import tqdm

from watchword.errors import RecipeError
from watchword_training import cache, ears, lines, render, soup, spotting, teacher, vocabulary, voices
from watchword_training.assemble import assemble, bundle_folder
from watchword_training.checking import check
from watchword_training.corpus import Corpus, open_corpus
from watchword_training.dataset import Shards
from watchword_training.given import Given
from watchword_training.material import Material
from watchword_training.mining import mine
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.shards import build, generation, recorded
from watchword_training.sounds import Piece
from watchword_training.soup import Ingredients
from watchword_training.vocabulary import Vocabulary
from watchword_training.workers import Workers

MOST_REASONS = 10
"""Reasons for leaving something out that are printed; all of them are in a file."""


def script(recipe: Recipe, words: Vocabulary) -> list[lines.Part]:
    """Every line that the recipe wants said."""
    wanted = {*recipe.voices.engines, *recipe.voices.cheap_engines}
    if unknown := wanted - set(voices.ENGINES):
        raise RecipeError(f"no voice engine {', '.join(sorted(unknown))}; there are {', '.join(voices.ENGINES)}")
    return lines.script(recipe, words, render.installed(e for e in voices.ENGINES if e in wanted))


def gather(recipe: Recipe, given: Given, workers: Workers) -> Material:
    """Render and check the script, open the folders; what is left out is counted and said."""
    words = vocabulary.around(recipe.word)
    recorded = _open(recipe.word, given, workers)
    parts = script(recipe, words)
    said = [part.line for part in parts]
    if seconds := render.budget(said):
        _tell(f"{len(said)} lines; those that are not in the cache take about {seconds / 60:.0f} CPU minutes")
    refused = render.render(said, workers)
    rendered = [part for part in parts if render.path(part.line).exists()]
    checked = check([part.line for part in rendered if part.kind == "positive"], words, workers)
    kept = [part for part in rendered if part.kind != "positive" or part.line.digest in checked.words]
    rejected = [*refused, *checked.rejected]
    material = Material(recipe, kept, checked.words, **recorded, rejected=rejected)
    _tell_left_out(rejected, f"lines-{material.digest[:16]}")
    material.check()
    return material


def _mined(material: Material, taught: Path, kept: Path, workers: Workers) -> list[Piece]:
    """Hard negatives, found once: a run that was cut off later keeps them."""
    if not kept.is_file():
        mined = mine(material.recipe, taught, material.library("train"), workers)
        with cache.replacing(kept) as partial:
            partial.write_text(json.dumps(mined), "utf-8")
    rows = json.loads(kept.read_text("utf-8"))
    hard = [Piece(array, start, length, tuple(word), source) for array, start, length, word, source in rows]
    _tell(f"{len(hard)} sounds came nearest to the word for the first teacher; the second hears them more often")
    return hard


def _open(word: str, given: Given, workers: Workers) -> dict[str, list[Corpus]]:
    """The folders of each role; every one is opened before any is listened to, which takes minutes."""
    roles = {"positives": given.positives, "negatives": given.negatives, "noise": given.noise}
    opened = {role: [open_corpus(f.path, words=role == "positives") for f in roles[role]] for role in roles}
    opened["negatives"] = [_silent_on(word, corpus, workers) for corpus in opened["negatives"]]
    for corpus in chain.from_iterable(opened.values()):
        _tell_left_out(corpus.refused, f"{corpus.folder.name}-{corpus.digest[:16]}")
    return opened


def _tell(line: str) -> None:
    """Say something beside the progress bars; results alone go to stdout."""
    tqdm.write(line, file=sys.stderr)


def _tell_left_out(reasons: Sequence[str], name: str) -> None:
    for reason in reasons[:MOST_REASONS]:
        _tell(f"left out: {reason}")
    if len(reasons) > MOST_REASONS:
        path = cache.folder("left-out") / f"{name}.txt"
        path.write_text("\n".join(reasons) + "\n", "utf-8")
        _tell(f"left out: {len(reasons) - MOST_REASONS} more; all are in {path}")


def _silent_on(word: str, corpus: Corpus, workers: Workers) -> Corpus:
    """The recordings of `corpus` that do not seem to say `word`."""
    said = spotting.saying(word, corpus, workers)
    if len(said) == len(corpus.files):
        raise RecipeError(f"every recording in {corpus.folder} seems to say {word!r}; expected people who do not")
    return corpus.without(said) if said else corpus


def train(recipe: Recipe, given: Given, out: Path, workers: Workers) -> Path:
    """The whole way; gives the bundle's folder, `out`/<word>. A cut-off run goes on where it was."""
    target = bundle_folder(recipe, out)
    material = gather(recipe, given, workers)
    network = fitted(recipe, material, workers)
    network.quantized = True
    return assemble(recipe, given, material, network, target, workers)


def fitted(recipe: Recipe, material: Material, workers: Workers) -> Network:
    """The network of a recipe in floating point: clips are mixed, a teacher and then the network fitted."""
    clips, fit = recipe.clips, recipe.fit
    heard, taught = lessons(recipe, material, workers)
    validation = build(material, "validation", range(clips.validation), workers)
    learned = (taught.parent.name, taught.name, clips.validation)  # the folder's name tells of all that is heard
    run = kept("runs", *learned, recipe.network, fit, ears.start(fit))
    return soup.fitted(Ingredients(recipe, heard, validation, taught, run), workers)


def kept(kind: str, *parts: object) -> Path:
    """The cache folder of a kind for what is made from `parts` alone."""
    return cache.folder(f"{kind}/{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}")


def lessons(recipe: Recipe, material: Material, workers: Workers) -> tuple[list[Shards], Path]:
    """What is heard, the sounds that a first teacher took for the word among it; the file of the teacher of all."""
    clips, fit = recipe.clips, recipe.fit
    labels = (fit.label_seconds, fit.ignore_seconds, fit.positive_weight)
    folder = kept("teachers", generation(material), clips.train, clips.mined, recipe.teacher, *labels)
    first = folder / "first.safetensors"
    heard = [build(material, "train", range(clips.train), workers)]
    if clips.mined:
        teacher.fitted(recipe, [heard[0].open()], first)
        hard = _mined(material, first, folder / "hard.json", workers)
        heard.append(build(material, "train", range(clips.train, clips.train + clips.mined), workers, hard))
    heard += recorded(material, workers)
    last = folder / f"second-{clips.recorded}.safetensors" if len(heard) > 1 else first
    teacher.fitted(recipe, [part.open() for part in heard], last)
    return heard, last
