"""Variations of log-mel levels, drawn anew in every step, so that no clip is ever heard twice alike."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from watchword_training.dataset import Levels
from watchword_training.frontend import LEVELS
from watchword_training.model_specs import FeatureSpec, FitSpec

LONGEST_TIME_MASK = 40
LONGEST_MEL_MASK = 8

UNDER = (5.0, 30.0)
"""Range of how far below a clip another one is laid (decibels between their loud frames)."""

NOISY = (0.0, 25.0)
"""Range of how far below a clip a background is laid (decibels between their loud frames)."""

LOUD = 0.95
"""Quantile of a clip's frames that counts as loud."""

CORNERS = 6
"""Places on the mel axis at which a microphone's colour is drawn."""


def varied(
    rng: np.random.Generator,
    features: FeatureSpec,
    fit: FitSpec,
    levels: Levels,
    silent: npt.NDArray[np.bool_],
    backgrounds: Levels | None = None,
) -> Levels:
    """
    Clips (batch, frame, mel) with others and `backgrounds` under them, through another microphone, masked.

    Those lie under others that are `silent`: they lack the word.
    """
    step = features.decibels
    if silent.any():
        partners = levels[rng.choice(np.flatnonzero(silent), len(levels))]
        levels = overlaid(rng, levels, partners, fit.overlay, UNDER, step)
    if backgrounds is not None and len(backgrounds):
        partners = backgrounds[rng.integers(0, len(backgrounds), len(levels))]
        levels = overlaid(rng, levels, partners, fit.noise, NOISY, step)
    levels = coloured(rng, levels, fit.gain / step, fit.colour / step)
    return masked(rng, levels, fit.time_masks, fit.mel_masks)


def overlaid(
    rng: np.random.Generator, levels: Levels, partners: Levels, share: float, under: tuple[float, float], step: float
) -> Levels:
    """
    Lay each of `partners` (batch, frame, mel) under the clip at its place, for a share of the clips.

    Their powers add, as those of sounds that know nothing of each other. `under` is the range of how far below
    (decibels between loud frames), `step` what a level is worth in decibels.
    """
    loud, other = (np.quantile(clips.mean(2), LOUD, axis=1) for clips in (levels, partners))
    down = loud - other - rng.uniform(*under, len(levels)) / step
    shifted = np.clip(np.round(partners + down[:, None, None]), 0, LEVELS - 1).astype(np.uint8)
    shifted[rng.random(len(levels)) >= share] = 0
    higher, lower = np.maximum(levels, shifted), np.minimum(levels, shifted)
    sums = higher.astype(np.int16) + _rise(step)[higher - lower] * (lower > 0)  # level 0 is silence
    laid: Levels = np.minimum(sums, LEVELS - 1).astype(np.uint8)
    return laid


def _rise(step: float) -> npt.NDArray[np.int16]:
    """By how many levels the sum of two powers lies above the larger one, by how many levels they differ."""
    apart = np.arange(LEVELS) * step
    return np.round(10 * np.log10(1 + 10 ** (-apart / 10)) / step).astype(np.int16)


def coloured(rng: np.random.Generator, levels: Levels, gain: float, spread: float) -> Levels:
    """Shift each clip by up to `gain` levels, and each band by a smooth curve of deviation `spread` (levels)."""
    mels = levels.shape[2]
    places = np.linspace(0, mels - 1, CORNERS)
    curves = [np.interp(np.arange(mels), places, rng.normal(0, spread, CORNERS)) for _ in levels]
    shifts = np.stack(curves) + rng.uniform(-gain, gain, (len(levels), 1))
    shifted = levels + np.round(shifts).astype(np.int16)[:, None]
    heard: Levels = np.clip(shifted, 0, LEVELS - 1).astype(np.uint8)
    return heard


def masked(rng: np.random.Generator, levels: Levels, time_masks: int, mel_masks: int) -> Levels:
    """Blank drawn spans and bands of (batch, frame, mel) at each clip's mean (SpecAugment, Park et al. 2019)."""
    levels = levels.copy()
    for clip in levels:
        mean = np.uint8(clip.mean())
        for _ in range(time_masks):
            width = int(rng.integers(0, LONGEST_TIME_MASK))
            start = int(rng.integers(0, len(clip)))
            clip[start : start + width] = mean
        for _ in range(mel_masks):
            width = int(rng.integers(0, LONGEST_MEL_MASK))
            start = int(rng.integers(0, clip.shape[1]))
            clip[:, start : start + width] = mean
    return levels
