"""Several words at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from watchword import Bundle, BundleError, Detector, Detectors
from watchword.bundle import load
from watchword.listen import chosen
from watchword.network import Pcm


@pytest.fixture(scope="module")
def other(bundle: Bundle) -> Bundle:
    """The shipped model under another name and with a longer refractory period."""
    return replace(bundle, manifest=replace(bundle.manifest, word="other", refractory=200))


def test_each_word_is_heard_as_if_it_were_alone(bundle: Bundle, other: Bundle, clip: Pcm) -> None:
    """
    Events and probabilities of two words in one pass are those of a detector for each, in the order of their times.
    """
    alone = Detector(bundle, 0.01), Detector(other, 0.02)
    expected = [event for detector in alone for event in detector.push(clip)]
    both = Detectors([bundle, other], {"activate": 0.01, "other": 0.02})

    events = both.push(clip)

    assert len({event.word for event in events}) == 2
    assert events == sorted(expected, key=lambda event: event.time)
    for detector, smoothed in zip(alone, both.smoothed.values(), strict=True):
        assert np.array_equal(detector.smoothed, smoothed)


def test_reset_forgets_the_audio_of_every_word(bundle: Bundle, other: Bundle, clip: Pcm) -> None:
    """
    After a reset the same audio gives the same events at the same times.
    """
    both = Detectors([bundle, other], {"activate": 0.01, "other": 0.01})
    first = both.push(clip)

    both.reset()

    assert both.push(clip) == first


def test_what_cannot_be_heard_together_is_refused(bundle: Bundle, other: Bundle) -> None:
    """
    The same word twice, no word, a threshold without its model, and two sample rates are errors that name them.
    """
    fast = replace(other, manifest=replace(other.manifest, sample_rate=48_000))

    for models, thresholds, reason in (
        ([bundle, bundle], {}, "hear activate, activate; expected .* a word of its own"),
        ([], {}, "hear nothing"),
        ([bundle], {"computer": 0.5}, "threshold for computer, but the models hear activate"),
        ([bundle, fast], {}, r"take \[16000, 48000\] samples per second"),
    ):
        with pytest.raises(BundleError, match=reason):
            Detectors(models, thresholds)


def test_a_threshold_without_a_word_is_for_those_without_their_own(bundle: Bundle) -> None:
    """
    The command line's bare threshold holds for every word but those that are named.
    """
    folder = str(load("activate").folder)

    bare = chosen([folder], [(None, 0.3)]).thresholds
    named = chosen([folder], [("activate", 0.4), (None, 0.3)]).thresholds

    assert bare == {"activate": 0.3}
    assert named == {"activate": 0.4}
