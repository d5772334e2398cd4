"""Parts of sounds, and a pause put into one: what is done to a sound before it is placed in a clip."""

from __future__ import annotations

import numpy as np

from watchword_training import noise
from watchword_training.cutting import quietest
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.sounds import Sound

LONGEST = int(4.0 * SAMPLE_RATE)
"""Samples of an excerpt of running speech, at most."""

BRIEF = (0.3, 1.0)
"""Seconds of an excerpt that is to pass for a word."""

SEARCH, BLOCK = 1_280, 160
"""Samples on each side of a cut in which the quietest block is looked for (80 ms), and those of a block."""

PAUSE = (0.02, 0.2)
"""Seconds by which a phrase is held up at its quietest place (`python -m benchmarks.pace`)."""

QUIET = -20.0
"""Level of that place (decibels below the phrase's), at most: where a word of it ends, or a stop is closed."""

EDGE = 0.2
"""Share of a phrase at each of its ends in which it is not held up."""


def cut_off(rng: np.random.Generator, sound: Sound) -> Sound:
    """The beginning or the end of a word, at most six tenths of it."""
    first, last = sound.word
    length = int((last - first) * rng.uniform(0.25, 0.6))
    pcm = sound.pcm[first : first + length] if rng.random() < 0.6 else sound.pcm[last - length : last]
    return Sound(pcm, sound.source, (0, length))


def excerpt(rng: np.random.Generator, sound: Sound) -> Sound:
    """A sound, or a part of it when it is long."""
    if len(sound.pcm) <= LONGEST:
        return sound
    length = int(rng.uniform(0.25, 1.0) * LONGEST)
    start = int(rng.integers(0, len(sound.pcm) - length + 1))
    return Sound(sound.pcm[start : start + length], sound.source, (0, length))


def brief(rng: np.random.Generator, sound: Sound) -> Sound:
    """About a word's length of running speech, cut where it is quiet: what real people sound like in single words."""
    length = int(rng.uniform(*BRIEF) * SAMPLE_RATE)
    if len(sound.pcm) <= length + 2 * SEARCH:
        return sound
    start = int(rng.integers(SEARCH, len(sound.pcm) - length - SEARCH + 1))
    first, last = (quietest(sound.pcm, place - SEARCH, place + SEARCH, BLOCK) for place in (start, start + length))
    return Sound(sound.pcm[first:last], sound.source, (0, last - first))


def paused(rng: np.random.Generator, sound: Sound) -> Sound:
    """A phrase held up at its quietest place, as slow callers do; as it was, where it is never quiet enough."""
    first, last = sound.word
    edge = round(EDGE * (last - first))
    if last - first - 2 * edge < BLOCK:
        return sound
    place = quietest(sound.pcm, first + edge, last - edge, BLOCK)
    block = sound.pcm[place - BLOCK // 2 : place + BLOCK // 2].astype(np.float32)
    loudness, quiet = (np.sqrt(np.mean(np.square(part))) for part in (sound.pcm[first:last].astype(np.float32), block))
    if quiet > loudness * noise.amplitude(QUIET):
        return sound
    pause = int(rng.uniform(*PAUSE) * SAMPLE_RATE)
    return Sound(np.insert(sound.pcm, place, np.zeros(pause, np.int16)), sound.source, (first, last + pause))
