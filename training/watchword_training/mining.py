"""Hard negatives: what a half-fitted network takes for the word among its own training sounds (Sung and Poggio 1998).

They are heard more often from then on. Only sounds that training has anyway are looked through.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch.nn import functional
from tqdm import tqdm

from watchword_training import noise
from watchword_training.foreground import Foreground
from watchword_training.frontend import Frontend
from watchword_training.network import Network
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.sounds import Library, Piece, Sound
from watchword_training.voices import Pcm

HARD = 0.1
"""Peak of the smoothed probability from which a sound is hard."""

LEVEL = -24.0
"""Level at which each is heard (decibels of full scale), over white noise 40 decibels below."""

TAIL = SAMPLE_RATE // 2
BEFORE, AFTER = 2 * SAMPLE_RATE, SAMPLE_RATE // 2
"""Samples kept around a peak in a longer recording."""


def mine(recipe: Recipe, network: Network, library: Library) -> list[Piece]:
    """Those of the negative sounds of `library` that the network, in floating point, takes for the word."""
    frontend, sounds = Frontend(recipe.features), library.open()
    network.eval().quantized = False
    every = [
        (p, s) for k in Foreground.NEGATIVE for p, s in zip(library.pieces.get(k, ()), sounds.get(k, ()), strict=True)
    ]
    found: list[Piece] = []
    for piece, sound in tqdm(every, desc="mining", unit="sound"):
        found += _hard(recipe, network, frontend, piece, sound)
    return found


@torch.no_grad()
def _hard(recipe: Recipe, network: Network, frontend: Frontend, piece: Piece, sound: Sound) -> Iterator[Piece]:
    levels = frontend.clip(torch.from_numpy(_heard(sound.pcm))[None])
    smoothing = recipe.trigger.smoothing
    probabilities = functional.pad(torch.sigmoid(network(levels)), (smoothing - 1, 0))
    smoothed = probabilities.unfold(1, smoothing, 1).mean(2)[0].numpy()
    span = round((BEFORE + AFTER) / recipe.samples_per_step)
    for first in range(0, len(smoothed), span):
        peak = first + int(smoothed[first : first + span].argmax())
        if smoothed[peak] >= HARD:
            yield _around(piece, (peak + 1) * recipe.samples_per_step)


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
