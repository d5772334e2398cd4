"""What is done to a sound before it is placed."""

from __future__ import annotations

import numpy as np

from watchword_training.excerpts import PAUSE, paused
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.sounds import Sound

CARRIER = 4_000
"""Samples around the word."""


def word(closure: int) -> Sound:
    """Half a second of a loud vowel with 60 ms at level `closure` in its middle, inside a phrase."""
    vowel = (8_000 * np.sin(np.arange(SAMPLE_RATE // 4) / 10)).astype(np.int16)
    said = np.concatenate([vowel, np.full(960, closure, np.int16), vowel])
    around = np.full(CARRIER, 3_000, np.int16)
    return Sound(np.concatenate([around, said, around]), "a word", (CARRIER, CARRIER + len(said)))


def test_a_word_is_held_up_where_it_is_quiet() -> None:
    """
    The pause lies in the closure, nothing of the sound is lost, and the word ends as much later.
    """
    sound = word(10)
    held = paused(np.random.default_rng(0), sound)

    added = len(held.pcm) - len(sound.pcm)
    assert PAUSE[0] <= added / SAMPLE_RATE <= PAUSE[1]
    assert held.word == (sound.word[0], sound.word[1] + added)
    closure = CARRIER + SAMPLE_RATE // 4
    place = closure + int((held.pcm[closure:] == 0).argmax())
    assert place < closure + 960
    assert np.array_equal(np.delete(held.pcm, np.s_[place : place + added]), sound.pcm)


def test_a_word_without_a_quiet_place_is_not_held_up() -> None:
    """
    A pause in the middle of a vowel is nobody's way of speaking.
    """
    sound = word(5_000)

    assert paused(np.random.default_rng(0), sound) is sound
    assert paused(np.random.default_rng(0), Sound.of(np.zeros(100, np.int16))).pcm.shape == (100,)
