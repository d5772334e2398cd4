"""The protocol: what is a hit, what a miss, what a false accept."""

from __future__ import annotations

import pytest

from watchword import Event
from watchword_training.evaluate import Evaluation, poisson_interval, wilson_interval


def peak(time: float, score: float) -> Event:
    return Event("activate", time, score)


def test_a_peak_in_the_window_is_a_hit_up_to_its_edge() -> None:
    """
    From the word's start to 0.75 s after its end counts; beyond is a miss and a false accept.
    """
    inside, outside = Evaluation(), Evaluation()

    inside.add([peak(2.75, 0.9)], [(1.0, 2.0)], 10)
    outside.add([peak(2.76, 0.9)], [(1.0, 2.0)], 10)

    assert inside.words == [0.9]
    assert inside.false_accepts == []
    assert outside.words == [0.0]
    assert outside.false_accepts == [0.9]


def test_a_second_peak_in_a_window_is_a_false_accept() -> None:
    """
    One word, two events: the better one is the hit.
    """
    evaluation = Evaluation()

    evaluation.add([peak(1.5, 0.6), peak(2.2, 0.8)], [(1.0, 2.0)], 10)

    assert evaluation.words == [0.8]
    assert evaluation.false_accepts == [0.6]


def test_a_peak_belongs_to_the_word_that_has_ended() -> None:
    """
    A peak between two words in a breath is the first one's, though the second has begun.
    """
    evaluation = Evaluation()

    evaluation.add([peak(1.64, 0.9), peak(2.88, 0.8)], [(0.81, 1.45), (1.47, 2.55)], 10)

    assert evaluation.words == [0.9, 0.8]
    assert evaluation.false_accepts == []


def test_hours_leave_the_windows_out() -> None:
    """
    Only audio without the word counts toward the rate.
    """
    evaluation = Evaluation()

    evaluation.add([], [(1.0, 2.0)], 3_601.75)

    assert evaluation.hours == pytest.approx(1.0)


def test_figures_at_a_threshold() -> None:
    """
    A score at the threshold is an event; one below is none.
    """
    evaluation = Evaluation(words=[0.9, 0.5, 0.2, 0.0], false_accepts=[0.5, 0.4], hours=2.0)

    figures = evaluation.figures(0.5)

    assert (figures["missed"], figures["false_accepts"]) == (2, 1)
    assert figures["false_accepts_per_hour"] == 0.5


def test_the_threshold_keeps_to_the_rate() -> None:
    """
    The lowest threshold for a count lets through as many false accepts as that, not one more.
    """
    evaluation = Evaluation(false_accepts=[0.9, 0.8, 0.7, 0.6], hours=4.0)

    for allowed in range(5):
        assert evaluation.figures(evaluation.threshold(allowed))["false_accepts"] == allowed


def test_words_in_a_breath_have_a_window_each() -> None:
    """
    Where two windows overlap, each word gets its own peak.
    """
    evaluation = Evaluation()

    evaluation.add([peak(1.45, 0.8), peak(2.24, 0.9)], [(1.0, 1.5), (1.7, 2.1)], 10)

    assert evaluation.words == [0.8, 0.9]
    assert evaluation.false_accepts == []
    assert evaluation.hours == pytest.approx((10 - 1.85) / 3600)  # 1.0 to 2.85 s, counted once


def test_intervals_are_the_published_ones() -> None:
    """
    Without events in T hours the rate is below 3.69 / T, two give 0.24 to 7.22; Wilson's 5 of 100 is 2.2 to 11.2.
    """
    expected = [(0.0, 3.689), (0.242, 7.225), (0.0215, 0.1118)]

    measured = [poisson_interval(0), poisson_interval(2), wilson_interval(5, 100)]

    for (low, high), interval in zip(expected, measured, strict=True):
        assert interval[0] == pytest.approx(low, abs=1e-3)
        assert interval[1] == pytest.approx(high, abs=1e-3)
