"""Tables of the firmware's front end: the log-mel levels in 32-bit integers, the same bits on every processor.

A frame is scaled up to full range, windowed, and transformed as half as many complex numbers (mixed radix, Stockham's
order, which needs no shuffling). Every stage with twiddle factors halves its values, so that nothing overflows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from watchword.errors import BundleError
from watchword_training.frontend import INT16_SCALE, LEVELS, Frontend
from watchword_training.graph import Array
from watchword_training.model_specs import FeatureSpec

RADICES = (4, 2, 5)
"""Butterflies that the firmware has."""

SAMPLE_BITS = 10
"""Bits by which a full-range sample is shifted up: a frame's transform then stays below 31."""

POWER_BITS, WEIGHT_BITS = 12, 16
"""Bits cut from a bin's power, and bits of a mel weight: their sums stay below 64."""

LOGARITHM_SEGMENTS, LOGARITHM_BITS = 128, 24
"""Table of the binary logarithm over one octave, read with linear interpolation, and bits of its fraction."""

GAIN_BITS = 20
ONE = 2**31 - 1
"""What stands for 1 in windows and twiddle factors."""


@dataclass(frozen=True)
class FrontendTables:
    """What the firmware's front end reads, and the numbers that it is compiled with."""

    radices: list[int]
    """Of each stage of the transform."""

    window: Array
    """(window,): a Hann window."""

    twiddle: Array
    """(factor, 2): cosine and negative sine, for the stages one after another."""

    turn: Array
    """(window / 4, 2): what makes one real transform of two interleaved ones."""

    first_bin: int
    interval: Array
    """(mels + 1,): bins between the centres of two bands."""

    rise: Array
    """(bin,): share of a bin's power that belongs to the upper of its two bands."""

    logarithm: Array
    """(segments + 1,): binary logarithm of 1 to 2."""

    gain: int
    """Levels in an octave of power."""

    offset: int
    """Level of a power of 1 in the firmware's units, half a level more for rounding."""


def tables(features: FeatureSpec) -> FrontendTables:
    """Tables for `features`; BundleError when the firmware's transform does not have its length."""
    half = features.window // 2
    radices = _radices(half)
    first, interval, rise = _bands(features)
    per_octave = math.log(2) * (LEVELS - 1) / (features.ceiling - features.floor)
    # octaves between a power as the firmware sums it and the power of samples between -1 and 1
    halvings = len(radices) - 1
    octaves = 2 * (SAMPLE_BITS - halvings) - POWER_BITS + WEIGHT_BITS + 2 * math.log2(INT16_SCALE)
    lowest = -features.floor * (LEVELS - 1) / (features.ceiling - features.floor)
    angles = 2 * np.pi * np.arange(half // 2) / features.window
    return FrontendTables(
        radices=radices,
        window=_fixed(Frontend(features).window.numpy()),
        twiddle=_turns(np.concatenate(_stages(half, radices))),
        turn=_turns(angles),
        first_bin=first,
        interval=interval,
        rise=rise,
        logarithm=np.rint(np.log2(1 + np.arange(LOGARITHM_SEGMENTS + 1) / LOGARITHM_SEGMENTS) * 2**LOGARITHM_BITS),
        gain=round(per_octave * 2**GAIN_BITS),
        offset=round((lowest + 0.5 - octaves * per_octave) * 2 ** (GAIN_BITS + LOGARITHM_BITS)),
    )


def _radices(length: int) -> list[int]:
    """Factors of `length`, of which the last stage has one without twiddle factors."""
    found, rest = [], length
    for radix in RADICES:
        while rest % radix == 0:
            found.append(radix)
            rest //= radix
    if rest > 1 or found[-1:] != [RADICES[-1]]:
        raise BundleError(
            f"the bundle's window has {2 * length} samples, expected ten times a product of 2, 4 and 5 for the "
            "firmware's transform; change it in the recipe and train again"
        )
    return found


def _stages(length: int, radices: list[int]) -> list[Array]:
    """Angles of the twiddle factors of each stage but the last, (group, radix - 1) flattened."""
    angles = []
    for radix in radices[:-1]:
        groups = np.arange(length // radix)[:, None]
        angles.append((2 * np.pi * groups * np.arange(1, radix) / length).ravel())
        length //= radix
    return [*angles, np.empty(0)]


def _turns(angles: Array) -> Array:
    return np.stack([_fixed(np.cos(angles)), _fixed(-np.sin(angles))], 1)


def _fixed(values: Array) -> Array:
    result: Array = np.clip(np.rint(values * 2.0**31), -ONE, ONE).astype(np.int64)
    return result


def _bands(features: FeatureSpec) -> tuple[int, Array, Array]:
    """First bin, bins of each interval between centres, and each bin's share in the upper band of its interval."""
    bank = Frontend(features).bank.numpy()
    used = np.flatnonzero(bank.any(1))
    first, last = int(used[0]), int(used[-1]) + 1
    padded = np.pad(bank[first:last], ((0, 0), (1, 1)))
    padded[:, 0] = np.maximum(1 - padded.sum(1), 0) * (np.arange(first, last) < bank[:, 0].argmax())
    interval = padded.argmax(1) - (padded.argmax(1) > (padded > 0).argmax(1))
    rise = 1 - padded[np.arange(len(padded)), interval]
    counts = np.bincount(interval, minlength=features.mels + 1)
    shares = np.minimum(np.rint(rise * 2**WEIGHT_BITS), 2**WEIGHT_BITS - 1)
    if np.any(np.diff(interval) < 0) or not np.allclose(_bank(interval, rise, features, first), bank):
        raise BundleError("the bundle's mel bands are not triangles that add up to 1; the firmware knows no others")
    return first, counts, shares


def _bank(interval: Array, rise: Array, features: FeatureSpec, first: int) -> Array:
    """The filter bank that intervals and shares describe, (frequency, mel)."""
    bank = np.zeros((features.window // 2 + 1, features.mels + 2))
    rows = first + np.arange(len(rise))
    bank[rows, interval] += 1 - rise
    bank[rows, interval + 1] += rise
    return bank[:, 1:-1]
