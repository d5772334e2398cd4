"""The mixer and its labels."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.engine import QUIET, burst

from watchword_training.clips import BACKGROUND_LEVEL, Clip, Mixer
from watchword_training.data_specs import ClipSpec
from watchword_training.foreground import GAP, TIGHT
from watchword_training.labels import targets
from watchword_training.model_specs import FitSpec
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.sounds import Sounds


@pytest.fixture(scope="module")
def sounds() -> Sounds:
    return {
        "positive": [burst(0, 0.6), burst(1, 0.8)],
        "near": [burst(2, 0.5)],
        "sentence": [burst(3, 6.0)],
        "speech": [burst(4, 9.0)],
        "noise": [burst(5, 3.0)],
    }


@pytest.fixture(scope="module")
def clips(sounds: Sounds) -> list[Clip]:
    mixer = Mixer(Recipe(), "train", sounds)
    return [mixer.clip(i) for i in range(120)]


def test_a_clip_depends_on_its_index_alone(sounds: Sounds, clips: list[Clip]) -> None:
    """
    Another mixer, asked in another order, makes the same samples.
    """
    other = Mixer(Recipe(), "train", sounds)

    for index in (99, 7, 0):
        again = other.clip(index)
        assert np.array_equal(again.pcm, clips[index].pcm)
        assert again.words == clips[index].words


def test_splits_and_seeds_differ(sounds: Sounds, clips: list[Clip]) -> None:
    """
    The same index of another split, or under another seed, is another clip.
    """
    assert not np.array_equal(Mixer(Recipe(), "test", sounds).clip(0).pcm, clips[0].pcm)
    assert not np.array_equal(Mixer(Recipe(seed=1), "train", sounds).clip(0).pcm, clips[0].pcm)


def test_the_teacher_hears_the_same_words_in_quiet(sounds: Sounds) -> None:
    """
    In a room at 0 dB, it hears what the clip would be without the room and with the background 25 dB down.
    """
    room = np.zeros((1, 2, 4_000), np.float16)
    room[:, :, [0, 3_000]] = 1.0
    channel = replace(QUIET, room=1.0)
    noisy, quiet = (Recipe(channel=channel, clips=ClipSpec(min_snr=snr, max_snr=snr)) for snr in (0.0, 25.0))
    mixer, expected = Mixer(noisy, "train", sounds, room), Mixer(quiet, "train", sounds)

    for index in range(5):
        heard, dry = mixer.clear(index), expected.clip(index).pcm
        assert np.abs(heard.astype(int) - dry).max() <= 1  # dither
        assert np.abs(mixer.clip(index).pcm.astype(int) - dry).max() > 100


def test_words_never_overlap(clips: list[Clip]) -> None:
    """
    Words follow one another inside the clip, some at once, most after the gap.
    """
    distances = []
    for clip in clips:
        assert len(clip.pcm) == 10 * SAMPLE_RATE
        for before, after in pairwise(clip.words):
            distances.append(after.start - before.end)
        assert all(0 <= w.start < w.end <= len(clip.pcm) for w in clip.words)
    assert min(distances) >= 0
    assert 0.2 < np.mean(np.array(distances) < GAP) < 0.5


def test_some_clips_begin_with_a_word(clips: list[Clip]) -> None:
    """
    As trimmed recordings do: about the share that follows another word at once begins with the clip.
    """
    starts = [clip.words[0].start for clip in clips if clip.words]

    assert 0.2 < np.mean(np.array(starts) < TIGHT) < 0.5


def test_songs_and_noises_stand_among_the_words(clips: list[Clip]) -> None:
    """
    A tenth of the real recordings without the word are no speech.
    """
    real = [word.kind for clip in clips for word in clip.words if word.kind in ("speech", "noise")]

    assert 0.02 < real.count("noise") / len(real) < 0.2


def test_counts_reach_from_none_to_the_most(clips: list[Clip]) -> None:
    """
    Clips hold 0 to 4 positives, each number occurs, and about half of the clips have none.
    """
    counts = [len(c.spans) for c in clips]

    assert set(counts) == {0, 1, 2, 3, 4}
    assert 0.35 < counts.count(0) / len(counts) < 0.65


def test_label_follows_the_words_end() -> None:
    """
    The target is 1 for the label's length after the end, and the edges do not count.
    """
    recipe = Recipe()
    end = 2.0

    target, weight = targets(recipe.fit, [(int(1.4 * SAMPLE_RATE), int(end * SAMPLE_RATE))], 250, 640)

    time = (np.arange(250) + 1) * 0.04
    assert time[target == 1].min() == pytest.approx(end + 0.04)
    assert time[target == 1].max() == pytest.approx(end + recipe.fit.label_seconds)
    assert time[weight == 0].min() == pytest.approx(end - 0.12)
    assert time[weight == 0].max() == pytest.approx(end + 0.56)
    assert set(weight[target == 1]) == {recipe.fit.positive_weight}


def test_a_second_word_outweighs_the_edge_of_the_first() -> None:
    """
    Where one word's edge meets the next word's label, the label counts.
    """
    target, weight = targets(FitSpec(), [(0, 32_000), (33_000, 39_000)], 250, 640)

    assert np.all(weight[target == 1] > 0)
    assert target.sum() == 20  # steps at 2.04 to 2.40 s, and at 2.44 to 2.80 s


def test_background_level_follows_the_drawn_ratio(sounds: Sounds) -> None:
    """
    With the ratio fixed at 20 dB, the background between words lies 20 dB below them.
    """
    spec = ClipSpec(min_snr=20, max_snr=20, talker=0, babble=0, min_level=-20, max_level=-20)
    words = {"positive": sounds["positive"], "near": sounds["positive"]}
    mixer = Mixer(Recipe(clips=spec, channel=QUIET), "train", words)
    ratios = []
    for index in range(60):
        clip = mixer.clip(index)
        if clip.words:
            inside = np.zeros(len(clip.pcm), bool)
            for word in clip.words:
                inside[word.start : word.end] = True
            power = np.square(clip.pcm.astype(float))
            ratios.append(10 * np.log10(power[inside].mean() / power[~inside].mean()))

    assert np.median(ratios) == pytest.approx(20, abs=1.5)


def test_backgrounds_alone_hold_none_of_the_words(sounds: Sounds) -> None:
    """
    A background alone is the same whatever the words are, has its level, and differs from number to number.
    """
    recipe = Recipe(clips=ClipSpec(talker=0, babble=0), channel=QUIET)
    other = {kind: list(reversed(some)) for kind, some in sounds.items()}

    first, again = (Mixer(recipe, "train", some).background(3) for some in (sounds, other))

    level = 20 * np.log10(np.sqrt(np.square(first.astype(float)).mean()) / 32_768)
    assert np.array_equal(first, again)
    assert level == pytest.approx(BACKGROUND_LEVEL, abs=0.1)
    assert not np.array_equal(first, Mixer(recipe, "train", sounds).background(4))
