"""An independent recognizer (PocketSphinx): which of some words is said, and where the words of a text lie."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from pocketsphinx import Decoder

from watchword_training.arpabet import INVENTORY, phones
from watchword_training.voices import SAMPLE_RATE, Pcm
from watchword_training.voices.pronunciation import variants

PADDING = SAMPLE_RATE // 10
"""Samples of silence around a recording; the recognizer neither begins nor ends a word at an edge."""

OTHER = 1e-8
"""Weight of every phone of a sound that is none of the words: what fits a row of any phones better is refused.

Of 80 renderings of eleven confusable words (hibari, Pico, flite, Kokoro) 79 are heard as what they are, of 152 of
other words one is taken for one of them; at 1e-6 it is 77 and one, at 1e-12 79 and eight, without it 79 and 128.
"""

FRAME = SAMPLE_RATE // 100
"""Samples between frames of the recognizer."""

EDGE = (410 - FRAME) // 2
"""Samples from the start of a frame to the boundary before it: windows of 410 samples meet at their middles."""

BLOCK = 80
"""Samples of a block that is quiet or not (5 ms)."""

QUIET_DB = -40.0
"""A block this far below the loudest one is quiet."""

QUIET = 3
"""Quiet blocks in a row that may lie between two sounds."""

PAUSE = SAMPLE_RATE // 10
"""Samples of a quiet stretch that no stop keeps the mouth closed for: two words lie at its ends."""

STOPS = frozenset({"P", "B", "T", "D", "K", "G", "CH", "JH"})
"""Phones that close the mouth before they are heard."""

BURST = 60 * SAMPLE_RATE // 1000
"""Samples of sound between two pauses that are the release of a stop, and belong to its word."""


class Span(NamedTuple):
    """A word, and the samples that it takes."""

    word: str

    start: int

    end: int

    paused: bool
    """Whether a pause follows, or the recording ends, so that `end` is measured rather than the recognizer's guess."""


class ForcedChoice:
    """Tells which one of some words or phrases is said, if any.

    Sounds like those of a word are heard as that word where the rivals that they are closer to are not named:
    alone, "activate" is also heard in "captivate".
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = {" ".join(spoken(word)): word for word in words}
        self._decoder = _decoder()
        start, end, other = range(3)
        edges: list[tuple[int, int, float] | tuple[int, int, float, str]] = [(other, end, 1.0)]
        for phone in INVENTORY:
            self._decoder.add_word(f"+{phone}+", phone, True)
            edges += [(state, other, OTHER, f"+{phone}+") for state in (start, other)]
        states = other
        for phrase in self._words:
            teach(self._decoder, phrase)
            *first, last = phrase.split()
            state = start
            for word in first:
                states += 1
                edges.append((state, states, 1.0, word))
                state = states
            edges.append((state, end, 1.0, last))
        self._decoder.add_fsg("choice", self._decoder.create_fsg("choice", start, end, edges))
        self._decoder.activate_search("choice")

    def heard(self, pcm: Pcm) -> str | None:
        """The likeliest of the words; None when it is none of them."""
        found = decode(self._decoder, padded(pcm))
        return self._words.get(found) if found else None


def spoken(text: str) -> list[str]:
    """The words of `text` as the dictionary spells them; /phonemes/ stay as they are."""
    words = (word if word.startswith("/") else word.strip('.,;:!?"').lower() for word in text.split())
    return [word for word in words if word]


def teach(decoder: Any, text: str) -> None:
    """Give the recognizer the pronunciations of the words in `text` that its dictionary lacks."""
    for word in spoken(text):
        if decoder.lookup_word(word) is None:
            for number, said in enumerate(dict.fromkeys(phones(variant) for variant in variants(word))):
                decoder.add_word(f"{word}({number + 1})" if number else word, said, True)


def aligned(pcm: Pcm, text: str) -> list[Span]:
    """
    Where each word of `text` lies in a recording of it; empty when the text cannot be fitted.

    Words are always found, also in a recording that holds others: let a `ForcedChoice` hear what is cut out.

    An end that is `paused` is where the sound ends: of rendered words joined with pauses of 100 to 300 ms of soft
    noise 99 % are, and 95 % of these lie within 4 ms. Other ends are the recognizer's own: 95 % within 33 ms in
    sentences of flite, which tells its durations (half within 11, bias 1), and within 61 ms where words that had each
    ended a sentence were joined. Neither spectral change nor the score, noise or shifts tell which of those are wrong.
    """
    words, sound, decoder = spoken(text), padded(pcm), _aligner()
    quiet = _quiet(sound)
    for begin, end in quiet:
        if end - begin >= PAUSE:
            sound[begin:end] = 0  # or the recognizer takes soft noise for a breath of the word before
    teach(decoder, text)
    decoder.set_align_text(" ".join(words))
    decode(decoder, sound)
    segments = [s for s in decoder.seg() or () if s.word[0] not in "<[("]  # neither silence nor noise
    if len(segments) != len(words):
        return []
    starts = [s.start_frame * FRAME + EDGE for s in segments]
    ends = [(s.end_frame + 1) * FRAME + EDGE for s in segments]
    paused = [False] * len(words)
    for after, (first, last) in enumerate(zip([0, *ends], [*starts, len(sound)], strict=True)):
        between = [(a, b) for a, b in quiet if first < b and a < last and first < last]
        stop = after > 0 and decoder.lookup_word(words[after - 1]).split()[-1] in STOPS
        if stop and len(between) > 1 and between[1][0] - between[0][1] <= BURST:
            between = between[1:]
        if between and after > 0:
            ends[after - 1], paused[after - 1] = between[0][0], between[0][1] - between[0][0] >= PAUSE
        if between and after < len(words):
            starts[after] = between[0][1]
    limits = (np.clip(np.array(edges) - PADDING, 0, len(pcm)).tolist() for edges in (starts, ends))
    return [Span(*span) for span in zip(words, *limits, paused, strict=True)]


def before_pause(pcm: Pcm, end: int) -> int | None:
    """`end`, as `aligned` gave it, when a pause begins there; None otherwise."""
    return end if any(a == end + PADDING and b - a >= PAUSE for a, b in _quiet(padded(pcm))) else None


def _quiet(pcm: Pcm) -> list[tuple[int, int]]:
    """First sample, and the one after the last, of every quiet stretch."""
    blocks = pcm[: len(pcm) // BLOCK * BLOCK].astype(np.float64).reshape(-1, BLOCK)
    energy = np.square(blocks).mean(1)
    quiet = energy < energy.max() * 10 ** (QUIET_DB / 10)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], quiet, [False]]).astype(int))).reshape(-1, 2)
    return [(a * BLOCK, b * BLOCK) for a, b in edges.tolist() if b - a >= QUIET]


def _decoder() -> Any:
    return Decoder(lm=None, bestpath=False, loglevel="FATAL")


_aligner = lru_cache(maxsize=1)(_decoder)
"""One for all texts of a process: loading the dictionary takes longer than ten alignments."""


def padded(pcm: Pcm, samples: int = PADDING) -> Pcm:
    """A recording between two stretches of so many samples of silence."""
    silence = np.zeros(samples, np.int16)
    return np.concatenate([silence, pcm, silence])


def decode(decoder: Any, pcm: Pcm) -> str | None:
    """What a recognizer finds in a whole recording; None when that is nothing."""
    decoder.start_utt()
    decoder.process_raw(pcm.tobytes(), full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return str(found.hypstr) if found else None
