"""Recordings as a device hears them: one after another in a quiet room, for hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from watchword import audio
from watchword.network import Pcm
from watchword_training import noise, render
from watchword_training.conditions import BLOCK, MARGIN_DB, active_level, in_noise
from watchword_training.lines import Line
from watchword_training.voices import Style
from watchword_training.workers import Local

ENGINES = ("flite", "festival", "espeak")
VOICES, SPEEDS = 8, (0.8, 1.0, 1.25)
"""Most voices of an engine that say the word, and how fast."""

PAUSE = 2 * audio.SAMPLE_RATE
ROOM = 10.0
"""Root mean square of a quiet room's noise (sample values, 70 dB below full scale)."""

EVERY = 3
"""Of every third recording of a folder, the settings are chosen on one, the figures come from another."""

LONGEST = 180 * audio.SAMPLE_RATE
"""Samples taken of a long recording."""

AUDIBLE_DB = 10.0
"""What speaks less far above the room's noise is left out."""

GAP, SHORTEST = 30, 8
"""Blocks of 10 ms that a pause inside an utterance lasts at most, and an utterance at least."""

WORDS = ("alexa", "computer", "smart_mirror", "other")
SPEECH = ("speechocean762", "wuw_corpus_ii", "picovoice_commands")
AMBIENCE = ("ambience", "esc10")
RATIOS = (20.0, 10.0)
"""Decibels between the word and the ambience under it."""


@dataclass(frozen=True)
class Stream:
    """One long recording."""

    pcm: Pcm
    spoken: list[tuple[int, int]]
    """First and last sample of each utterance; empty where nobody is known to speak."""


def every(phrase: str, shared: Path, part: int) -> Iterator[tuple[str, Stream]]:
    """All sets by name, the recordings whose number leaves `part` by `EVERY`; most need the folder `shared`."""
    said = list(_said(phrase))[part::EVERY]
    yield "the word, synthetic voices, quiet room", joined(said)
    yield "a quiet room", Stream(room(np.random.default_rng(5), 180 * audio.SAMPLE_RATE), [])
    if not shared.is_dir():
        return
    background = _read(shared / "noise/ambience", part)[:4]
    for ratio in RATIOS:
        noisy = [in_noise(background, ratio, i, padded(pcm)) for i, pcm in enumerate(said)]
        yield f"the word, ambience {ratio:.0f} dB below", joined(noisy, said)
    for name in WORDS:
        yield f"people's words: {name}", joined(_read(shared / "words" / name, part))
    for name in SPEECH:
        yield f"speech: {name}", joined(_read(shared / "speech" / name, part))
    for name in AMBIENCE:
        yield f"noise: {name}", Stream(np.concatenate(_read(shared / "noise" / name, part)), [])


def room(rng: np.random.Generator, samples: int) -> Pcm:
    """The noise of a quiet room."""
    pcm: Pcm = np.rint(rng.normal(0, ROOM, samples)).astype(np.int16)
    return pcm


def padded(pcm: Pcm) -> Pcm:
    """The recording between two pauses without any sound."""
    return np.pad(pcm, PAUSE // 2)


def joined(recordings: Iterable[Pcm], said: list[Pcm] | None = None) -> Stream:
    """
    Recordings with pauses before and after each, in the noise of a quiet room.

    Where somebody speaks is found in them, or in `said`, the same recordings before noise was added between `padded`.
    """
    rng = np.random.default_rng(3)
    pieces, spoken, at = [room(rng, PAUSE)], [], PAUSE
    for i, pcm in enumerate(recordings):
        shift = at + (PAUSE // 2 if said else 0)
        spoken += [(shift + first, shift + last) for first, last in utterances(said[i] if said else pcm)]
        mixed = np.clip(pcm.astype(np.int32) + room(rng, len(pcm)), -32_768, 32_767).astype(np.int16)
        pieces += [mixed, room(rng, PAUSE)]
        at += len(pcm) + PAUSE
    return Stream(np.concatenate(pieces), spoken)


def utterances(pcm: Pcm) -> list[tuple[int, int]]:
    """First and last sample of each audible stretch of speech, in the manner of ITU-T P.56."""
    powers = np.square(pcm[: len(pcm) // BLOCK * BLOCK].astype(np.float64)).reshape(-1, BLOCK).mean(1)
    loud = np.flatnonzero(powers > active_level(pcm) ** 2 * 10 ** (-MARGIN_DB / 10))
    stretches = np.split(loud, np.flatnonzero(np.diff(loud) > GAP) + 1)
    audible = (ROOM * noise.amplitude(AUDIBLE_DB)) ** 2
    return [
        (int(s[0]) * BLOCK, int(s[-1] + 1) * BLOCK - 1)
        for s in stretches
        if len(s) and s[-1] - s[0] >= SHORTEST and powers[s[0] : s[-1] + 1].mean() >= audible
    ]


def _said(phrase: str) -> Iterator[Pcm]:
    voices = [(engine, voice) for engine, names in render.installed(ENGINES).items() for voice in names[:VOICES]]
    lines = [
        Line(engine=engine, voice=voice, text=phrase, style=Style(speed=speed))
        for (engine, voice), speed in product(voices, SPEEDS)
    ]
    render.render(lines, Local(1))
    for line in lines:
        if render.path(line).exists():
            yield (render.load(line) * noise.amplitude(-12)).astype(np.int16)


def _read(folder: Path, part: int) -> list[Pcm]:
    paths = [path for path in sorted(folder.iterdir()) if path.suffix in (".flac", ".opus", ".wav")]
    return [audio.read(path)[:LONGEST] for path in paths[part::EVERY]]
