"""Detection error trade-off: misses against false accepts per hour, over every threshold (Martin et al. 1997)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from watchword_training.evaluate import Evaluation, wilson_interval

RATES = (0.5, 0.1)
"""False accepts per hour of the headline figures."""

GRID = np.logspace(-1, 1, 41)
"""False accepts per hour between which the area is taken."""


def missed(evaluation: Evaluation, threshold: float) -> float:
    """Share of the words that score below `threshold`."""
    return sum(score < threshold for score in evaluation.words) / len(evaluation.words)


def miss_rates(evaluation: Evaluation, rates: npt.NDArray[np.float64] = GRID) -> list[float]:
    """Miss rate at the lowest threshold that keeps to each rate (false accepts per hour)."""
    return [missed(evaluation, evaluation.threshold(int(rate * evaluation.hours))) for rate in rates]


def area(evaluation: Evaluation) -> float:
    """Mean miss rate over the logarithm of the rate, from 0.1 to 10 false accepts per hour; lower is better."""
    return float(np.mean(miss_rates(evaluation)))


def headline(evaluation: Evaluation) -> dict[str, Any]:
    """Miss rates with Wilson intervals at the headline rates, and the area. Rates below 1 / hours allow none at all."""
    at = {}
    for rate in RATES:
        threshold = evaluation.threshold(int(rate * evaluation.hours))
        share = missed(evaluation, threshold)
        interval = wilson_interval(round(share * len(evaluation.words)), len(evaluation.words))
        at[str(rate)] = {
            "threshold": round(threshold, 4),
            "miss_rate": round(share, 4),
            "miss_rate_interval": [round(bound, 4) for bound in interval],
        }
    return {"at": at, "area": round(area(evaluation), 4)}


def curve(evaluation: Evaluation) -> list[tuple[float, float]]:
    """(false accepts per hour, miss rate) at every false accept, the highest threshold first."""
    heights = sorted(evaluation.false_accepts, reverse=True)
    allowed = sorted({*range(min(len(heights), 40)), *np.geomspace(1, max(len(heights), 1), 60).astype(int).tolist()})
    return [
        (round(count / evaluation.hours, 4), round(missed(evaluation, evaluation.threshold(count)), 4))
        for count in allowed
        if count <= len(heights)
    ]
