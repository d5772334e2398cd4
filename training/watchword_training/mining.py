"""Hard negatives: what comes nearest to the word for a first teacher among everyday sounds (Sung and Poggio 1998).

They are heard more often afterwards. Only sounds that training has anyway are looked through, and no words that were
chosen for sounding like the word: nobody says those all day, and people's own ways of saying the word are as near.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from watchword_training import noise, parts, teacher
from watchword_training.embedding import Embedding
from watchword_training.recipe import EMBEDDING_HOP, SAMPLE_RATE, Recipe
from watchword_training.sounds import Library, Piece, Sound
from watchword_training.teacher import Teacher
from watchword_training.voices import Pcm
from watchword_training.workers import Files, Workers

HARD = 0.01
"""Peak of the smoothed probability from which a sound is hard."""

MOST = 300
"""Sounds, at most: those with the highest peaks."""

KINDS = ("ordinary", "sentence", "speech", "noise")
"""What is looked through."""

EVERYDAY = "everyday"
"""All of it, as a kind of its own."""

LEVEL = -24.0
"""Level at which each is heard (decibels of full scale), over white noise 40 decibels below."""

PART = 100
"""Sounds in one task."""

SMOOTHING = 2
"""Outputs of the teacher in the running mean (160 ms)."""

TAIL = SAMPLE_RATE // 2
BEFORE, AFTER = 2 * SAMPLE_RATE, SAMPLE_RATE // 2
"""Samples kept around a peak in a longer recording."""


def mine(recipe: Recipe, taught: Path, library: Library, workers: Workers) -> list[Piece]:
    """Those of the everyday sounds of `library`, songs and noises too, that a teacher takes for the word first.

    The recipe's teacher, whose weights are in the file `taught`.
    """
    every = [piece for kind in KINDS for piece in library.pieces.get(kind, ())]
    searched = partial(_searched, recipe, taught, replace(library, pieces={EVERYDAY: every}))
    some = parts.cut(range(len(every)), PART)
    found = list(chain(*parts.work(workers, searched, some, "mining", [taught, *library.arrays])))
    found.sort(key=lambda scored: -scored[0])
    return [piece for _, piece in found[:MOST]]


Scored = tuple[float, Piece]
"""The height of a peak, and what is around it."""

_embedding = lru_cache(maxsize=1)(Embedding)


def _searched(recipe: Recipe, taught: Path, library: Library, numbers: range, files: Files) -> list[Scored]:
    """What is hard in some of the everyday sounds of `library`."""
    listening = teacher.fitted(recipe, (), files[taught])
    pieces, sounds = library.pieces[EVERYDAY], library.at(files).open()[EVERYDAY]
    return [hard for n in numbers for hard in _hard(listening, _embedding(), pieces[n], sounds[n])]


@torch.no_grad()
def _hard(teacher: Teacher, embedding: Embedding, piece: Piece, sound: Sound) -> Iterator[Scored]:
    embeddings = torch.from_numpy(embedding.clip(_heard(sound.pcm)).astype(np.float32))[None]
    probabilities = functional.pad(torch.sigmoid(teacher(embeddings)), (SMOOTHING - 1, 0))
    smoothed = probabilities.unfold(1, SMOOTHING, 1).mean(2)[0].numpy()
    span = (BEFORE + AFTER) // EMBEDDING_HOP
    for first in range(0, len(smoothed), span):
        peak = first + int(smoothed[first : first + span].argmax())
        if smoothed[peak] >= HARD:
            yield float(smoothed[peak]), _around(piece, (peak + 1) * EMBEDDING_HOP)


def _heard(pcm: Pcm) -> Pcm:
    voice = np.pad(noise.unit(pcm.astype(np.float32)) * noise.amplitude(LEVEL), (TAIL // 2, TAIL))
    hiss = np.random.default_rng(len(pcm)).standard_normal(len(voice)) * noise.amplitude(LEVEL - 40)
    return noise.to_pcm((voice + hiss) * 32_768)


def _around(piece: Piece, peak: int) -> Piece:
    """The part of a long piece that ends soon after the peak; a short one whole."""
    if piece.length <= BEFORE + AFTER:
        return piece
    place = peak - TAIL // 2
    first = max(0, min(place - BEFORE, piece.length - AFTER))
    length = min(place + AFTER, piece.length) - first
    return Piece(
        piece.array, piece.start + first, length, (0, length), f"{piece.source} at {first / SAMPLE_RATE:.1f} s"
    )
