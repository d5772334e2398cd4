"""Finding recordings that say the word among those that should not, by an independent recognizer (PocketSphinx)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from pocketsphinx import Decoder
from tqdm import tqdm

from watchword_training import cache
from watchword_training.corpus import Corpus
from watchword_training.recognizer import decode, padded, spoken, teach
from watchword_training.voices import Pcm
from watchword_training.workers import Workers

THRESHOLD = 1e-30
"""Keyphrase likelihood ratio: loose, since a lost negative costs less than a positive that is taught as one.

Looser still, it would drop a good part of innocent lines, the most instructive ones. It finds words that no dictionary
has as well as others; a word of few sounds it also finds where it is not.
"""

EVERY = 2
"""Frames for each evaluation of the acoustic model: of renderings it finds as many as with every frame, and sooner."""

PADDING = 8_000
"""Samples of silence around a recording; the recognizer does not end a phrase at the last sample."""

GROUP = 50
"""Recordings in one task."""


@lru_cache(maxsize=1)
def _decoder(phrase: str) -> Any:
    decoder = Decoder(lm=None, kws_threshold=THRESHOLD, ds=EVERY, loglevel="FATAL")
    teach(decoder, phrase)
    decoder.add_keyphrase("word", " ".join(spoken(phrase)))
    decoder.activate_search("word")
    return decoder


def says(phrase: str, pcms: Sequence[Pcm]) -> list[bool]:
    """Whether each recording seems to say `phrase`; its words need not be in a dictionary."""
    decoder = _decoder(phrase)
    return [decode(decoder, padded(pcm, PADDING)) is not None for pcm in pcms]


@lru_cache(maxsize=1)
def _writer() -> Any:
    return Decoder(loglevel="FATAL")  # the English language model of the package


def writable(phrase: str) -> bool:
    """Whether the recognizer of all English knows the words of `phrase`."""
    return all(_writer().lookup_word(word) is not None for word in phrase.split())


def written(phrase: str, pcms: Sequence[Pcm]) -> list[bool]:
    """Whether `phrase` stands in what a recognizer of all English writes of each recording."""
    found = (decode(_writer(), padded(pcm, PADDING)) for pcm in pcms)
    return [f" {phrase} " in f" {text} " for text in found]


def saying(phrase: str, corpus: Corpus, workers: Workers) -> list[int]:
    """Indices of the recordings in `corpus` that seem to say `phrase`; kept in the cache."""
    return _kept(says, f"{THRESHOLD:g}-{EVERY}", phrase, corpus, range(len(corpus.files)), workers)


def writing(phrase: str, corpus: Corpus, among: Sequence[int], workers: Workers) -> list[int]:
    """Those indices `among` the recordings in `corpus` of which `phrase` is `written`; kept in the cache."""
    asked = hashlib.sha256(repr(list(among)).encode()).hexdigest()[:16]
    return _kept(written, f"written-{asked}", phrase, corpus, among, workers)


Test = Callable[[str, Sequence[Pcm]], list[bool]]


def _kept(test: Test, name: str, phrase: str, corpus: Corpus, among: Sequence[int], workers: Workers) -> list[int]:
    """Indices `among` the recordings that pass a test of the phrase; the cache knows the test by its `name`."""
    target = cache.folder("spotted") / f"{corpus.digest[:32]}-{phrase.replace(' ', '_')}-{name}.json"
    if not target.is_file():
        pcms = corpus.pieces()
        groups = [among[first : first + GROUP] for first in range(0, len(among), GROUP)]
        tasks = ((group, [np.array(pcms[i]) for i in group]) for group in groups)
        passed: list[int] = []
        heard = workers.run(partial(_passed, test, phrase), tasks)
        for (group, _), found in tqdm(heard, total=len(groups), desc=f"{phrase!r} in {corpus.folder.name}"):
            passed += [i for i, one in zip(group, found, strict=True) if one]
        with cache.replacing(target) as partial_file:
            partial_file.write_text(json.dumps(sorted(passed)), "utf-8")
    indices: list[int] = json.loads(target.read_text("utf-8"))
    return indices


def _passed(test: Test, phrase: str, task: tuple[Sequence[int], Sequence[Pcm]]) -> list[bool]:
    return test(phrase, task[1])
