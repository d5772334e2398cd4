"""What is said in a clip: positives and negatives in drawn order and places, each at its own pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import soxr

from watchword_training import excerpts, noise
from watchword_training.data_specs import ClipSpec
from watchword_training.noise import Audio
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.sounds import Sound, Sounds

GAP = int(0.15 * SAMPLE_RATE)
"""Samples of silence between words, at least."""

NO_SPEECH = 0.1
"""Share of songs and noises, as loud as words, among real recordings without the word."""

TIGHT = int(0.03 * SAMPLE_RATE)
"""Samples between words of one breath, at most."""

SPEEDS = (0.87, 1.15)
"""Range of the resampling that makes more speakers out of each: pitch and formants move with the tempo."""

LOUDNESS_SPREAD = 2.0
"""Standard deviation of a word's level around the clip's (decibels)."""

TRUNCATED = "truncated"
"""Kind of a negative that is the trigger word cut off in its middle."""

CONFUSABLE: Mapping[str, float] = {"near": 0.45, "rhythm": 0.2, "partial": 0.1, TRUNCATED: 0.25}
PLAIN: Mapping[str, float] = {"ordinary": 0.5, "sentence": 0.5}
"""Shares among the synthetic negatives that sound like the word, and among those that need not."""

HELD_UP = ("positive", *CONFUSABLE, "ordinary")
"""Kinds that a pause may hold up when the trigger word is a phrase: it tells none from another."""


@dataclass(frozen=True)
class Word:
    """What was said at one place of a clip."""

    start: int
    """Sample at which it starts."""

    end: int
    """Sample after its last."""

    positive: bool
    kind: str
    source: str = ""
    """Where the sound comes from."""

    @property
    def spoken(self) -> bool:
        """Whether somebody says it: songs and noises stand among the words, too."""
        return self.kind != "noise"


class Foreground:
    """Draws what is said in a clip."""

    NEGATIVE: ClassVar[tuple[str, ...]] = ("near", "rhythm", "partial", "ordinary", "sentence", "speech")

    def __init__(self, spec: ClipSpec, sounds: Sounds, phrase: bool = False) -> None:
        """`phrase` says whether the trigger word has several parts, between which one may pause."""
        self._spec, self._sounds, self._phrase = spec, sounds, phrase
        self._samples = round(spec.seconds * SAMPLE_RATE)

    def draw(self, rng: np.random.Generator) -> tuple[Audio, list[Word]]:
        """A clip's length of speech, each word at a root mean square near 1, none overlapping; and the words."""
        spec = self._spec
        positives = 0 if rng.random() < spec.silent_positives else int(rng.integers(1, spec.max_words + 1))
        negatives = int(rng.integers(0, spec.max_words + 1))
        chosen = [("positive", self._positive(rng)) for _ in range(positives)]
        chosen += [self._negative(rng) for _ in range(negatives)]
        rng.shuffle(chosen)
        chosen = [(kind, self._held_up(rng, kind, sound)) for kind, sound in chosen]
        spoken = [(kind, sound, rng.uniform(*SPEEDS)) for kind, sound in chosen]
        said = [(kind, sound, speed, _at_speed(sound, speed)) for kind, sound, speed in spoken]
        while said and sum(len(audio) + GAP for *_, audio in said) > self._samples - GAP:
            said.pop()
        free = self._samples - sum(len(audio) + GAP for *_, audio in said)
        pauses = np.diff(np.sort(rng.integers(0, free, len(said))), prepend=0)
        placed = np.zeros(self._samples, np.float32)
        words: list[Word] = []
        end = 0
        for (kind, sound, speed, audio), pause in zip(said, pauses.tolist(), strict=True):
            tight = rng.random() < spec.running  # the first one begins with the clip, as in trimmed recordings
            start = end + (int(rng.integers(0, TIGHT)) if tight else GAP + pause)
            end = start + len(audio)
            placed[start:end] = audio * noise.amplitude(rng.normal(0, LOUDNESS_SPREAD))
            first, last = (start + round(edge / speed) for edge in sound.word)
            words.append(Word(first, min(last, end), kind == "positive", kind, sound.source))
        return placed, words

    def _positive(self, rng: np.random.Generator) -> Sound:
        own = self._sounds.get("own", ())
        return _one(rng, own if own and rng.random() < self._spec.real else self._sounds["positive"])

    def _negative(self, rng: np.random.Generator) -> tuple[str, Sound]:
        if self._sounds.get("hard") and rng.random() < self._spec.hard:
            return "hard", _one(rng, self._sounds["hard"])
        if self._sounds.get("speech") and rng.random() < self._spec.real:
            return self._real(rng)
        wanted = CONFUSABLE if rng.random() < self._spec.confusable else PLAIN
        present = {kind: share for kind, share in wanted.items() if kind == TRUNCATED or self._sounds.get(kind)}
        if not present:
            present = {kind: 1.0 for kind in self.NEGATIVE if self._sounds.get(kind)}
        shares = np.array(list(present.values()))
        kind = list(present)[int(rng.choice(len(present), p=shares / shares.sum()))]
        if kind == TRUNCATED:
            return kind, excerpts.cut_off(rng, self._positive(rng))
        return kind, excerpts.excerpt(rng, _one(rng, self._sounds[kind]))

    def _held_up(self, rng: np.random.Generator, kind: str, sound: Sound) -> Sound:
        pauses = self._phrase and kind in HELD_UP and rng.random() < self._spec.paused
        return excerpts.paused(rng, sound) if pauses else sound

    def _real(self, rng: np.random.Generator) -> tuple[str, Sound]:
        if self._sounds.get("noise") and rng.random() < NO_SPEECH:
            return "noise", excerpts.excerpt(rng, _one(rng, self._sounds["noise"]))
        sound = _one(rng, self._sounds["speech"])
        return "speech", excerpts.brief(rng, sound) if rng.random() < self._spec.brief else excerpts.excerpt(rng, sound)


def _at_speed(sound: Sound, speed: float) -> Audio:
    return noise.unit(soxr.resample(sound.pcm.astype(np.float32), SAMPLE_RATE * speed, SAMPLE_RATE, quality="MQ"))


def _one(rng: np.random.Generator, sounds: Sequence[Sound]) -> Sound:
    return sounds[int(rng.integers(0, len(sounds)))]
