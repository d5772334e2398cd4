"""Which lines are said by whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watchword.errors import RecipeError
from watchword_training.confusables import nearest
from watchword_training.data_specs import VoiceSpec
from watchword_training.lines import Part, script
from watchword_training.recipe import Recipe
from watchword_training.vocabulary import Vocabulary, around, contains, ending, rhythm

STOCK = {
    "kokoro": ["af_heart", "am_adam", "bf_emma", "af_nova", "am_eric", "af_sky", "am_onyx"],
    "pico": ["en-US", "en-GB"],
}
VOCABULARY = Vocabulary(
    longer=["deactivate"],
    near=["deactivate", "captivate", "active"],
    rhythm=["educate"],
    partial=["/ˈæk/", "/vˌAt/"],
    ordinary=["the", "house", "activate", "tree"],
)


@pytest.fixture(scope="module")
def parts() -> list[Part]:
    spec = VoiceSpec(
        engines={"kokoro": 0.7, "pico": 0.3},
        cheap_engines={"pico": 1.0},
        speakers=5,
        swaps=4,
        validation=["kokoro/af_nova", "kokoro/am_eric"],
        test=["kokoro/af_sky", "kokoro/am_onyx", "pico/en-GB"],
        positives=300,
        carried=40,
        partial=30,
        carried_near=20,
        reshaped=0.5,
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
    assert ("kokoro", "af_nova") in voices["validation"]
    assert ("pico", "en-GB") in voices["test"]


def test_no_voice_is_made_of_another_splits_voices(parts: list[Part]) -> None:
    """
    Whoever lends a swapped voice timbre or prosody speaks in the same split, or nowhere.
    """
    lenders = {
        split: {
            name for p in parts if p.split == split and p.line.engine == "kokoro" for name in p.line.voice.split("+")
        }
        for split in ("train", "validation", "test")
    }

    assert not lenders["train"] & lenders["validation"]
    assert not lenders["train"] & lenders["test"]
    assert {"af_nova", "am_eric"} == lenders["validation"]
    assert any("+" in p.line.voice for p in parts if p.split == "test")


def test_a_voice_that_sampled_speakers_are_made_of_cannot_be_held_out() -> None:
    """
    Keeping a voice for the test while speakers are made of it is refused, with the ones to take.
    """
    spec = VoiceSpec(engines={"kokoro": 1.0}, speakers=5, test=["kokoro/af_heart"])

    with pytest.raises(RecipeError, match=r"af_heart is kept from training, but .* choose among af_nova"):
        script(Recipe(voices=spec), VOCABULARY, STOCK)


@pytest.mark.parametrize("kind", ["near", "rhythm"])
def test_near_words_answer_the_positives(parts: list[Part], kind: str) -> None:
    """
    Each confusable word is said by a voice and in a style in which the word itself is said: nothing else is a hint.
    """

    def said(wanted: str) -> set[tuple[str, str, object]]:
        return {
            (p.line.engine, p.line.voice, p.line.style)
            for p in parts
            if p.split == "train" and p.kind == wanted and p.line.shape is None and p.line.carrier == "{}"
        }

    assert said(kind)
    assert said(kind) <= said("positive")


def test_parts_of_the_word_are_said_by_engines_that_read_phonemes(parts: list[Part]) -> None:
    """
    Pico, which reads spelling alone, gets no phonemes to say.
    """
    assert {p.line.engine for p in parts if p.kind == "partial"} == {"kokoro"}


def test_phrases_carry_the_word_and_its_neighbours_alike(parts: list[Part]) -> None:
    """
    The phrases around the word are also said with near words in its place.
    """
    positive = {p.line.carrier for p in parts if p.kind == "positive"} - {"{}"}
    negative = {p.line.carrier for p in parts if p.kind == "near"} - {"{}"}

    assert len(positive) >= 5
    assert len(positive & negative) >= 5
    assert all(p.line.carrier == "{}" for p in parts if p.kind == "sentence")
    assert all(p.line.text == "activate" for p in parts if p.kind == "positive")


def test_half_the_words_are_said_again_by_reshaped_voices(parts: list[Part]) -> None:
    """
    `reshaped` copies half of the single words, each made of one that is there.
    """
    single = [p.line for p in parts if p.kind == "near" and p.split == "train" and p.line.carrier == "{}"]

    shaped = [line for line in single if line.shape]

    assert len(shaped) == (len(single) - len(shaped)) // 2
    assert all(replace(line, shape=None) in single for line in shaped)


def test_no_negative_says_the_word(parts: list[Part]) -> None:
    """
    Ordinary words and sentences that hold the trigger word are left out.
    """
    assert {p.line.text for p in parts if p.kind != "positive" and "activate" in p.line.text} == {"deactivate"}
    assert sum(p.kind == "ordinary" for p in parts) < 160


def test_ordinary_lines_are_shared_between_words(parts: list[Part]) -> None:
    """
    Training another word needs no new rendering of what has nothing to do with either.
    """
    spec = VoiceSpec(engines={"kokoro": 1.0}, speakers=5)

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
    assert again != script(Recipe(voices=VoiceSpec(seed=1)), VOCABULARY, STOCK)


def test_neighbours_sound_alike() -> None:
    """
    Around "activate" lie words of its sounds and words of its rhythm, the ones that end like it first.
    """
    vocabulary = around("activate")

    assert {"captivating", "captivate", "active", "activity", "cultivate"} <= set(vocabulary.near[:60])
    assert all(rhythm(w).replace("ˌ", ".") == "ˈ.." for w in vocabulary.rhythm)
    assert {ending(w) for w in vocabulary.rhythm[:20]} == {"At"}
    assert vocabulary.partial == ["/ˈæk/", "/təvˌAt/", "/ˈæktə/", "/vˌAt/"]


def test_only_longer_words_that_begin_otherwise_are_taught_as_others() -> None:
    """
    "Deactivate" and "reactivated" are negatives; "activated" and "activating" are nothing at all.
    """
    vocabulary = around("activate")

    assert {"deactivate", "reactivated"} <= set(vocabulary.longer) <= set(vocabulary.near)
    assert not any(w.startswith(("activate", "activating")) for w in vocabulary.near + vocabulary.rhythm)


def test_a_phrase_has_phrases_for_neighbours() -> None:
    """
    Around "smart mirror" lie its words alone, and with one of them replaced by a neighbour.
    """
    vocabulary = around("smart mirror")

    assert {"smart", "mirror", "smarter mirror", "smart mister"} <= set(vocabulary.near[:30])
    assert all(len(phrase.split()) == 2 for phrase in vocabulary.rhythm)


def test_no_near_word_that_is_measured_says_the_word() -> None:
    """
    Who says "smart mirroring" has said "smart mirror"; "deactivate" is another word.
    """
    assert not any("smart mirror" in near for near in nearest("smart mirror", 100))
    assert "deactivate" in nearest("activate", 100)


@pytest.mark.parametrize("text", ["activated", "activating", "deactivate", "reactivate", "please activate it"])
def test_what_holds_the_word_contains_it(text: str) -> None:
    """
    A longer word with the trigger word's sounds in it contains it, a neighbour does not.
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


@pytest.mark.parametrize(("phrase", "nearest"), [("smart mirror", "smart miller"), ("computer", "commuter")])
def test_what_people_may_mean_as_the_word_is_no_near_word(phrase: str, nearest: str) -> None:
    """
    What differs from the word in a single one of many phonemes may be the word in somebody's own way of speaking.
    """
    assert nearest not in around(phrase).near
