"""How a bundle's threshold is chosen."""

from __future__ import annotations

import numpy as np
import pytest

from watchword.errors import RecipeError
from watchword_training import threshold
from watchword_training.evaluate import Evaluation
from watchword_training.model_specs import TriggerSpec

SPEC = TriggerSpec(false_accepts_per_hour=0.2, mixed_false_accepts_per_hour=3.0)
NONE = Evaluation([], [], 1.0)


def heights(hours: float, rng: np.random.Generator) -> Evaluation:
    """Twenty false accepts per hour whose logits lie above -1 as an exponential does."""
    logits = -1 + rng.exponential(0.5, rng.poisson(20 * hours))
    return Evaluation([], list(1 / (1 + np.exp(-logits))), hours)


def test_unheard_hours_keep_to_the_rate() -> None:
    """
    Half of all thresholds chosen on 2.5 hours let through 0.2 false accepts per hour of further audio, or fewer.

    They let through fewer than the highest false accept seen would.
    """
    rng = np.random.default_rng(0)
    chosen: list[float] = []
    highest: list[float] = []
    for _ in range(400):
        seen, unseen = heights(2.5, rng), heights(10, rng)
        for rates, value in ((chosen, threshold.choose(SPEC, NONE, seen)), (highest, seen.threshold(0))):
            rates.append(unseen.figures(value)["false_accepts"] / unseen.hours)

    assert np.median(chosen) == pytest.approx(0.2)
    assert np.mean(chosen) < 0.9 * np.mean(highest)


def test_the_stricter_of_both_rates_counts() -> None:
    """
    Mixed clips and recordings each ask for a threshold, the higher one is taken.
    """
    rng = np.random.default_rng(1)
    clips, recordings = heights(2, rng), heights(2, rng)
    alone = [threshold.choose(SPEC, clips, NONE), threshold.choose(SPEC, NONE, recordings)]

    assert threshold.choose(SPEC, clips, recordings) == max(alone)
    assert alone[0] < alone[1]


def test_many_false_accepts_need_no_tail() -> None:
    """
    Where more are allowed than the tail has, the threshold lies just above the first that is too many.
    """
    seen = [i / 1_000 for i in range(1_000)]

    assert threshold.expecting(100, Evaluation([], seen, 1.0)) == pytest.approx(0.899)


@pytest.mark.parametrize(("seen", "expected"), [([], 0.0), ([0.7], 0.7), ([0.7, 0.7, 0.7], 0.7)])
def test_few_false_accepts(seen: list[float], expected: float) -> None:
    """
    Without a tail, the threshold lies no higher than what was seen.
    """
    assert threshold.expecting(0.1, Evaluation([], seen, 1.0)) == pytest.approx(expected)


def test_a_threshold_is_never_below_one_half() -> None:
    """
    Where nothing is taken for the word, the threshold is one half.
    """
    assert threshold.choose(SPEC, NONE, Evaluation([], [0.3], 1.0)) == 0.5


def test_a_threshold_is_never_out_of_reach() -> None:
    """
    However long the tail, the network can reach the threshold.
    """
    assert threshold.choose(SPEC, NONE, Evaluation([], [0.999, 0.99, *[0.5] * 20], 2.0)) <= threshold.HIGHEST


def test_a_threshold_that_nothing_could_reach_is_refused() -> None:
    """
    When no threshold is high enough, the error says on what, and what to do.
    """
    with pytest.raises(RecipeError, match=r"on 2\.0 h of validation recordings.* leave out"):
        threshold.choose(SPEC, NONE, Evaluation([], [1.0], 2.0))
