"""Given recordings as they are: stretches of a clip's length, one after the other, with nothing mixed in.

Clips are mixed from excerpts that are drawn: most of an hour of speech or of a song is in none of them, and what is in
one stands among other voices' words. What a detector hears all day is the real thing, every minute of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar

import numpy as np

from watchword_training import channel, noise
from watchword_training.clips import Clip
from watchword_training.data_specs import SPLITS, Split
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.sounds import Sound, Sounds


class Stretches:
    """Those of one split's recordings of people who do not say the word, and of songs and noises."""

    KINDS: ClassVar[tuple[str, ...]] = ("speech", "noise")

    def __init__(self, recipe: Recipe, split: Split, sounds: Sounds) -> None:
        self._recipe, self._split = recipe, SPLITS.index(split)
        self.recordings = [sound for kind in self.KINDS for sound in sounds.get(kind, ())]
        """What they are cut from."""

        self._ends = np.cumsum([len(sound.pcm) for sound in self.recordings], dtype=np.int64)
        self._samples = round(recipe.clips.seconds * SAMPLE_RATE)

    def __len__(self) -> int:
        """How many the recordings hold; what is left over at the end is in none."""
        return int(self._ends[-1]) // self._samples if self.recordings else 0

    @cached_property
    def chosen(self) -> Sequence[int]:
        """Those that the recipe wants: all of them, or some from the beginning to the end."""
        count = min(len(self), self._recipe.clips.recorded)
        return [number * len(self) // count for number in range(count)]

    def clip(self, index: int) -> Clip:
        """The stretch `index` at a drawn level, through a drawn microphone; past the last the first, drawn anew."""
        rng = np.random.default_rng([self._recipe.seed, 9, self._split, index])
        spec = self._recipe.clips
        level = rng.uniform(spec.min_level, spec.max_level)
        recordings, offset = self._from(index % len(self) * self._samples)
        joined = np.concatenate([sound.pcm for sound in recordings])[offset : offset + self._samples]
        audio = noise.unit(joined.astype(np.float32)) * noise.amplitude(level)
        pcm, effects = channel.capture(rng, audio, self._recipe.channel)
        names = [sound.source for sound in recordings]
        made = {"level": round(level, 1), "recordings": names, "offset": offset, "effects": effects}
        return Clip(pcm, made=made)

    def _from(self, start: int) -> tuple[list[Sound], int]:
        """The recordings in which the stretch from sample `start` on lies, and where in the first of them it begins."""
        first = int(np.searchsorted(self._ends, start, side="right"))
        last = int(np.searchsorted(self._ends, start + self._samples, side="left"))
        before = int(self._ends[first]) - len(self.recordings[first].pcm)
        return self.recordings[first : last + 1], start - before
