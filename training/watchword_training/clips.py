"""The ten-second mixer: words over a background, and where the trigger word ends.

Clip `index` of a split depends on (recipe, seed, split, index) and on the sounds alone: any process makes the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from watchword.errors import RecipeError
from watchword_training import channel, noise, synthetic_noise
from watchword_training.data_specs import SPLITS, Split
from watchword_training.foreground import Foreground, Word
from watchword_training.noise import Audio
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.sounds import Sound, Sounds
from watchword_training.voices import Pcm

Rooms = npt.NDArray[np.float16]
"""Impulse responses (room, 2, time): from who speaks, and from another place."""

RECORDED = 0.6
"""Share of backgrounds that are recordings, where there are any."""

CLEAR = 25.0
"""Ratio of the words to the background in what the teacher hears, at least (decibels)."""

BACKGROUND_LEVEL = -25.0
"""Level of backgrounds alone (decibels of full scale): well above the quietest of the 256 levels."""

TALKER_LEVELS = (-10.0, 10.0)
"""Range of a background talker's level over the rest of the background (decibels)."""


@dataclass(frozen=True)
class Clip:
    """One mixed clip."""

    pcm: Pcm
    words: list[Word] = field(default_factory=list)
    made: dict[str, Any] = field(default_factory=dict)
    """How it was made, for the index."""

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end (samples) of each positive."""
        return [(w.start, w.end) for w in self.words if w.positive]

    @property
    def entry(self) -> dict[str, Any]:
        """What the index says of this clip."""
        return {**self.made, "words": [vars(word) for word in self.words]}


class _Scene(NamedTuple):
    """A clip before the room and the microphone; the generator stands where these begin to draw."""

    rng: np.random.Generator
    level: float
    ratio: float
    speech: Audio
    words: list[Word]
    background: Audio
    names: list[str]
    room: int | None


class Mixer:
    """Makes the clips of one split."""

    def __init__(self, recipe: Recipe, split: Split, sounds: Sounds, rooms: Rooms | None = None) -> None:
        self._recipe, self._sounds, self._rooms = recipe, sounds, rooms
        self._split = SPLITS.index(split)
        if not sounds.get("positive") or not any(sounds.get(kind) for kind in Foreground.NEGATIVE):
            raise RecipeError(
                f"the {split} clips would have no positives or no negatives: {len(sounds.get('positive', ()))} "
                "renderings of the word were kept; give voices.validation and voices.test voices of its engines"
            )
        self._foreground = Foreground(recipe.clips, sounds, " " in recipe.word)
        self._samples = round(recipe.clips.seconds * SAMPLE_RATE)

    def clip(self, index: int) -> Clip:
        """The clip `index`."""
        scene = self._scene(index)
        speech, background = scene.speech, scene.background
        if scene.room is not None:
            voice, other = np.asarray(self._rooms[scene.room], np.float32)  # type: ignore[index]
            speech = channel.reverberate(speech, voice)
            background = noise.unit(channel.reverberate(background, other))
        mixed = speech * noise.amplitude(scene.level) + background * noise.amplitude(scene.level - scene.ratio)
        pcm, effects = channel.capture(scene.rng, mixed, self._recipe.channel)
        made = {"level": round(scene.level, 1), "snr": round(scene.ratio, 1), "room": scene.room}
        return Clip(pcm, scene.words, {**made, "background": scene.names, "effects": effects})

    def clear(self, index: int) -> Pcm:
        """The words of clip `index` close by and in quiet, through the same microphone: what the teacher hears."""
        scene = self._scene(index)
        quiet = noise.amplitude(scene.level - max(scene.ratio, CLEAR))
        mixed = scene.speech * noise.amplitude(scene.level) + scene.background * quiet
        return channel.capture(scene.rng, mixed, self._recipe.channel)[0]

    def background(self, index: int) -> Pcm:
        """Background number `index` alone, for laying under clips; independent of theirs."""
        rng = np.random.default_rng([self._recipe.seed, 8, self._split, index])
        background, _ = self._background(rng)
        room = self._room(rng)
        if room is not None:
            background = noise.unit(channel.reverberate(background, np.asarray(self._rooms[room, 1], np.float32)))  # type: ignore[index]
        return channel.capture(rng, background * noise.amplitude(BACKGROUND_LEVEL), self._recipe.channel)[0]

    def _scene(self, index: int) -> _Scene:
        """What is drawn for clip `index` before anything is done to it."""
        rng = np.random.default_rng([self._recipe.seed, 7, self._split, index])
        spec = self._recipe.clips
        level, ratio = rng.uniform(spec.min_level, spec.max_level), rng.uniform(spec.min_snr, spec.max_snr)
        speech, words = self._foreground.draw(rng)
        background, names = self._background(rng)
        return _Scene(rng, level, ratio, speech, words, background, names, self._room(rng))

    def _room(self, rng: np.random.Generator) -> int | None:
        inside = rng.random() < self._recipe.channel.room
        return int(rng.integers(len(self._rooms))) if inside and self._rooms is not None and len(self._rooms) else None

    def _background(self, rng: np.random.Generator) -> tuple[Audio, list[str]]:
        """Recorded or synthetic noise at a root mean square of 1, for some with a talker in it; and their names."""
        recorded, talkers = (
            self._sounds.get("noise", ()),
            self._sounds.get("speech") or self._sounds.get("sentence", ()),
        )
        if len(recorded) and rng.random() < RECORDED:
            audio, names = self._looped(rng, recorded)
        else:
            name, audio = synthetic_noise.synthetic(rng, self._samples)
            names = [name]
        draw = rng.random()
        if talkers and draw < self._recipe.clips.talker:
            talking, who = self._looped(rng, talkers)
            audio, names = audio + talking * noise.amplitude(rng.uniform(*TALKER_LEVELS)), names + who
        elif talkers and draw < self._recipe.clips.talker + self._recipe.clips.babble:
            crowd = [talkers[int(i)] for i in rng.integers(0, len(talkers), int(rng.integers(4, 9)))]
            talking = noise.babble(rng, self._samples, [sound.pcm for sound in crowd])
            audio = audio + talking * noise.amplitude(rng.uniform(*TALKER_LEVELS))
            names = [*names, f"babble of {len(crowd)}"]
        return noise.unit(audio), names

    def _looped(self, rng: np.random.Generator, sounds: Sequence[Sound]) -> tuple[Audio, list[str]]:
        """A drawn sound, from a drawn place on and repeated; and its name."""
        sound = sounds[int(rng.integers(0, len(sounds)))]
        return noise.looped(rng, sound.pcm, self._samples), [sound.source]
