"""Probabilities to events."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchword import Bundle
from watchword.trigger import Firing, Trigger, TriggerSettings, peaks

SETTINGS = TriggerSettings(threshold=0.6, release=0.3, smoothing=1, refractory=3)
PROBABILITIES = st.lists(st.floats(0, 1, width=32), max_size=60)


def steps(chosen: TriggerSettings, probabilities: list[float]) -> list[int]:
    """Steps at which a new trigger fires."""
    return [firing.step for firing in Trigger(chosen).push(np.array(probabilities))[1]]


def test_mean_starts_at_zero() -> None:
    """
    The steps before the first count as zeros in the running mean.
    """
    trigger = Trigger(replace(SETTINGS, smoothing=4))

    smoothed, _ = trigger.push(np.array([1.0, 1.0, 0.0, 1.0, 1.0]))

    assert smoothed.tolist() == [0.25, 0.5, 0.5, 0.75, 0.75]


def test_score_is_the_mean() -> None:
    """
    A firing carries the running mean at its step, not the probability.
    """
    trigger = Trigger(replace(SETTINGS, smoothing=2))

    _, firings = trigger.push(np.array([0.5, 1.0]))

    assert firings == [Firing(1, 0.75)]


def test_long_word_fires_once() -> None:
    """
    A mean that stays above the threshold fires at its first step and never again.
    """
    assert steps(SETTINGS, [0.0, *[1.0] * 50]) == [1]


def test_threshold_is_inclusive() -> None:
    """
    A mean equal to the threshold fires; one just below does not.
    """
    assert steps(SETTINGS, [0.6]) == [0]
    assert steps(SETTINGS, [np.nextafter(0.6, 0.0)]) == []


@pytest.mark.parametrize(("valley", "expected"), [(0.3, [0]), (np.nextafter(0.3, 0.0), [0, 10])])
def test_hysteresis(valley: float, expected: list[int]) -> None:
    """
    A second firing needs the mean to have been below the release, not merely below the threshold.
    """
    assert steps(SETTINGS, [1.0, *[valley] * 9, 1.0]) == expected


@pytest.mark.parametrize("refractory", [1, 3, 5])
def test_refractory(refractory: int) -> None:
    """
    After a firing, exactly `refractory` steps cannot fire.
    """
    chosen = replace(SETTINGS, refractory=refractory)

    assert steps(chosen, [1.0, 0.0, *[1.0] * 20]) == [0, 1 + refractory]


@settings(deadline=None)
@given(before=PROBABILITIES, after=PROBABILITIES)
def test_reset_is_new(before: list[float], after: list[float]) -> None:
    """
    After a reset nothing of what came before shows.
    """
    chosen = replace(SETTINGS, smoothing=3)
    used, new = Trigger(chosen), Trigger(chosen)
    used.push(np.array(before))

    used.reset()

    smoothed, firings = used.push(np.array(after))
    expected_smoothed, expected_firings = new.push(np.array(after))
    assert smoothed.tolist() == expected_smoothed.tolist()
    assert firings == expected_firings


@settings(deadline=None)
@given(probabilities=PROBABILITIES, cuts=st.lists(st.integers(0, 60), max_size=5))
def test_cuts_change_nothing(probabilities: list[float], cuts: list[int]) -> None:
    """
    Means and firings are the same however the probabilities are cut into pushes.
    """
    chosen = replace(SETTINGS, smoothing=3)
    whole, cut = Trigger(chosen), Trigger(chosen)
    smoothed, firings = whole.push(np.array(probabilities))

    parts = [cut.push(part) for part in np.split(np.array(probabilities), sorted(cuts))]

    assert np.concatenate([means for means, _ in parts]).tolist() == smoothed.tolist()
    assert [firing for _, fired in parts for firing in fired] == firings


def test_other_threshold_scales_release(bundle: Bundle) -> None:
    """
    Half the threshold comes with half the release.
    """
    own = TriggerSettings.of(bundle.manifest)

    halved = TriggerSettings.of(bundle.manifest, own.threshold / 2)

    assert halved == replace(own, threshold=own.threshold / 2, release=own.release / 2)


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.1, float("nan")])
def test_impossible_threshold(threshold: float, bundle: Bundle) -> None:
    """
    A threshold outside (0, 1] is refused.
    """
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        TriggerSettings.of(bundle.manifest, threshold)


def test_higher_peak_wins() -> None:
    """
    Of two maxima within a refractory period the higher is kept, whichever comes first.
    """
    assert peaks(np.array([0.0, 0.5, 0.1, 0.9, 0.0]), 3) == [Firing(3, 0.9)]
    assert peaks(np.array([0.0, 0.9, 0.1, 0.5, 0.0]), 3) == [Firing(1, 0.9)]


def test_peak_distance() -> None:
    """
    Maxima `refractory` steps apart are one peak, one step further they are two.
    """
    smoothed = np.array([0.9, 0.1, 0.1, 0.5])

    assert [peak.step for peak in peaks(smoothed, 3)] == [0]
    assert [peak.step for peak in peaks(smoothed, 2)] == [0, 3]


def test_plateau_is_one_peak() -> None:
    """
    Equal neighbours are one maximum, at their first step.
    """
    assert peaks(np.array([0.2, 0.7, 0.7, 0.7, 0.2]), 0) == [Firing(1, 0.7)]


def test_silence_has_no_peak() -> None:
    """
    A probability of zero is no maximum.
    """
    assert peaks(np.zeros(9), 2) == []
    assert peaks(np.empty(0), 2) == []


@settings(deadline=None)
@given(smoothed=PROBABILITIES, refractory=st.integers(0, 9))
def test_peaks_keep_their_distance(smoothed: list[float], refractory: int) -> None:
    """
    Peaks come in order, more than a refractory period apart, and the highest value is among them.
    """
    found = peaks(np.array(smoothed), refractory)

    assert all(b.step - a.step > refractory for a, b in pairwise(found))
    assert max((peak.score for peak in found), default=0.0) == max(smoothed, default=0.0)


@settings(deadline=None)
@given(heights=st.lists(st.integers(1, 10), max_size=8), threshold=st.integers(1, 10))
def test_peaks_count_events(heights: list[int], threshold: int) -> None:
    """
    For words a refractory period apart, the peaks at or above a threshold are as many as its events.
    """
    chosen = replace(SETTINGS, threshold=threshold / 10, release=threshold / 20)
    probabilities = [p for height in heights for p in (height / 20, height / 10, height / 20, 0.0, 0.0)]

    smoothed, firings = Trigger(chosen).push(np.array(probabilities))

    high = [peak for peak in peaks(smoothed, chosen.refractory) if peak.score >= chosen.threshold]
    assert len(high) == len(firings)
