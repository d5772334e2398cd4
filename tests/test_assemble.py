"""How a bundle's threshold is chosen."""

from __future__ import annotations

import pytest

from watchword.errors import RecipeError
from watchword_training.assemble import _threshold
from watchword_training.evaluate import Evaluation
from watchword_training.model_specs import TriggerSpec

SPEC = TriggerSpec(false_accepts_per_hour=0.2, mixed_false_accepts_per_hour=3.0)
CLIPS = Evaluation([], [0.9, 0.8, 0.7, 0.6, 0.55], 1.0)


@pytest.mark.parametrize(
    ("recordings", "threshold"),
    [
        (Evaluation([], [], 0.0), 0.6001),
        (Evaluation([], [0.5, 0.4], 2.0), 0.6001),
        (Evaluation([], [0.95, 0.4], 2.0), 0.9501),
        (Evaluation([], [0.95, 0.85, 0.4], 5.0), 0.8501),
    ],
)
def test_the_threshold_keeps_to_both_rates(recordings: Evaluation, threshold: float) -> None:
    """
    Three false accepts in an hour of clips, none in two hours of recordings, one in five: the higher threshold of both.
    """
    assert _threshold(SPEC, CLIPS, recordings) == pytest.approx(threshold)


def test_a_threshold_is_never_below_one_half() -> None:
    """
    Where nothing is taken for the word, the threshold is one half.
    """
    assert _threshold(SPEC, Evaluation([], [], 1.0), Evaluation([], [0.3], 1.0)) == 0.5


def test_a_threshold_that_nothing_could_reach_is_refused() -> None:
    """
    When no threshold is high enough, the error says on what, and what to do.
    """
    with pytest.raises(RecipeError, match=r"on 2\.0 h of validation recordings.* leave out"):
        _threshold(SPEC, CLIPS, Evaluation([], [1.0], 2.0))
