"""The voices that need no more than pip, and what an absent one says."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from watchword.errors import RecipeError
from watchword_training import voices
from watchword_training.voices import SAMPLE_RATE, Style
from watchword_training.voices.pronunciation import variants
from watchword_training.voices.trimming import trimmed


@pytest.fixture(scope="module", params=["hibari", "pico", "flite", "festival", "espeak"])
def engine(request: pytest.FixtureRequest) -> voices.Engine:
    try:
        return voices.engine(request.param)
    except RecipeError as exc:
        pytest.skip(str(exc))


def test_the_same_line_gives_the_same_sound(engine: voices.Engine) -> None:
    """
    Two renderings of a line have one length and differ by no more than Pico's dither.
    """
    voice = engine.voices()[0]

    first, second = (engine.speak("activate", voice, Style(speed=1.1)).pcm for _ in range(2))

    difference = np.abs(first.astype(int) - second.astype(int))
    assert len(first) == len(second)
    assert difference.max() <= 150  # measured 47 of 32,768 for Pico, 0 for the others


def test_every_voice_says_the_word_in_a_plausible_time(engine: voices.Engine) -> None:
    """
    The word lasts between a quarter of a second and a second and a half, with sound at both ends.
    """
    for voice in engine.voices():
        pcm = engine.speak("activate", voice, Style()).pcm

        assert pcm.dtype == np.int16
        assert 0.25 < len(pcm) / SAMPLE_RATE < 1.5
        assert np.abs(pcm[-800:]).max() > 200


def test_speed_shortens(engine: voices.Engine) -> None:
    """
    Twice the speed takes clearly less time.
    """
    voice = engine.voices()[0]

    slow, fast = (len(engine.speak("activate", voice, Style(speed=s)).pcm) for s in (0.7, 1.4))

    assert fast < 0.75 * slow


def test_an_absent_engine_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The error of an engine that is not installed holds the line that installs it.
    """
    monkeypatch.delitem(sys.modules, "watchword_training.voices.hibari", raising=False)
    monkeypatch.setitem(sys.modules, "hibari", None)

    with pytest.raises(RecipeError, match="pip install hibari-tts"):
        voices.engine("hibari")


def test_an_unknown_engine_lists_the_known() -> None:
    """
    A misspelt engine is answered with the names there are.
    """
    with pytest.raises(RecipeError, match="kokoro, hibari, pico, flite"):
        voices.engine("kokorro")


def test_trimming_ends_with_the_sound() -> None:
    """
    Silence around a sound is cut to within a block, at any sample rate.
    """
    sound = np.sin(np.arange(12_000) * 0.3)
    padded = np.concatenate([np.zeros(9_000), sound, np.zeros(30_000)])

    pcm = trimmed(padded, 24_000)

    assert len(pcm) == pytest.approx(8_000, abs=160)
    assert np.abs(pcm).max() == pytest.approx(0.7 * 32_767, rel=0.02)


def test_silence_is_refused() -> None:
    """
    A voice that renders nothing is an error, not an empty word.
    """
    with pytest.raises(RecipeError, match="silence"):
        trimmed(np.zeros(24_000), 24_000)


def test_pronunciations_begin_with_the_dictionary() -> None:
    """
    "activate" has several pronunciations, the American dictionary's first, the British among them.
    """
    found = variants("activate")

    assert found[0] == "ˈæktəvˌAt"
    assert "ˈaktɪvAt" in found
    assert len(found) == len(set(found)) >= 4
