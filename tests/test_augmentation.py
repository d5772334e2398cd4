"""Levels as they vary from step to step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from watchword_training import augmentation, noise, synthetic_noise
from watchword_training.dataset import Levels
from watchword_training.frontend import Frontend
from watchword_training.model_specs import FeatureSpec, FitSpec
from watchword_training.voices import Pcm

SPEC = FeatureSpec()
STEP = SPEC.decibels
STILL = FitSpec(overlay=0, noise=0, gain=0, colour=0, time_masks=0, mel_masks=0)


def clips(count: int = 3) -> Levels:
    return np.random.default_rng(0).integers(20, 200, (count, 300, 40)).astype(np.uint8)


def levels_of(pcm: Pcm) -> Levels:
    levels: Levels = Frontend(SPEC).clip(torch.from_numpy(pcm)[None]).numpy()
    return levels


def test_a_level_is_worth_what_the_frontend_makes_of_a_gain() -> None:
    """
    Ten times the amplitude is as many levels more as 20 dB hold.
    """
    quiet = noise.to_pcm(synthetic_noise.coloured(np.random.default_rng(1), 16_000) * 300)

    rise = levels_of(quiet * 10).astype(int) - levels_of(quiet)

    assert abs(rise[:, 5:].mean() * STEP - 20) < 0.05


def test_laying_a_clip_under_another_is_adding_their_sounds() -> None:
    """
    Levels of two sounds laid over one another are those of the mixed samples: within 1 dB on the average.
    """
    rng = np.random.default_rng(2)
    loud, soft = (synthetic_noise.coloured(rng, 160_000) * 2_000 for _ in range(2))
    pair = np.concatenate([levels_of(noise.to_pcm(loud)), levels_of(noise.to_pcm(soft))])

    laid = augmentation.overlaid(np.random.default_rng(3), pair[:1], pair[1:], 1.0, (5.0, 30.0), STEP)[0].astype(int)

    loudness = [np.quantile(clip.mean(1), augmentation.LOUD) for clip in pair]
    down = loudness[0] - loudness[1] - np.random.default_rng(3).uniform(5.0, 30.0) / STEP
    mixed = levels_of(noise.to_pcm(loud + soft * noise.amplitude(down * STEP)))[0]
    assert abs((laid - mixed).mean()) * STEP < 1
    assert (laid >= pair[0]).all()


def test_a_clip_with_the_word_is_never_laid_under_another() -> None:
    """
    Only clips without the word are laid under others; without any, nothing is.
    """
    pair = np.stack([np.full((300, 40), 100, np.uint8), np.full((300, 40), 100, np.uint8)])
    pair[1, :, 7] = 140
    overlaying = replace(STILL, overlay=1.0)

    laid = augmentation.varied(np.random.default_rng(0), SPEC, overlaying, pair, np.array([True, False]))

    assert (np.diff(laid.mean((0, 1))) != 0).sum() == 2  # the one band that stood out before still does, no other
    untouched = augmentation.varied(np.random.default_rng(0), SPEC, overlaying, pair, np.array([False, False]))
    assert np.array_equal(untouched, pair)


def test_a_share_of_the_clips_has_something_laid_under() -> None:
    """
    About half of the clips change at a share of one half.
    """
    levels = np.full((400, 30, 40), 100, np.uint8)
    partners = np.random.default_rng(1).integers(80, 120, levels.shape).astype(np.uint8)

    laid = augmentation.overlaid(np.random.default_rng(0), levels, partners, 0.5, (0.0, 5.0), STEP)

    assert 160 < (laid != levels).any((1, 2)).sum() < 240


def test_backgrounds_are_laid_under_clips_with_the_word() -> None:
    """
    A background stands out in every clip that it is laid under; without backgrounds clips stay as they are.
    """
    levels, silent = np.full((100, 30, 40), 100, np.uint8), np.zeros(100, bool)
    background, noisy = np.full((1, 30, 40), 100, np.uint8), replace(STILL, noise=1.0)
    background[0, :, 7] = 180

    laid = augmentation.varied(np.random.default_rng(0), SPEC, noisy, levels, silent, background)
    without = augmentation.varied(np.random.default_rng(0), SPEC, noisy, levels, silent)

    assert (laid[:, :, 7] > laid[:, :, 8]).all()
    assert np.array_equal(without, levels)


def test_colour_moves_whole_bands_and_never_leaves_the_range() -> None:
    """
    Every frame of a clip moves by the same curve, no further than gain and colour allow, and ends at 0 and 255.
    """
    steady = np.repeat(clips()[:, :1], 300, axis=1)

    moved = augmentation.coloured(np.random.default_rng(0), steady, 16, 8).astype(int) - steady
    ends = augmentation.coloured(np.random.default_rng(0), np.full((2, 5, 40), 250, np.uint8), 100, 8)

    assert (moved == moved[:, :1]).all()
    assert 0 < np.abs(moved).max() <= 16 + 8 * 5
    assert ends.max() == 255


def test_masks_blank_spans_at_the_mean() -> None:
    """
    A masked clip differs from the original only where it has its mean; the original stays as it was.
    """
    levels = clips()
    before = levels.copy()

    masked = augmentation.masked(np.random.default_rng(0), levels, 2, 2)

    changed = masked != levels
    assert np.array_equal(levels, before)
    assert changed.any(axis=(1, 2)).all()
    assert all(
        set(clip[where].tolist()) == {int(old.mean())} for clip, old, where in zip(masked, levels, changed, strict=True)
    )


def test_nothing_varies_that_the_recipe_does_not_vary() -> None:
    """
    With every share and range at nothing, clips are as they were.
    """
    levels, silent = clips(), np.array([True, True, False])

    assert np.array_equal(augmentation.varied(np.random.default_rng(0), SPEC, STILL, levels, silent), levels)
