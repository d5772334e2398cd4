"""What is said in a clip, and where."""

from __future__ import annotations

from collections import Counter

import numpy as np

from watchword_training.data_specs import ClipSpec
from watchword_training.excerpts import LONGEST
from watchword_training.foreground import SPEEDS, TRUNCATED, Foreground, Word
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.sounds import Sound, Sounds


def voice(level: int, seconds: float = 0.6, word: tuple[int, int] | None = None) -> Sound:
    pcm = np.full(round(seconds * SAMPLE_RATE), level, np.int16)
    return Sound(pcm, f"level {level}", word or (0, len(pcm)))


def said(spec: ClipSpec, sounds: Sounds, clips: int = 200) -> list[list[Word]]:
    foreground = Foreground(spec, sounds)
    return [foreground.draw(np.random.default_rng(seed))[1] for seed in range(clips)]


def test_a_word_in_a_phrase_ends_where_the_word_ends() -> None:
    """
    The span is the word's, not the phrase's, at the speed that the sound was given.
    """
    phrase = voice(1_000, 2.0, (8_000, 19_200))
    silent = np.concatenate([np.zeros(8_000, np.int16), np.full(11_200, 9_000, np.int16), np.zeros(12_800, np.int16)])
    sounds = {"positive": [Sound(silent, "p", phrase.word)], "near": [voice(0, 0.3)]}
    foreground = Foreground(ClipSpec(silent_positives=0.0, max_words=1), sounds)

    for seed in range(30):
        speech, words = foreground.draw(np.random.default_rng(seed))
        whole = [w for w in words if w.positive]
        for word in whole:
            loud = np.flatnonzero(np.abs(speech[word.start - 800 : word.end + 800]) > 0.5)
            assert abs(loud[0] - 800) < 40
            assert abs(loud[-1] - 800 - (word.end - word.start)) < 40
            assert SPEEDS[0] - 0.01 < 11_200 / (word.end - word.start) < SPEEDS[1] + 0.01


def test_negatives_are_of_every_kind_that_there_is() -> None:
    """
    Real speech takes its share, confusable words theirs, and the word cut off is among them, never as a positive.
    """
    sounds = {kind: [voice(1_000)] for kind in ("positive", "near", "rhythm", "partial", "ordinary", "speech")}
    sounds["sentence"] = [voice(1_000, 6.0)]
    spec = ClipSpec(real=0.4, confusable=0.5)

    words = [w for clip in said(spec, sounds, 600) for w in clip]

    negatives = Counter(w.kind for w in words if not w.positive)
    total = sum(negatives.values())
    assert 0.33 < negatives["speech"] / total < 0.47
    assert 0.2 < sum(negatives[k] for k in ("near", "rhythm", "partial", TRUNCATED)) / total < 0.4
    assert all(w.kind == "positive" for w in words if w.positive)
    assert max(w.end - w.start for w in words) <= LONGEST / SPEEDS[0] + 1


def test_hard_sounds_are_heard_as_often_as_asked() -> None:
    """
    With hard negatives at hand, they take their share of all negatives.
    """
    sounds = {kind: [voice(1_000)] for kind in ("positive", "near", "speech", "hard")}

    words = [w for clip in said(ClipSpec(hard=0.5), sounds, 600) for w in clip if not w.positive]

    assert 0.43 < sum(w.kind == "hard" for w in words) / len(words) < 0.57


def test_own_recordings_take_their_share_of_the_positives() -> None:
    """
    A person's own recordings of the word replace renderings as often as `real` says.
    """
    sounds = {"positive": [voice(1_000)], "own": [voice(2_000)], "near": [voice(3_000)]}

    words = [w for clip in said(ClipSpec(real=0.3), sounds, 600) for w in clip if w.positive]

    assert 0.23 < sum(w.source == "level 2000" for w in words) / len(words) < 0.37


def test_a_phrase_may_be_held_up_and_a_single_word_never_is() -> None:
    """
    Pauses go into phrases and into their neighbours alike, but into no real speech.
    """
    half = np.full(4_000, 1_000, np.int16)
    parts = Sound.of(np.concatenate([half, np.zeros(800, np.int16), half]))
    sounds = {"positive": [parts], "near": [parts], "speech": [parts]}
    spec = ClipSpec(paused=1.0, real=0.5, confusable=1.0)

    longest: dict[bool, dict[str, int]] = {}
    for phrase in (False, True):
        foreground = Foreground(spec, sounds, phrase)
        clips = [foreground.draw(np.random.default_rng(seed))[1] for seed in range(100)]
        words = [word for clip in clips for word in clip]
        kinds = {word.kind for word in words}
        longest[phrase] = {kind: max(w.end - w.start for w in words if w.kind == kind) for kind in kinds}

    assert longest[False]["positive"] <= len(parts.pcm) / SPEEDS[0] + 1
    assert min(longest[True]["positive"], longest[True]["near"]) > len(parts.pcm) / SPEEDS[0] + 800
    assert longest[True]["speech"] <= len(parts.pcm) / SPEEDS[0] + 1
