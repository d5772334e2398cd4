"""The firmware on an emulated board."""

from __future__ import annotations

TABLE_STEPS = 16_384
"""What the firmware's probabilities count up to."""


def least_sum(mean: float, smoothing: int) -> int:
    """The least sum of `smoothing` whole-numbered probabilities whose mean, as `Trigger` computes it, reaches `mean`."""
    first = int(mean * smoothing * TABLE_STEPS)
    return next(s for s in range(max(first - 1, 0), first + 3) if s / TABLE_STEPS / smoothing >= mean)
