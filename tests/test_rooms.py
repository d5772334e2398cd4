"""Simulated rooms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from watchword_training import rooms
from watchword_training.voices import SAMPLE_RATE
from watchword_training.workers import Local


def decay_seconds(response: np.ndarray) -> float:
    """Reverberation time from -5 to -25 dB of the backward-integrated energy (Schroeder 1965, ISO 3382 T20)."""
    energy = np.cumsum(np.square(response[::-1].astype(float)))[::-1]
    decibels = 10 * np.log10(energy / energy[0] + 1e-12)
    start, end = (int(np.argmax(decibels < level)) for level in (-5, -25))
    return 3 * (end - start) / SAMPLE_RATE


def test_a_drawn_room_holds_everyone_inside() -> None:
    """
    Mouths, other sources and microphones lie inside the walls, and distances reach from 0.3 m to several metres.
    """
    drawn = [rooms.geometry("train", index) for index in range(300)]

    for room in drawn:
        for point in (room.voice, room.other, room.microphone):
            assert np.all(np.array(point) >= rooms.CLEARANCE - 0.001)
            assert np.all(np.array(room.size) - point >= rooms.CLEARANCE - 0.001)
        assert room.distance <= rooms.DISTANCES[1] + 0.01
    distances = [room.distance for room in drawn]
    assert np.percentile(distances, 10) < 0.6
    assert np.percentile(distances, 90) > 2


def test_no_room_is_in_two_splits() -> None:
    """
    The same index names another room in each split.
    """
    assert len({rooms.geometry(split, 0) for split in ("train", "validation", "test")}) == 3


@pytest.mark.parametrize("seconds", [0.25, 0.5])
def test_sound_decays_as_the_room_says(seconds: float) -> None:
    """
    The measured reverberation time is the room's own, and the direct sound is 1 at the first sample.
    """
    room = rooms.Geometry((5.0, 4.0, 2.5), seconds, (1.5, 1.2, 1.5), (4.0, 3.0, 1.0), (3.2, 2.6, 0.9))

    voice, other = rooms.response(room, np.random.default_rng(0))

    assert voice[0] == other[0] == 1.0
    assert 0.6 * seconds < decay_seconds(other[1:]) < 1.5 * seconds


def test_a_farther_voice_is_more_in_the_room() -> None:
    """
    Reflections grow against the direct sound with the distance.
    """
    near, far = (
        rooms.response(
            rooms.Geometry((6.0, 5.0, 2.6), 0.4, (1.0, y, 1.5), (5.0, 4.0, 1.2), (1.0, 0.5, 1.5)),
            np.random.default_rng(0),
        )[0]
        for y in (0.9, 4.4)
    )

    assert np.sum(np.square(near[1:])) < 0.3 * np.sum(np.square(far[1:]))


def test_a_bank_is_made_once_and_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    One process and two give the same bytes; a second call reads the file.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "one"))
    first = rooms.bank("test", 60, Local(1))
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "two"))
    second = rooms.bank("test", 60, Local(2))

    assert first.read_bytes() == second.read_bytes()
    assert np.load(first).shape == (60, 2, rooms.LENGTH)
    assert rooms.bank("test", 60, None) == second  # type: ignore[arg-type]
