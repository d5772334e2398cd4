"""The ten-second mixer: words over a background, and where the trigger word ends.

Clip `index` of a split depends on (recipe, seed, split, index) and on the sounds alone: any process makes the same one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import soxr

from watchword.errors import RecipeError
from watchword_training import channel, noise
from watchword_training.lines import Split
from watchword_training.noise import Audio
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.voices import Pcm

GAP = int(0.15 * SAMPLE_RATE)
"""Samples of silence between words, at least."""

LONGEST = int(4.0 * SAMPLE_RATE)
"""Samples of an excerpt of running speech, at most."""

TIGHT = int(0.03 * SAMPLE_RATE)
"""Samples between words of one breath, at most."""

SPEEDS = (0.87, 1.15)
"""Range of the resampling that makes more speakers out of each: pitch and formants move with the tempo."""

TRUNCATED = "truncated"
"""Kind of a negative that is the trigger word cut off in its middle."""

CONFUSABLE: Mapping[str, float] = {"near": 0.5, "rhythm": 0.2, TRUNCATED: 0.3}
PLAIN: Mapping[str, float] = {"ordinary": 0.5, "sentence": 0.5}
"""Shares among the synthetic negatives that sound like the word, and among those that need not."""


@dataclass(frozen=True)
class Sounds:
    """What one split may hear."""

    positives: Sequence[Pcm]
    negatives: Mapping[str, Sequence[Pcm]]
    own_positives: Sequence[Pcm] = ()
    """A person's recordings of the word."""

    speech: Sequence[Pcm] = ()
    """Recordings of people who do not say the word."""

    ambience: Sequence[Pcm] = ()
    """Recordings without speech."""


@dataclass(frozen=True)
class Word:
    """A sound placed in a clip."""

    start: int
    """Sample at which it starts."""

    end: int
    """Sample after its last."""

    positive: bool
    kind: str


