"""The script: which lines are to be said, by which voice and how, drawn from a recipe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np

from watchword_training.casting import Casting, Stock
from watchword_training.data_specs import SPLITS, VoiceSpec
from watchword_training.data_specs import Split as Split
from watchword_training.recipe import Recipe
from watchword_training.vocabulary import CARRIERS, Vocabulary
from watchword_training.voices import Style
from watchword_training.voices.reshaping import FORMANT, PITCH, TEMPO, Shape

Kind = Literal["positive", "near", "rhythm", "partial", "ordinary", "sentence"]

PHONEMIC = frozenset({"kokoro", "hibari"})
"""Engines that read phonemes."""

ENDINGS = (".", "!", "?", ",", "")
HELD_OUT_SHARE = 5
"""Validation and test get one fifth of the training lines each."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to say."""

    engine: str
    voice: str
    text: str
    style: Style

    carrier: str = "{}"
    """The phrase around the text."""

    shape: Shape | None = None
    """How the rendering is reshaped into another speaker's, if it is."""

    @property
    def digest(self) -> str:
        """Name of its rendering in the cache."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    @property
    def spoken(self) -> str:
        """All that is said."""
        return self.carrier.format(self.text)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A line with its place in the training set."""

    line: Line
    kind: Kind
    split: Split


def script(recipe: Recipe, vocabulary: Vocabulary, stock: Stock) -> list[Part]:
    """All parts of the recipe. `stock` names the voices of each installed engine.

    Near words and parts of the trigger word are said by the voices and in the style of its renderings, one by one,
    so that nothing but the sounds tells them apart. Words without a bearing on it (ordinary words, sentences) have
    generators of their own: they are the same for every word trained, and are rendered once.
    """
    parts: list[Part] = []
    for number, split in enumerate(SPLITS):
        casting = Casting(recipe.voices, split, stock)
        parts += _Scene(recipe, vocabulary, casting, split, number).parts()
    says = vocabulary.says
    return [p for p in parts if p.kind == "positive" or not says(recipe.word, p.line.text, p.line.spoken)]


class _Scene:
    """The lines of one split."""

    def __init__(self, recipe: Recipe, vocabulary: Vocabulary, casting: Casting, split: Split, number: int) -> None:
        self._spec, self._word, self._seed = recipe.voices, recipe.word, recipe.voices.seed
        self._vocabulary, self._casting, self._split, self._number = vocabulary, casting, split, number

    def parts(self) -> list[Part]:
        spec, words = self._spec, self._vocabulary
        positives = self._drawn(0, spec.positives, spec.engines, lambda rng: self._word)
        ordinary = self._drawn(3, spec.ordinary, spec.engines, lambda rng: str(rng.choice(words.ordinary)))
        sentences = self._drawn(4, spec.sentences, spec.cheap_engines, words.sentence)
        near = self._answering(1, spec.near, positives, words.near)
        rhythm = self._answering(2, spec.rhythm, positives, words.rhythm)
        phonemic = [line for line in positives if line.engine in PHONEMIC]
        partial = self._answering(5, spec.partial, phonemic, words.partial)
        carried = self._carried(6, spec.carried, positives, [self._word])
        carried_near = self._carried(7, spec.carried_near, positives, words.near)
        kinds: list[tuple[Kind, list[Line]]] = [
            ("positive", self._with_reshaped(positives) + carried),
            ("near", self._with_reshaped(near) + carried_near),
            ("rhythm", self._with_reshaped(rhythm)),
            ("partial", self._with_reshaped(partial)),
            ("ordinary", ordinary),
            ("sentence", sentences),
        ]
        return [Part(line=line, kind=kind, split=self._split) for kind, lines in kinds for line in lines]

    def _rng(self, kind: int) -> np.random.Generator:
        return np.random.default_rng([self._seed, self._number, kind])

    def _share(self, count: int) -> int:
        return count if self._split == "train" else count // HELD_OUT_SHARE

    def _drawn(
        self, kind: int, count: int, shares: dict[str, float], text: Callable[[np.random.Generator], str]
    ) -> list[Line]:
        """Lines of drawn voices; none when no voice belongs to this split."""
        rng, lines = self._rng(kind), []
        for _ in range(self._share(count)):
            cast = self._casting.draw(rng, shares)
            if cast is not None:
                lines.append(Line(engine=cast[0], voice=cast[1], text=text(rng), style=_style(rng, self._spec)))
        return lines

    def _answering(self, kind: int, count: int, lines: Sequence[Line], texts: Sequence[str]) -> list[Line]:
        """As many lines of the same voices and styles with other texts, the first texts most often."""
        rng = self._rng(kind)
        if not lines or not texts:
            return []
        drawn = [texts[int(len(texts) * rng.random() ** 2)] for _ in range(self._share(count))]
        return [replace(lines[i % len(lines)], text=text) for i, text in enumerate(drawn)]

    def _carried(self, kind: int, count: int, lines: Sequence[Line], texts: Sequence[str]) -> list[Line]:
        rng = self._rng(kind + 100)
        said = self._answering(kind, count, lines[::-1], texts)
        return [replace(line, carrier=str(rng.choice(CARRIERS))) for line in said]

    def _with_reshaped(self, lines: Sequence[Line]) -> list[Line]:
        """The lines, and those that are made of them by reshaping."""
        rng = self._rng(8)
        count = round(self._spec.reshaped * len(lines))
        return [*lines, *(replace(lines[i % len(lines)], shape=_shape(rng)) for i in range(count))]


def _style(rng: np.random.Generator, spec: VoiceSpec) -> Style:
    return Style(
        speed=round(float(rng.uniform(spec.min_speed, spec.max_speed)), 2),
        pitch=round(float(rng.uniform(0.8, 1.25)), 2),
        ending=str(rng.choice(ENDINGS)),
        pronunciation=int(rng.integers(0, 8)) if rng.random() < 0.5 else 0,
    )


def _shape(rng: np.random.Generator) -> Shape:
    formant, pitch, tempo = (round(float(np.exp(rng.uniform(*np.log(r)))), 3) for r in (FORMANT, PITCH, TEMPO))
    return Shape(formant=formant, pitch=pitch, tempo=tempo)
