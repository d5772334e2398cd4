"""The independent recognizer: what it hears, what it refuses, and where it finds the words of a text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from watchword.errors import RecipeError
from watchword_training import spotting, voices
from watchword_training.arpabet import INVENTORY, phones
from watchword_training.corpus import open_corpus
from watchword_training.recognizer import ForcedChoice, Span, aligned, before_pause
from watchword_training.voices import SAMPLE_RATE, Pcm, Style
from watchword_training.voices.pronunciation import phonemes, variants
from watchword_training.workers import Local

CHOICE = ["activate", "captivate", "cultivate", "motivate", "activity", "attractive", "deactivate", "reactivate"]
OTHERS = ["seven", "computer", "lemonade", "lights"]
MILLISECOND = SAMPLE_RATE // 1000


class Speaker:
    """One voice, which renders a word once."""

    def __init__(self, engine: str, voice: str) -> None:
        self._engine, self._voice = voices.engine(engine), voice
        self._said: dict[str, Pcm] = {}

    def say(self, text: str) -> Pcm:
        """The rendering of `text`."""
        if text not in self._said:
            self._said[text] = self._engine.speak(text, self._voice, Style()).pcm
        return self._said[text]


@pytest.fixture(scope="module", params=[("hibari", "heart"), ("pico", "en-US"), ("flite", "rms")], ids="/".join)
def speaker(request: pytest.FixtureRequest) -> Speaker:
    """A voice of each fast engine."""
    try:
        return Speaker(*request.param)
    except RecipeError as absent:
        pytest.skip(str(absent))


@pytest.fixture(scope="module")
def choice() -> ForcedChoice:
    """A choice between eight words that end alike."""
    return ForcedChoice(CHOICE)


def joined(speaker: Speaker, pauses: tuple[int, ...]) -> Iterator[tuple[Span, int, int]]:
    """The span of the middle one of three renderings, joined with pauses (ms) of soft noise, and the true span."""
    rng = np.random.default_rng(0)
    for middle in ("activate", "captivate", "computer", "seven", "watchword"):
        for before, after in (("please", "then"), ("now", "alarm")):
            for pause in pauses:
                silence = rng.integers(-20, 20, pause * MILLISECOND).astype(np.int16)
                words = [speaker.say(before), silence, speaker.say(middle)]
                end = sum(map(len, words))
                pcm = np.concatenate([*words, silence, speaker.say(after)])
                yield aligned(pcm, f"{before.title()} {middle}, {after}")[1], end - len(words[-1]), end


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("ˈæktəvˌAt", "AE K T AH V EY T"),
        ("wˈɒʧwəːd", "W AA CH W ER D"),
        ("bˈʌtn", "B AH T AH N"),
        ("bˈɛTəɹ", "B EH T ER"),
        ("ɑkənˈɑʔn", "AA K AH N AA T AH N"),
        ("ðə snˈO", "DH AH S N OW"),
    ],
)
def test_phonemes_become_phones(said: str, expected: str) -> None:
    """
    American and British vowels, flaps, glottal stops and syllabic consonants have the phones of CMUdict.
    """
    assert expected == phones(said)


def test_every_pronunciation_has_phones() -> None:
    """
    All that the voices are told to say of ordinary and invented words can be recognized; there are 39 phones.
    """
    text = "activate watchword zantrel rhythm cure fire hour idea vision judge thing that young boy house look"

    said = {
        phone for word in text.split() for variant in variants(word, british=True) for phone in phones(variant).split()
    }

    assert said <= set(INVENTORY)
    assert 39 == len(INVENTORY)


def test_an_unknown_symbol_is_refused() -> None:
    """
    A symbol that is not misaki's is named in the error.
    """
    with pytest.raises(RecipeError, match="no phone for 'ø'"):
        phones("bˈøk")


@pytest.mark.parametrize("word", CHOICE)
def test_a_word_is_heard_rather_than_those_like_it(word: str, speaker: Speaker, choice: ForcedChoice) -> None:
    """
    Of words that end alike, the one that is said is heard.
    """
    assert word == choice.heard(speaker.say(word))


@pytest.mark.parametrize("word", OTHERS)
def test_another_word_is_refused(word: str, speaker: Speaker, choice: ForcedChoice) -> None:
    """
    A word that is not in the choice is none of it.
    """
    assert choice.heard(speaker.say(word)) is None


@pytest.mark.parametrize("level", [0, 100, 5_000])
def test_noise_is_refused(level: int, choice: ForcedChoice) -> None:
    """
    Neither silence nor noise, soft or loud, is a word.
    """
    noise = np.random.default_rng(0).normal(0, level, SAMPLE_RATE).astype(np.int16)

    assert choice.heard(noise) is None


def test_a_phrase_is_more_than_its_first_word(speaker: Speaker) -> None:
    """
    A phrase is heard whole, and its first word alone is that word; either is given as it was named.
    """
    choice = ForcedChoice(["Smart mirror", "smart", "mirror"])

    heard = choice.heard(np.concatenate([speaker.say("smart"), speaker.say("mirror")]))

    assert "Smart mirror" == heard
    assert "smart" == choice.heard(speaker.say("smart"))


@pytest.mark.parametrize("name", ["zantrel", "/zˈæntɹᵊl/"])
def test_an_invented_word_is_heard(name: str, speaker: Speaker) -> None:
    """
    A word that no dictionary has is told from words like it, by its spelling and by its phonemes.
    """
    choice = ForcedChoice([name, "sandal", "mandrel", "mantle"])

    heard = [choice.heard(speaker.say(word)) for word in ("zantrel", "sandal", "seven")]

    assert [name, "sandal", None] == heard


def test_a_word_between_pauses_lies_where_it_was_joined(speaker: Speaker) -> None:
    """
    Between pauses of 110 or 160 ms a word starts and ends with its rendering, to a block of 5 ms.
    """
    found = list(joined(speaker, (110, 160)))

    assert all(span.paused for span, _, _ in found)
    assert max(abs(span.end - end) for span, _, end in found) <= 5 * MILLISECOND  # measured 0
    assert max(abs(span.start - start) for span, start, _ in found) <= 5 * MILLISECOND  # measured 0


def test_a_word_without_a_pause_ends_about_where_it_was_joined(speaker: Speaker) -> None:
    """
    Without a pause no end is told as measured, and half of them are within 30 ms.
    """
    found = list(joined(speaker, (0,)))

    assert not any(span.paused for span, _, _ in found)
    assert np.median([abs(span.end - end) for span, _, end in found]) <= 30 * MILLISECOND  # measured 8, Pico 23


def test_ends_without_a_pause_are_neither_early_nor_late() -> None:
    """
    The recognizer's own ends, which are frames' starts, are moved to where its windows meet.
    """
    try:
        speakers = [Speaker("flite", voice) for voice in ("awb", "rms", "slt")]
    except RecipeError as absent:
        pytest.skip(str(absent))

    errors = [span.end - end for speaker in speakers for span, _, end in joined(speaker, (0,))]

    assert abs(np.median(errors)) <= 4 * MILLISECOND  # measured 0.3; at the frames' starts 7.5 early


def test_the_release_of_a_stop_belongs_to_its_word() -> None:
    """
    A /t/ is silent before it is heard: the word ends after the release, not where the silence begins.
    """
    word = Speaker("hibari", "heart").say("activate")
    loud = np.flatnonzero(np.abs(word.astype(int)) > 3_000)[-1]
    release = word[-20 * MILLISECOND :]
    closed = np.concatenate([word[:loud], np.zeros(60 * MILLISECOND, np.int16), release])
    following = Speaker("hibari", "heart").say("please")

    spans = aligned(np.concatenate([closed, np.zeros(120 * MILLISECOND, np.int16), following]), "activate, please")

    assert abs(spans[0].end - len(closed)) <= 10 * MILLISECOND


def test_spans_follow_the_words_of_the_text(speaker: Speaker) -> None:
    """
    There is a span for each word, in their order, inside the recording, the invented one's too.
    """
    pcm = np.concatenate([speaker.say(word) for word in ("please", "zantrel", "now")])

    spans = aligned(pcm, "Please, zantrel now.")

    assert ["please", "zantrel", "now"] == [span.word for span in spans]
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert sorted(edges) == edges
    assert 0 <= edges[0]
    assert edges[-1] <= len(pcm)


def test_a_pause_is_told_at_its_beginning_only() -> None:
    """
    `before_pause` gives the end of a word that a pause follows, and nothing for a sample inside the word.
    """
    speaker = Speaker("hibari", "heart")
    pcm = np.concatenate([speaker.say("seven"), np.zeros(2_400, np.int16), speaker.say("please")])

    end = aligned(pcm, "seven please")[0].end

    assert end == before_pause(pcm, end)
    assert before_pause(pcm, end - 1_600) is None


@pytest.mark.parametrize("word", ["activate", "zantrel"])
def test_a_recording_that_says_the_word_is_spotted(word: str, speaker: Speaker) -> None:
    """
    Spotting finds the word, also an invented one, in running speech, and finds it in no other words.
    """
    without = np.concatenate([speaker.say("please"), speaker.say("computer"), speaker.say("now")])
    holding = np.concatenate([speaker.say("please"), speaker.say(word), speaker.say("now")])

    assert [True, True, False] == spotting.says(word, [speaker.say(word), holding, without])


def test_the_dictionary_is_not_asked_for_what_it_has() -> None:
    """
    The voices' pronunciation of "activate" is the recognizer's own, so that either says the same word.
    """
    assert "AE K T AH V EY T" == phones(phonemes("activate"))


def test_what_is_written_down_is_said(speaker: Speaker) -> None:
    """
    A recognizer of all English writes the word where it is said, not where others are, and tells what it can write.
    """
    pcms = [speaker.say("without a computer"), speaker.say("without another word")]

    assert spotting.written("computer", pcms) == [True, False]
    assert spotting.writable("smart mirror")
    assert not spotting.writable("zantrel")


def test_what_is_written_of_recordings_is_looked_for_once(
    speaker: Speaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Of the recordings asked for, those that say the word are found; asked again, nobody listens.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "speech").mkdir()
    for name, text in (("a", "another computer"), ("b", "without another word"), ("c", "without a computer")):
        soundfile.write(tmp_path / f"speech/{name}.wav", speaker.say(text), SAMPLE_RATE)
    corpus = open_corpus(tmp_path / "speech")

    first = spotting.writing("computer", corpus, [0, 1], Local(1))
    found = spotting.writing("computer", corpus, [1, 2], Local(1))

    assert [corpus.files[i].name for i in first] == ["a.wav"]
    assert [corpus.files[i].name for i in found] == ["c.wav"]
    monkeypatch.setattr(Local, "run", None)
    assert spotting.writing("computer", corpus, [1, 2], Local(1)) == found
    assert spotting.writing("computer", corpus, [0, 1], Local(1)) == first