@dataclass(frozen=True)
class Clip:
    """One mixed clip."""

    pcm: Pcm
    words: list[Word] = field(default_factory=list)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end (samples) of each positive."""
        return [(w.start, w.end) for w in self.words if w.positive]


class Mixer:
    """Makes the clips of one split."""

    def __init__(self, recipe: Recipe, split: Split, sounds: Sounds) -> None:
        self._recipe = recipe
        self._spec = recipe.clips
        self._split = {"train": 0, "validation": 1, "test": 2}[split]
        if not sounds.positives or not any(sounds.negatives.values()):
            raise RecipeError(
                f"the {split} clips would have no positives or no negatives: {len(sounds.positives)} renderings of the "
                "word were kept; give voices.validation and voices.test voices of the recipe's engines"
            )
        self._sounds = sounds
        self._samples = round(recipe.clips.seconds * SAMPLE_RATE)

    def clip(self, index: int) -> Clip:
        """The clip `index`."""
        rng = np.random.default_rng([self._recipe.seed, 7, self._split, index])
        spec = self._spec
        level = rng.uniform(spec.min_level, spec.max_level)
        speech, words = self._foreground(rng)
        if rng.random() < spec.room:
            speech = channel.reverberate(speech, channel.room(rng))
        background = level - rng.uniform(spec.min_snr, spec.max_snr)
        mixed = speech * _amplitude(level) + self._background(rng) * _amplitude(background)
        if rng.random() < spec.channel:
            mixed = channel.microphone(rng, mixed)
        return Clip(channel.digitize(rng, mixed), words)

    def _foreground(self, rng: np.random.Generator) -> tuple[Audio, list[Word]]:
        """Words in drawn order and places, none overlapping, each at a root mean square near 1."""
        spec = self._spec
        positives = 0 if rng.random() < spec.silent_positives else int(rng.integers(1, spec.max_words + 1))
        negatives = int(rng.integers(0, spec.max_words + 1))
        chosen = [("positive", self._positive(rng)) for _ in range(positives)]
        chosen += [self._negative(rng) for _ in range(negatives)]
        rng.shuffle(chosen)
        sounds = [(kind, self._varied(rng, pcm)) for kind, pcm in chosen]
        while sounds and sum(len(a) + GAP for _, a in sounds) > self._samples - GAP:
            sounds.pop()
        free = self._samples - sum(len(a) + GAP for _, a in sounds)
        pauses = np.diff(np.sort(rng.integers(0, free, len(sounds))), prepend=0)
        audio = np.zeros(self._samples, np.float32)
        words: list[Word] = []
        end = 0
        for (kind, samples), pause in zip(sounds, pauses.tolist(), strict=True):
            tight = words and rng.random() < spec.running
            start = end + (int(rng.integers(0, TIGHT)) if tight else GAP + pause)
            end = start + len(samples)
            audio[start:end] = samples * _amplitude(rng.normal(0, 2))
            words.append(Word(start, end, kind == "positive", kind))
        return audio, words

    def _positive(self, rng: np.random.Generator) -> Pcm:
        own = self._sounds.own_positives
        return _one(rng, own if len(own) and rng.random() < self._spec.real else self._sounds.positives)

    def _negative(self, rng: np.random.Generator) -> tuple[str, Pcm]:
        if len(self._sounds.speech) and rng.random() < self._spec.real:
            return "speech", _excerpt(rng, _one(rng, self._sounds.speech))
        negatives = self._sounds.negatives
        wanted = CONFUSABLE if rng.random() < self._spec.confusable else PLAIN
        present = {k: s for k, s in wanted.items() if k == TRUNCATED or len(negatives.get(k, ()))}
        if not present:
            present = {k: 1.0 for k in negatives if len(negatives[k])}
        shares = np.array(list(present.values()))
        kind = list(present)[int(rng.choice(len(present), p=shares / shares.sum()))]
        if kind == TRUNCATED:
            return kind, _cut_off(rng, self._positive(rng))
        return kind, _excerpt(rng, _one(rng, negatives[kind]))

    def _varied(self, rng: np.random.Generator, pcm: Pcm) -> Audio:
        speed = rng.uniform(*SPEEDS)
        audio = soxr.resample(pcm.astype(np.float32), SAMPLE_RATE * speed, SAMPLE_RATE, quality="MQ")
        return noise.unit(audio)

    def _background(self, rng: np.random.Generator) -> Audio:
        """Ambience or synthetic noise at a root mean square of 1, for some with a talker in it."""
        ambience = self._sounds.ambience
        draw = rng.random()
        if len(ambience) and draw < 0.6:
            audio = self._looped(rng, _one(rng, ambience))
        elif draw < 0.9:
            audio = noise.coloured(rng, self._samples)
        elif draw < 0.95:
            audio = noise.hum(rng, self._samples)
        else:
            audio = noise.clicks(rng, self._samples)
        if rng.random() < self._spec.talker:
            talkers = self._sounds.speech or self._sounds.negatives.get("sentence", ())
            if len(talkers):
                audio = audio + self._looped(rng, _one(rng, talkers)) * _amplitude(rng.uniform(-10, 10))
        return noise.unit(audio)

    def _looped(self, rng: np.random.Generator, pcm: Pcm) -> Audio:
        """`pcm` from a drawn place on, repeated to the length of a clip."""
        start = int(rng.integers(0, len(pcm)))
        part = np.take(pcm, np.arange(start, start + self._samples), mode="wrap")
        return noise.unit(part.astype(np.float32))


def _one(rng: np.random.Generator, sounds: Sequence[Pcm]) -> Pcm:
    return sounds[int(rng.integers(0, len(sounds)))]


def _cut_off(rng: np.random.Generator, pcm: Pcm) -> Pcm:
    """The beginning or the end of a word, at most six tenths of it."""
    length = int(len(pcm) * rng.uniform(0.25, 0.6))
    return pcm[:length] if rng.random() < 0.6 else pcm[len(pcm) - length :]


def _excerpt(rng: np.random.Generator, pcm: Pcm) -> Pcm:
    length = min(len(pcm), int(rng.uniform(0.25, 1.0) * LONGEST)) if len(pcm) > LONGEST else len(pcm)
    start = int(rng.integers(0, len(pcm) - length + 1))
    return pcm[start : start + length]


def _amplitude(decibels: float) -> np.float32:
    return np.float32(10 ** (decibels / 20))
