"""Given recordings as they are, in stretches."""

from __future__ import annotations

import numpy as np
import pytest
from tests.engine import QUIET, burst

from watchword_training.data_specs import ClipSpec
from watchword_training.recipe import Recipe
from watchword_training.sounds import Sounds
from watchword_training.stretches import Stretches

SOUNDS: Sounds = {
    "positive": [burst(0, 0.6)],
    "sentence": [burst(1, 30.0)],
    "speech": [burst(2, 9.0), burst(3, 0.4), burst(4, 25.0)],
    "noise": [burst(5, 9.0)],
}


def stretches(sounds: Sounds) -> Stretches:
    return Stretches(Recipe(channel=QUIET), "train", sounds)


def test_every_second_of_the_recordings_is_in_one_stretch() -> None:
    """
    Stretches follow one another across recordings, spoken ones first; the word and the voices are in none of them.
    """
    found = stretches(SOUNDS)
    expected = np.concatenate([sound.pcm for kind in ("speech", "noise") for sound in SOUNDS[kind]]).astype(float)

    clips = [found.clip(i) for i in range(len(found))]

    assert len(clips) == 4  # of 43.4 s
    for number, clip in enumerate(clips):
        told = expected[number * 160_000 :][:160_000]
        assert np.corrcoef(clip.pcm, told)[0, 1] > 0.9999
        assert not clip.words
    assert [clip.made["recordings"] for clip in clips[:2]] == [["burst 2", "burst 3", "burst 4"], ["burst 4"]]
    assert clips[1].made["offset"] == 9_600  # 9.0 + 0.4 + 0.6 s


def test_after_the_last_the_first_is_heard_in_another_way() -> None:
    """
    Further stretches are the same recordings at other levels.
    """
    found = stretches(SOUNDS)

    first, again = found.clip(1), found.clip(1 + len(found))

    assert np.corrcoef(first.pcm, again.pcm)[0, 1] > 0.9999
    assert first.made["level"] != again.made["level"]
    assert first.made["recordings"] == again.made["recordings"]


def test_stretches_are_heard_at_the_levels_of_clips() -> None:
    """
    Each is between the quietest and the loudest word of the recipe, the same every time.
    """
    found = stretches(SOUNDS)

    levels = [20 * np.log10(np.sqrt(np.square(found.clip(i).pcm / 32_768).mean())) for i in range(4)]

    assert levels == pytest.approx([found.clip(i).made["level"] for i in range(4)], abs=0.1)
    assert len({round(level) for level in levels}) > 1
    assert all(ClipSpec.min_level <= level <= ClipSpec.max_level for level in levels)


@pytest.mark.parametrize("sounds", [{}, {"speech": [burst(0, 9.9)]}])
def test_without_ten_seconds_there_are_none(sounds: Sounds) -> None:
    """
    No recordings, or less than one stretch of them, are no error.
    """
    assert len(stretches(sounds)) == 0
