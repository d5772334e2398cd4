"""Finding recordings that say the word among those that should not, by an independent recognizer (PocketSphinx)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

import numpy as np
from pocketsphinx import Decoder
from tqdm import tqdm

from watchword_training import cache
from watchword_training.corpus import Corpus

THRESHOLD = 1e-30
"""Keyphrase likelihood ratio: loose, since a lost negative costs less than a positive that is taught as one.

Of 250 lines of a game without the word it drops 10; at 1e-40 it would drop 34, the most instructive ones.
"""

PADDING = 8_000
"""Samples of silence around a recording; the recognizer does not end a phrase at the last sample."""


@lru_cache(maxsize=1)
def _decoder(phrase: str) -> Any:
    return Decoder(lm=None, keyphrase=phrase, kws_threshold=THRESHOLD, loglevel="FATAL")


def known(phrase: str) -> bool:
    """Whether the recognizer's dictionary has every word of `phrase`."""
    decoder = Decoder(lm=None, loglevel="FATAL")
    return all(decoder.lookup_word(word) for word in phrase.split())


def _says(phrase: str, pcms: Sequence[np.ndarray[Any, np.dtype[np.int16]]]) -> list[bool]:
    decoder, silence = _decoder(phrase), np.zeros(PADDING, np.int16)
    found = []
    for pcm in pcms:
        decoder.start_utt()
        decoder.process_raw(np.concatenate([silence, pcm, silence]).tobytes(), full_utt=True)
        decoder.end_utt()
        found.append(decoder.hyp() is not None)
    return found


def saying(phrase: str, corpus: Corpus, processes: int) -> list[int]:
    """Indices of the recordings in `corpus` that seem to say `phrase`; kept in the cache."""
    target = cache.folder("spotted") / f"{corpus.digest[:32]}-{phrase.replace(' ', '_')}-{THRESHOLD:g}.json"
    if not target.is_file():
        pcms = corpus.pieces()
        groups = [list(range(i, min(i + 50, len(pcms)))) for i in range(0, len(pcms), 50)]
        found: list[int] = []
        with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
            jobs = [pool.submit(_says, phrase, [np.array(pcms[i]) for i in g]) for g in groups]
            label = f"listening for {phrase!r} in {corpus.folder.name}"
            for group, job in zip(groups, tqdm(jobs, desc=label), strict=True):
                found += [i for i, said in zip(group, job.result(), strict=True) if said]
        with cache.replacing(target) as partial:
            partial.write_text(json.dumps(found), "utf-8")
    indices: list[int] = json.loads(target.read_text("utf-8"))
    return indices
