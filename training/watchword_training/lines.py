"""The script: which lines are to be said, by which voice and how, drawn from a recipe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from watchword_training.recipe import Recipe
from watchword_training.specs import VoiceSpec
from watchword_training.vocabulary import Vocabulary, contains
from watchword_training.voices import Style

Split = Literal["train", "validation", "test"]
Kind = Literal["positive", "near", "rhythm", "ordinary", "sentence"]

ENDINGS = (".", "!", "?", ",", "")
HELD_OUT_SHARE = 5
"""Validation and test get one fifth of the training lines each."""

SAMPLED_SPAN = 100_000
"""Sampled speakers of the splits are numbered from 0, from this, and from twice this."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing to say."""

    engine: str
    voice: str
    text: str
    style: Style

    @property
    def digest(self) -> str:
        """Name of its rendering in the cache."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Part:
    """A line with its place in the training set."""

    line: Line
    kind: Kind
    split: Split


class Casting:
    """Who may speak in one split: no voice speaks in two."""

    def __init__(self, spec: VoiceSpec, split: Split, stock: Mapping[str, Sequence[str]]) -> None:
        held_out = {"validation": set(spec.validation), "test": set(spec.test)}
        first = {"train": 0, "validation": SAMPLED_SPAN, "test": 2 * SAMPLED_SPAN}[split]
        self._voices: dict[str, list[str]] = {}
        for engine, names in stock.items():
            if split == "train":
                taken = set().union(*held_out.values())
                voices = [v for v in names if f"{engine}/{v}" not in taken]
            else:
                voices = [v for v in names if f"{engine}/{v}" in held_out[split]]
            if engine == "kokoro":
                count = spec.sampled_speakers if split == "train" else len(voices)
                voices += [f"sampled-{first + i}" for i in range(count)]
            if voices:
                self._voices[engine] = voices

    def draw(self, rng: np.random.Generator, shares: Mapping[str, float]) -> tuple[str, str] | None:
        """An engine by its share, then one of its voices evenly; None when no voice belongs to this split."""
        present = {e: s for e, s in shares.items() if e in self._voices}
        if not present:
            return None
        weights = np.array(list(present.values()))
        engine = str(rng.choice(list(present), p=weights / weights.sum()))
        return engine, str(rng.choice(self._voices[engine]))


def _style(rng: np.random.Generator, spec: VoiceSpec) -> Style:
    return Style(
        speed=round(float(rng.uniform(spec.min_speed, spec.max_speed)), 2),
        pitch=round(float(rng.uniform(0.8, 1.25)), 2),
        ending=str(rng.choice(ENDINGS)),
        pronunciation=int(rng.integers(0, 8)) if rng.random() < 0.5 else 0,
    )


def script(recipe: Recipe, vocabulary: Vocabulary, stock: Mapping[str, Sequence[str]]) -> list[Part]:
    """All parts of the recipe. `stock` names the voices of each installed engine.

    Each kind draws from a generator of its own, so that words without a bearing on the trigger word
    (ordinary words, sentences) are the same for every word trained, and are rendered once.
    """
    spec = recipe.voices
    texts: dict[Kind, tuple[int, Callable[[np.random.Generator], str]]] = {
        "positive": (spec.positives, lambda rng: recipe.word),
        "near": (spec.near, lambda rng: vocabulary.near[int(len(vocabulary.near) * rng.random() ** 2)]),
        "rhythm": (spec.rhythm if vocabulary.rhythm else 0, lambda rng: str(rng.choice(vocabulary.rhythm))),
        "ordinary": (spec.ordinary, lambda rng: str(rng.choice(vocabulary.ordinary))),
        "sentence": (spec.sentences, vocabulary.sentence),
    }
    splits: tuple[Split, ...] = ("train", "validation", "test")
    parts = []
    for split_number, split in enumerate(splits):
        casting = Casting(spec, split, stock)
        for kind_number, (kind, (count, text)) in enumerate(texts.items()):
            rng = np.random.default_rng([recipe.seed, split_number, kind_number])
            shares = spec.cheap_engines if kind == "sentence" else spec.engines
            for _ in range(count if split == "train" else count // HELD_OUT_SHARE):
                cast = casting.draw(rng, shares)
                if cast is None:
                    break
                line = Line(engine=cast[0], voice=cast[1], text=text(rng), style=_style(rng, spec))
                if kind != "positive" and contains(line.text, recipe.word):
                    continue
                parts.append(Part(line=line, kind=kind, split=split))
    return parts
