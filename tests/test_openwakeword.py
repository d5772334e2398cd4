"""openWakeWord's interface: what its documentation promises of `predict` and its arguments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from watchword import Detector
from watchword.network import Pcm
from watchword.openwakeword import FRAME, Model


def frames(*peaks: float) -> list[Pcm]:
    """A frame of 80 ms for each probability, for the bundle whose probability is the loudest sample."""
    return [np.full(FRAME, round(32_768 * peak), np.int16) for peak in peaks]


def given(model: Model, *peaks: float, **arguments: object) -> list[float]:
    """Scores of the frames after those in which nothing is ever given."""
    for frame in frames(*[0.0] * 5):
        model.predict(frame)
    return [model.predict(frame, **arguments)["loud"] for frame in frames(*peaks)]  # type: ignore[arg-type]


def test_a_score_of_one_half_is_the_bundles_threshold(loudness: Path) -> None:
    """
    Scores rise from 0 over 0.5 at the threshold to 1, whatever the threshold is.
    """
    model = Model([loudness])
    model.models["loud"] = Detector(loudness, 0.8)

    scores = given(model, 0.0, 0.4, 0.8, 0.9)

    assert scores == pytest.approx([0.0, 0.25, 0.5, 0.75], abs=1e-3)


def test_the_first_frames_score_nothing(loudness: Path) -> None:
    """
    Five frames after the start, and after a reset, every score is 0.
    """
    model = Model([loudness])

    first = [model.predict(frame)["loud"] for frame in frames(*[0.9] * 6)]
    model.reset()
    again = [model.predict(frame)["loud"] for frame in frames(*[0.9] * 6)]

    assert [score > 0 for score in first] == [False] * 5 + [True]
    assert again == first


def test_a_long_frame_gives_its_highest_score(loudness: Path) -> None:
    """
    Several frames at once give the highest of their scores; less than a step of the model repeats the latest.
    """
    model = Model([loudness])
    given(model)

    long = model.predict(np.concatenate(frames(0.1, 0.7, 0.2)))["loud"]
    short = model.predict(np.zeros(100, np.int16))["loud"]

    assert long == short == pytest.approx(0.7, abs=1e-3)


def test_patience_waits_for_scores_in_a_row(loudness: Path) -> None:
    """
    With a patience of 3 the first two scores above the threshold are 0, and the count begins anew after one below.
    """
    scores = given(Model([loudness]), 0.9, 0.9, 0.9, 0.1, 0.9, patience={"loud": 3}, threshold={"loud": 0.5})

    assert [score > 0 for score in scores] == [False, False, True, False, False]


def test_debouncing_keeps_later_scores_back(loudness: Path) -> None:
    """
    After a score above the threshold the next within the time are 0; those below it are given.
    """
    scores = given(Model([loudness]), 0.9, 0.9, 0.3, 0.9, 0.9, debounce_time=0.24, threshold={"loud": 0.5})

    assert scores == pytest.approx([0.9, 0.0, 0.3, 0.0, 0.9], abs=1e-3)


def test_arguments_that_contradict_are_refused(loudness: Path) -> None:
    """
    Patience without thresholds, patience with debouncing, a gate that is not there and a list for audio are errors.
    """
    model, frame = Model([loudness]), frames(0.0)[0]

    for arguments, reason in (
        ({"patience": {"loud": 2}}, "give a threshold"),
        ({"patience": {"loud": 2}, "debounce_time": 1.0, "threshold": {"loud": 0.5}}, "cannot be used together"),
    ):
        with pytest.raises(ValueError, match=reason):
            model.predict(frame, **arguments)
    with pytest.raises(ValueError, match="voice activity gate"):
        Model([loudness], vad_threshold=0.5)
    with pytest.raises(ValueError, match="numpy array"):
        model.predict([0, 1])  # type: ignore[arg-type]


def test_a_clip_is_padded_and_cut_into_frames(loudness: Path, tmp_path: Path) -> None:
    """
    A recording gives a prediction per frame, a second of silence around it, from a file as from samples.
    """
    pcm = np.concatenate(frames(0.2, 0.7))
    soundfile.write(tmp_path / "clip.wav", pcm, 16_000)

    from_samples = Model([loudness]).predict_clip(pcm)
    from_file = Model([loudness]).predict_clip(tmp_path / "clip.wav")

    assert len(from_samples) == (2 * 16_000 + 2 * FRAME) // FRAME
    assert from_samples == from_file
    assert max(scores["loud"] for scores in from_samples) == pytest.approx(0.7, abs=1e-3)


def test_predictions_are_remembered(loudness: Path) -> None:
    """
    The buffer holds the latest 30 predictions of each word; timing comes beside the scores.
    """
    model = Model([loudness])
    given(model, *np.linspace(0, 0.9, 40))

    scores, timing = model.predict(frames(0.6)[0], timing=True)

    assert len(model.prediction_buffer["loud"]) == 30
    assert model.prediction_buffer["loud"][-1] == scores["loud"]
    assert timing["models"] > 0
