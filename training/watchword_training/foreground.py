"""What is said in a clip: positives and negatives in drawn order and places, each at its own pace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import soxr

from watchword_training import noise
from watchword_training.data_specs import ClipSpec
from watchword_training.noise import Audio
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.sounds import Sound, Sounds
from watchword_training.voices import Pcm

GAP = int(0.15 * SAMPLE_RATE)
"""Samples of silence between words, at least."""

LONGEST = int(4.0 * SAMPLE_RATE)
"""Samples of an excerpt of running speech, at most."""

BRIEF = (0.3, 1.0)
"""Seconds of an excerpt that is to pass for a word."""

SEARCH, BLOCK = 1_280, 160
"""Samples on each side of a cut in which the quietest block is looked for (80 ms), and those of a block."""

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

    def __init__(self, spec: ClipSpec, sounds: Sounds) -> None:
        self._spec, self._sounds = spec, sounds
        self._samples = round(spec.seconds * SAMPLE_RATE)

    def draw(self, rng: np.random.Generator) -> tuple[Audio, list[Word]]:
        """A clip's length of speech, each word at a root mean square near 1, none overlapping; and the words."""
        spec = self._spec
        positives = 0 if rng.random() < spec.silent_positives else int(rng.integers(1, spec.max_words + 1))
        negatives = int(rng.integers(0, spec.max_words + 1))
        chosen = [("positive", self._positive(rng)) for _ in range(positives)]
        chosen += [self._negative(rng) for _ in range(negatives)]
        rng.shuffle(chosen)
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
            return kind, _cut_off(rng, self._positive(rng))
        return kind, _excerpt(rng, _one(rng, self._sounds[kind]))

    def _real(self, rng: np.random.Generator) -> tuple[str, Sound]:
        if self._sounds.get("noise") and rng.random() < NO_SPEECH:
            return "noise", _excerpt(rng, _one(rng, self._sounds["noise"]))
        sound = _one(rng, self._sounds["speech"])
        return "speech", _brief(rng, sound) if rng.random() < self._spec.brief else _excerpt(rng, sound)


def _at_speed(sound: Sound, speed: float) -> Audio:
    return noise.unit(soxr.resample(sound.pcm.astype(np.float32), SAMPLE_RATE * speed, SAMPLE_RATE, quality="MQ"))


def _one(rng: np.random.Generator, sounds: Sequence[Sound]) -> Sound:
    return sounds[int(rng.integers(0, len(sounds)))]


def _cut_off(rng: np.random.Generator, sound: Sound) -> Sound:
    """The beginning or the end of a word, at most six tenths of it."""
    first, last = sound.word
    length = int((last - first) * rng.uniform(0.25, 0.6))
    pcm = sound.pcm[first : first + length] if rng.random() < 0.6 else sound.pcm[last - length : last]
    return Sound(pcm, sound.source, (0, length))


def _excerpt(rng: np.random.Generator, sound: Sound) -> Sound:
    if len(sound.pcm) <= LONGEST:
        return sound
    length = int(rng.uniform(0.25, 1.0) * LONGEST)
    start = int(rng.integers(0, len(sound.pcm) - length + 1))
    return Sound(sound.pcm[start : start + length], sound.source, (0, length))


def _brief(rng: np.random.Generator, sound: Sound) -> Sound:
    """About a word's length of running speech, cut where it is quiet: what real people sound like in single words."""
    length = int(rng.uniform(*BRIEF) * SAMPLE_RATE)
    if len(sound.pcm) <= length + 2 * SEARCH:
        return sound
    start = int(rng.integers(SEARCH, len(sound.pcm) - length - SEARCH + 1))
    first, last = _quietest(sound.pcm, start), _quietest(sound.pcm, start + length)
    return Sound(sound.pcm[first:last], sound.source, (0, last - first))


def _quietest(pcm: Pcm, place: int) -> int:
    """The middle of the quietest block near a sample."""
    first = place - SEARCH
    blocks = pcm[first : place + SEARCH].astype(np.float32).reshape(-1, BLOCK)
    return first + int(np.square(blocks).mean(1).argmin()) * BLOCK + BLOCK // 2
