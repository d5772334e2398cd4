"""From a recipe to a bundle: render, mix, fit, assemble."""

from __future__ import annotations

import sys
from pathlib import Path

from tqdm import tqdm

from watchword.errors import RecipeError
from watchword_training import cache, lines, render, spotting, vocabulary, voices
from watchword_training.assemble import assemble, bundle_folder
from watchword_training.corpus import Corpus, open_corpus
from watchword_training.dataset import Material, build
from watchword_training.fit import Fitting
from watchword_training.given import Given
from watchword_training.lines import Part
from watchword_training.recipe import Recipe


def script(recipe: Recipe) -> list[Part]:
    """Every line that the recipe wants said."""
    names = [e for e in voices.ENGINES if e in {*recipe.voices.engines, *recipe.voices.cheap_engines}]
    if unknown := ({*recipe.voices.engines, *recipe.voices.cheap_engines} - set(voices.ENGINES)):
        raise RecipeError(f"no voice engine {', '.join(sorted(unknown))}; there are {', '.join(voices.ENGINES)}")
    return lines.script(recipe, vocabulary.around(recipe.word), render.installed(names))


def gather(recipe: Recipe, given: Given, processes: int) -> Material:
    """Render the script and open the folders; refused renderings are printed and left out."""
    parts = script(recipe)
    refused = render.render([p.line for p in parts], processes)
    for reason in refused:
        _tell(f"left out: {reason}")
    kept = [p for p in parts if render.path(p.line).exists()]
    opened: dict[str, list[Corpus]] = {}
    for role in ("positives", "negatives", "noise"):
        opened[role] = [open_corpus(folder.path, words=role == "positives") for folder in getattr(given, role)]
        if role == "negatives":
            opened[role] = [_silent_on(recipe.word, corpus, processes) for corpus in opened[role]]
        for corpus in opened[role]:
            for reason in corpus.refused:
                _tell(f"left out: {reason}")
    material = Material(recipe, kept, opened["positives"], opened["negatives"], opened["noise"])
    material.check()
    return material


def _tell(line: str) -> None:
    """Say something beside the progress bars; results alone go to stdout."""
    tqdm.write(line, file=sys.stderr)


def _silent_on(word: str, corpus: Corpus, processes: int) -> Corpus:
    """The recordings of `corpus` that do not seem to say `word`."""
    if not spotting.known(word):
        _tell(f"{corpus.folder}: cannot be searched for {word!r}, which is not in the recognizer's dictionary")
        return corpus
    said = spotting.saying(word, corpus, processes)
    if len(said) == len(corpus.files):
        raise RecipeError(f"every recording in {corpus.folder} seems to say {word!r}; expected people who do not")
    return corpus.without(said) if said else corpus


def train(recipe: Recipe, given: Given, out: Path, processes: int) -> Path:
    """The whole way; gives the bundle's folder, `out`/<word>. A cut-off run goes on where it was."""
    target = bundle_folder(recipe, out)
    material = gather(recipe, given, processes)
    training = build(material, "train", recipe.clips.train, processes)
    validation = build(material, "validation", recipe.clips.validation, processes)
    runs = cache.folder(f"runs/{material.digest[:16]}")
    fitted = Fitting(recipe, training, validation, runs).run()
    return assemble(recipe, given, material, fitted, target)
