"""The comparison with other engines: the same stream for all, counted the same way."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.peers import engines, quality, streams

from watchword import Detector
from watchword.network import Pcm
from watchword_training.evaluate import Evaluation

BLOCK = engines.BLOCK


def test_words_lie_in_the_stream_where_they_are_said_to_lie() -> None:
    """
    The samples between a word's start and end are its own, and silence lies on both sides.
    """
    recordings = [np.full(n, n, np.int16) for n in (16_000, 24_000, 8_000)]

    stream, spans = streams.joined(recordings, 2)

    for (start, end), pcm in zip(spans, recordings, strict=False):
        first, last = round(start * 16_000), round(end * 16_000)
        assert np.array_equal(stream[first:last], pcm)
        assert stream[first - 1] == stream[last] == 0
    assert len(spans) == 2


def test_scores_in_a_words_window_are_hits_and_others_false_accepts() -> None:
    """
    Of three peaks, the one in the word's window is its score and the two outside are false accepts.
    """
    scores = np.zeros(200, np.float32)
    scores[[20, 60, 150]] = [0.9, 0.7, 0.4]

    found = streams.evaluation(scores, BLOCK, [(60 * 0.08, 60 * 0.08 + 0.5)], 200 * BLOCK)

    assert found.words == pytest.approx([0.7])
    assert sorted(found.false_accepts) == pytest.approx([0.4, 0.9])


def test_watchword_is_heard_as_anywhere_else(clip: Pcm) -> None:
    """
    The engine that stands for this project gives the smoothed probabilities of its detector.
    """
    whole = len(clip) // BLOCK * BLOCK
    detector = Detector()
    detector.push(clip[:whole])

    engine = engines.ENGINES["watchword"](1)
    scores = [score for start in range(0, whole, BLOCK) for score in engine.feed(clip[start : start + BLOCK])]

    assert scores == detector.smoothed.tolist()


def test_near_words_are_counted_at_the_own_threshold_and_where_few_people_are_missed() -> None:
    """
    Of two near words one reaches the threshold, both reach the score below which 3 % of the people lie.
    """
    people = Evaluation(words=[0.5, *np.linspace(0.6, 1.0, 99)], false_accepts=[0.95, 0.2], hours=1.0)
    near = Evaluation(words=[0.92, 0.7])

    found = quality.accepted(0.9, people, near)

    assert found["accepted"] == 1
    assert found["accepted_where_few_are_missed"] == 2
    assert found["false_accepts"] == 1
    assert found["missed"] == pytest.approx(0.75, abs=0.01)


def test_an_engine_that_says_yes_or_no_has_no_other_threshold() -> None:
    """
    More people are missed than are to be missed: no threshold gives that share.
    """
    assert (
        quality.accepted(0.5, Evaluation([0.0, 0.0, 1.0]), Evaluation([1.0]))["accepted_where_few_are_missed"] is None
    )
