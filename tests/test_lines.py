"""Which lines are said by whom."""

from __future__ import annotations

import pytest

from watchword.errors import RecipeError
from watchword_training.lines import Part, script
from watchword_training.recipe import Recipe
from watchword_training.specs import VoiceSpec
from watchword_training.vocabulary import Vocabulary, around, contains, rhythm

STOCK = {"kokoro": ["a", "b", "c", "d"], "pico": ["en-US", "en-GB"]}
VOCABULARY = Vocabulary(["captivate", "active"], ["educate"], ["the", "house", "activate", "tree"])


@pytest.fixture(scope="module")
def parts() -> list[Part]:
    spec = VoiceSpec(
        engines={"kokoro": 0.7, "pico": 0.3},
        cheap_engines={"pico": 1.0},
        sampled_speakers=5,
        validation=["kokoro/c"],
        test=["kokoro/d", "pico/en-GB"],
        positives=300,
    )
    return script(Recipe(voices=spec), VOCABULARY, STOCK)


def test_no_voice_speaks_in_two_splits(parts: list[Part]) -> None:
    """
    The voices of training, validation and test are disjoint, sampled speakers included.
    """
    voices = {
        s: {(p.line.engine, p.line.voice) for p in parts if p.split == s} for s in ("train", "validation", "test")
    }

    assert all(voices.values())
    assert not voices["train"] & voices["validation"]
    assert not voices["train"] & voices["test"]
    assert not voices["validation"] & voices["test"]
    assert ("kokoro", "c") in voices["validation"]
    assert ("pico", "en-GB") in voices["test"]


def test_the_same_voices_say_positives_and_negatives(parts: list[Part]) -> None:
    """
    Every training voice that says the word says other words too: a voice is no hint.
    """
    said = {
        kind: {p.line.voice for p in parts if p.split == "train" and p.kind == kind} for kind in ("positive", "near")
    }

    assert said["positive"] == said["near"]


def test_no_negative_says_the_word(parts: list[Part]) -> None:
    """
    Ordinary words and sentences that hold the trigger word are left out.
    """
    assert all("activate" not in p.line.text for p in parts if p.kind != "positive")
    assert sum(p.kind == "ordinary" for p in parts) < 160


def test_ordinary_lines_are_shared_between_words(parts: list[Part]) -> None:
    """
    Training another word needs no new rendering of what has nothing to do with either.
    """
    spec = VoiceSpec(engines={"kokoro": 1.0}, sampled_speakers=5)

    one, other = (
        {p.line.digest for p in script(Recipe(word=w, voices=spec), VOCABULARY, STOCK) if p.kind == "ordinary"}
        for w in ("computer", "telephone")
    )

    assert one == other


def test_the_script_is_reproducible(parts: list[Part]) -> None:
    """
    Drawing again gives the same lines.
    """
    again = script(Recipe(voices=VoiceSpec()), VOCABULARY, STOCK)

    assert again == script(Recipe(voices=VoiceSpec()), VOCABULARY, STOCK)
    assert again != script(Recipe(seed=1, voices=VoiceSpec()), VOCABULARY, STOCK)


def test_neighbours_sound_alike() -> None:
    """
    Around "activate" lie words of its sounds and words of its rhythm, none of which says it.
    """
    vocabulary = around("activate")

    assert {"captivating", "active", "activity", "cultivate"} <= set(vocabulary.near[:60])
    assert all(rhythm(w).replace("ˌ", ".") == "ˈ.." for w in vocabulary.rhythm)
    assert not any(contains(w, "activate") for w in vocabulary.near + vocabulary.rhythm)


@pytest.mark.parametrize("text", ["activated", "deactivate", "reactivate", "please activate it"])
def test_what_holds_the_word_contains_it(text: str) -> None:
    """
    A longer word with the trigger word in it says it.
    """
    assert contains(text, "activate")
    assert not contains("captivate", "activate")


@pytest.mark.parametrize("word", ["", "12", "héllo!", "a  b"])
def test_a_word_that_cannot_be_said_is_refused(word: str) -> None:
    """
    What is no English text is refused before anything is rendered.
    """
    with pytest.raises(RecipeError, match="expected English words"):
        around(word)
