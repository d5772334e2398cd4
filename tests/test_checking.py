"""Renderings that are not heard as the word are kept out, and counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import soundfile

from watchword_training import cache, checking, render, vocabulary
from watchword_training.lines import Line
from watchword_training.vocabulary import Vocabulary
from watchword_training.voices import SAMPLE_RATE, Style
from watchword_training.workers import Local

WORD = "activate"
WORKERS = Local(1)


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    return vocabulary.around(WORD)


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path))


def line(text: str = WORD, **changes: object) -> Line:
    said = Line(engine="hibari", voice="heart", text=text, style=Style(**changes))  # type: ignore[arg-type]
    render.render([said], WORKERS)
    return said


def posing(text: str) -> Line:
    """A line that should say the word, whose rendering says `text`."""
    said, other = replace(line(), voice="bella"), line(text)
    render.path(said).parent.mkdir(exist_ok=True)
    render.path(said).write_bytes(render.path(other).read_bytes())
    return said


def test_the_word_is_heard_and_another_is_rejected_with_what_was_heard(words: Vocabulary) -> None:
    """
    A good rendering is kept with its place; one that says something else is told with its voice and what it said.
    """
    good = line()
    rival = checking.rivals(WORD, words)[0]

    checked = checking.check([good, posing(rival)], words, WORKERS)

    assert list(checked.words) == [good.digest]
    assert checked.words[good.digest] == (0, len(render.load(good)))
    assert checked.rejected == [f"hibari/bella 'activate': heard {rival!r}"]


def test_rivals_are_near_and_can_be_told_apart(words: Vocabulary) -> None:
    """
    Words that contain the word are no rivals, nor those that differ in a phoneme or two.
    """
    rivals = checking.rivals(WORD, words)

    assert len(rivals) == checking.RIVALS
    assert not {"activated", "deactivate", "reactivate", "activates"} & set(rivals)


def test_the_end_of_a_word_in_a_phrase_is_known_within_20_ms(words: Vocabulary) -> None:
    """
    Where the word ends its phrase, it ends with the sound; where a pause follows it, the pause shows its end.
    """
    last = replace(line(), carrier="please {}")
    render.render([last], WORKERS)

    checked = checking.check([last], words, WORKERS)

    start, end = checked.words[last.digest]
    assert end == len(render.load(last))
    alone = len(render.load(line()))
    assert abs((end - start) - alone) < 0.2 * SAMPLE_RATE


def test_a_verdict_is_kept(words: Vocabulary) -> None:
    """
    A second check asks nobody: the rendering may even be gone by then.
    """
    good = line()
    first = checking.check([good], words, WORKERS)
    file = next(cache.folder("checked").iterdir())
    render.path(good).write_bytes(b"no sound at all")

    assert checking.check([good], words, WORKERS) == first
    assert file.exists()


def test_a_rendering_that_is_no_word_is_rejected(words: Vocabulary) -> None:
    """
    Noise in place of a word is rejected.
    """
    said = line()
    soundfile.write(render.path(said), [0.01, -0.01] * 6_000, SAMPLE_RATE, format="FLAC")

    checked = checking.check([said], words, WORKERS)

    assert not checked.words
    assert len(checked.rejected) == 1
