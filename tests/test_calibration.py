"""What is proposed for a room and a voice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from watchword import Detector
from watchword.calibration import MARGIN, calibrate
from watchword.cli import main
from watchword.level import amplified, level, levels
from watchword.network import Pcm

RATE = 16_000


def sounding(*peaks: float, pause: float = 1.0) -> Pcm:
    """Bursts of 0.2 s with given peaks (of full scale) after pauses; the bundle's probability is the peak."""
    parts = []
    for peak in peaks:
        burst = np.resize([peak, -peak], RATE // 5) * 32_767
        parts += [np.zeros(round(pause * RATE)), burst]
    return np.concatenate([*parts, np.zeros(RATE)]).astype(np.int16)


def test_the_bundles_threshold_stays_where_it_serves(loudness: Path) -> None:
    """
    Between a quiet room and words that score high, the threshold and the level are left alone.
    """
    found = calibrate(Detector(loudness), sounding(0.1), sounding(0.8, 0.9), 2)

    assert found.threshold == 0.5
    assert found.word_peaks == pytest.approx([0.8, 0.9], abs=0.01)
    assert found.separated


def test_a_threshold_is_raised_above_the_room(loudness: Path) -> None:
    """
    What the room scores stays below the proposed threshold by the margin, words or not.
    """
    found = calibrate(Detector(loudness), sounding(0.6))

    assert found.threshold == pytest.approx(0.6 + MARGIN, abs=0.01)
    assert found.speech_level is None


def test_a_quiet_voice_is_amplified(loudness: Path) -> None:
    """
    The gain brings the voice's loud parts to the level aimed for, without clipping it, and scores are taken with it.
    """
    voice = sounding(0.01, 0.012)

    found = calibrate(Detector(loudness), np.zeros(5 * RATE, np.int16), voice, 2)

    assert 10 <= found.gain <= 30
    assert found.word_peaks[0] == pytest.approx(0.01 * 10 ** (found.gain / 20), rel=0.05)
    assert np.abs(amplified(voice, found.gain).astype(int)).max() < 32_767


def test_words_below_the_room_are_told(loudness: Path) -> None:
    """
    When a word scores lower than the room, the two are not separated and the room decides.
    """
    found = calibrate(Detector(loudness), sounding(0.9), sounding(0.7, 0.8), 2)

    assert not found.separated
    assert found.threshold > 0.9


def test_clipping_is_measured(loudness: Path) -> None:
    """
    The share of samples at full scale is told.
    """
    found = calibrate(Detector(loudness), np.full(10 * RATE, 32_767, np.int16))

    assert found.clipped == 1.0


def test_levels_are_those_of_blocks() -> None:
    """
    Each block has its own level; less than a block is one.
    """
    pcm = np.concatenate([np.full(100, 3_277, np.int16), np.zeros(100, np.int16)])

    assert levels(pcm, 100) == pytest.approx([level(pcm[:100]), -60.0])
    assert len(levels(pcm[:50], 100)) == 1


def test_recordings_are_calibrated_from_the_command_line(
    loudness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    The verb reads a room and a voice, prints the command to try, and JSON when asked; a voice needs a room.
    """
    room, voice = tmp_path / "room.wav", tmp_path / "voice.wav"
    soundfile.write(room, sounding(0.1), RATE)
    soundfile.write(voice, sounding(0.8, 0.9), RATE)
    words = ["calibrate", "--model", str(loudness), "--room", str(room), "--voice", str(voice), "--words", "2"]

    codes = main(words), main([*words, "--json"]), main(["calibrate", "--voice", str(voice)])

    printed, told = capsys.readouterr()
    *_, proposal, json_line = printed.splitlines()
    assert codes == (0, 0, 1)
    assert f"watchword listen --model {loudness} --threshold 0.5" in proposal
    assert json.loads(json_line)["threshold"] == 0.5
    assert "--voice has no --room" in told
