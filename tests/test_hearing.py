"""A whole recording: its tail, its times."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from watchword import Detector
from watchword.bundle import load
from watchword.hearing import TAIL_SECONDS, hear


def test_a_word_at_the_very_end_is_heard(loudness: Path) -> None:
    """
    What only the tail completes is an event, and its time is not after the end.
    """
    detector = Detector(loudness)
    step = load(loudness).manifest.samples_per_step
    end_of_word = np.concatenate([np.zeros(step, np.int16), np.full(step // 2, 30_000, np.int16)])

    within, whole = detector.push(end_of_word), hear(detector, [end_of_word])

    assert within == []
    assert len(whole.events) == 1
    assert whole.events[0].time <= whole.seconds
    assert whole.peaks[0].time <= whole.seconds


def test_the_tail_is_no_part_of_the_duration(loudness: Path) -> None:
    """
    The duration is the recording's; the smoothed probability covers the tail besides.
    """
    manifest = load(loudness).manifest
    blocks = [np.zeros(7_777, np.int16)] * 4

    heard = hear(Detector(loudness), blocks, keep_pcm=True)

    assert heard.seconds == 4 * 7_777 / manifest.sample_rate
    assert len(heard.pcm) == 4 * 7_777
    assert len(heard.smoothed) == int((heard.seconds + TAIL_SECONDS) / manifest.step_seconds)
