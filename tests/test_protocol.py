"""The measurement: conditions, trade-off, latency, near words, report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.recordings import speechlike

from watchword import Detector
from watchword.cli import main
from watchword.errors import RecipeError
from watchword.network import Pcm
from watchword_training import conditions, det, protocol, report
from watchword_training.corpus import open_corpus
from watchword_training.evaluate import Evaluation
from watchword_training.marked import marked
from watchword_training.workers import Local

RATE = 16_000


def word(seconds_before: float = 0.5, seconds_after: float = 1.0) -> Pcm:
    """A second at full level between silences."""
    loud = np.random.default_rng(0).integers(-30_000, 30_000, RATE).astype(np.int16)
    return np.concatenate(
        [np.zeros(round(seconds_before * RATE), np.int16), loud, np.zeros(round(seconds_after * RATE), np.int16)]
    )


def level(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(np.square(pcm, dtype=float))))


def test_the_active_level_leaves_pauses_out() -> None:
    """
    Silence around speech does not change its level, as in ITU-T P.56; silence alone has none.
    """
    alone = conditions.active_level(word(0, 0))

    assert conditions.active_level(word(3, 5)) == pytest.approx(alone, rel=0.02)
    assert conditions.active_level(np.zeros(RATE, np.int16)) == 0
    assert conditions.active_level(np.zeros(0, np.int16)) == 0


def test_speech_lasts_as_long_as_the_sound() -> None:
    """
    Its start and its end are those of the sound, within a block, whatever is around it; silence is one long word.
    """
    assert conditions.speech(word(0.5, 2.0)) == pytest.approx((0.5, 1.5), abs=0.011)
    assert conditions.end_of_speech(word(0.5, 2.0)) == pytest.approx(1.5, abs=0.011)
    assert conditions.speech(np.zeros(RATE, np.int16)) == (0, 1)


def test_the_longest_pause_is_the_one_inside() -> None:
    """
    What is quiet before, between and after two words: only the time between them is a pause.
    """
    twice = np.concatenate([word(0.5, 0.3), word(0.0, 1.0)])

    assert conditions.longest_pause(twice) == pytest.approx(0.3, abs=0.021)
    assert conditions.longest_pause(word(0.5, 2.0)) < 0.05
    assert conditions.longest_pause(np.zeros(RATE, np.int16)) == 0


@pytest.mark.parametrize("ratio", [10.0, 5.0])
def test_noise_lies_as_far_below_as_it_says(ratio: float) -> None:
    """
    What is added lies that many decibels below the active level; the same number gives the same samples.
    """
    speech, ambience = word(0, 0) // 4, [np.random.default_rng(1).integers(-9_000, 9_000, 3 * RATE).astype(np.int16)]

    noisy = conditions.in_noise(ambience, ratio, 7, speech)

    assert 20 * np.log10(level(speech) / level(noisy.astype(int) - speech)) == pytest.approx(ratio, abs=0.3)
    assert np.array_equal(noisy, conditions.in_noise(ambience, ratio, 7, speech))
    assert not np.array_equal(noisy, conditions.in_noise(ambience, ratio, 8, speech))


def test_a_word_in_speech_keeps_its_place() -> None:
    """
    The word stands whole between two excerpts at its own level, and the span says where.
    """
    said, talk = word(0, 0), [speechlike(8.0) // 4]

    stream, [(start, end)] = conditions.in_speech(3, said, [(0.0, 1.0)], talk)

    assert np.array_equal(stream[round(start * RATE) : round(end * RATE)], said)
    assert start == 2.0
    assert len(stream) == 5 * RATE
    assert conditions.active_level(stream[: 2 * RATE]) == pytest.approx(conditions.active_level(said), rel=0.2)


def test_far_is_as_loud_and_no_longer_dry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Rooms of 1 to 4 m add their sound after the word, at the same level.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path))
    monkeypatch.setattr(conditions, "ROOMS", 50)
    responses = conditions.far_responses(Local(1))
    said = word(0.2, 0.8) // 4

    heard = conditions.far(responses, 0, said)

    assert len(responses) > 5
    assert level(heard) == pytest.approx(level(said), rel=0.02)
    assert level(heard[round(1.21 * RATE) : round(1.3 * RATE)]) > 100


def test_the_trade_off_by_hand() -> None:
    """
    Ten words and four false accepts in two hours: 0.5 per hour allows one, 0.1 none.
    """
    evaluation = Evaluation(words=[k / 10 for k in range(10)], false_accepts=[0.85, 0.55, 0.25, 0.05], hours=2.0)

    figures = det.headline(evaluation)

    assert figures["at"]["0.5"]["miss_rate"] == 0.6  # above 0.55: 0.6, 0.7, 0.8, 0.9
    assert figures["at"]["0.1"]["miss_rate"] == 0.9  # above 0.85: 0.9
    curve = det.curve(evaluation)
    assert curve[0] == (0.0, 0.9)
    assert curve[-1] == (2.0, 0.0)
    assert [miss for _, miss in curve] == sorted((miss for _, miss in curve), reverse=True)
    assert 0 < figures["area"] < 0.9


def recordings() -> protocol.Recordings:
    return protocol.Recordings(
        positives={
            "words": [(word(), [(0.5, 1.5)]), (word(1.0), [(1.0, 2.0)]), (np.zeros(RATE, np.int16), [(0.2, 0.8)])]
        },
        others={"speech": [speechlike(20.0) // 30, word()]},
        confusables=[("loud", word()), ("quiet", speechlike(1.0) // 20)],
    )


def test_the_protocol_on_a_detector_of_loudness(
    loudness: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Two of three words and one of two near words are loud, and one negative is: each condition says so.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path))
    monkeypatch.setattr(conditions, "ROOMS", 50)

    measured = protocol.measure(Detector(loudness), recordings(), Local(1))

    clean = measured["conditions"]["clean"]
    assert (clean["words"], clean["missed"]) == (3, 1)
    assert 1 <= clean["false_accepts"] <= 1 / 0.2 + 2  # a second of noise, a peak in each refractory period at most
    assert set(measured["conditions"]) == {"clean", "far", "speech stream"}
    assert measured["latency"]["events"] == 2
    assert -1_000 <= measured["latency"]["median_ms"] <= 0
    assert measured["confusables"]["names"] == ["loud"]
    json.dumps(measured)


def test_the_report_holds_everything_in_one_file(
    loudness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The command prints the table, writes JSON, plots and a page that refers to nothing outside of itself.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(conditions, "ROOMS", 50)
    for role, sounds in (("words", [word(), word(1.0)]), ("speech", [speechlike(20.0) // 8])):
        (tmp_path / role).mkdir()
        for number, pcm in enumerate(sounds):
            soundfile.write(tmp_path / role / f"{number}.wav", pcm, RATE)

    folders = ["--positives", str(tmp_path / "words"), "--negatives", str(tmp_path / "speech")]
    folders += ["--noise", str(tmp_path / "speech"), "--out", str(tmp_path / "report")]
    code = main(["evaluate", "--model", str(loudness), *folders])

    printed, page = capsys.readouterr().out, (tmp_path / "report/report.html").read_text("utf-8")
    measured = json.loads((tmp_path / "report/evaluation.json").read_text("utf-8"))
    assert code == 0
    assert {f.name for f in (tmp_path / "report").iterdir()} == {
        "report.html",
        "evaluation.json",
        "det.png",
        "scores.png",
    }
    assert list(measured["conditions"]) == ["clean", "10 dB ambience", "5 dB ambience", "far", "speech stream"]
    for name, *cells in report.rows(measured):
        assert name in printed
        assert all(cell in page for cell in cells)
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert not re.search(r"https?://", page)


def test_labels_say_where_words_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Spans come from labels.json; a recording that it does not name, or a file that is no table, is an error.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "words"
    folder.mkdir()
    soundfile.write(folder / "a.wav", word(), RATE)
    corpus = open_corpus(folder)

    assert [spans for _, spans in marked(corpus)] == [[(0.0, 2.5)]]
    (folder / "labels.json").write_text('{"a.wav": [[0.5, 1.5]]}')
    assert [spans for _, spans in marked(corpus)] == [[(0.5, 1.5)]]
    (folder / "labels.json").write_text("{}")
    with pytest.raises(RecipeError, match=r"nothing of a\.wav"):
        marked(corpus)
    (folder / "labels.json").write_text("[1]")
    with pytest.raises(RecipeError, match="no table of words"):
        marked(corpus)
