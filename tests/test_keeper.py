"""The audio around events, in files."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from watchword import WatchwordError, audio, keeper
from watchword.detector import Event
from watchword.keeper import Keeper
from watchword.network import Pcm

RATE = 16_000
SMOOTHED = {"activate": np.zeros(2)}


def ramp(seconds: float) -> Pcm:
    """Every sample differs from its neighbours, none is zero; (samples,)."""
    return (np.arange(round(seconds * RATE)) % 30_000 + 1).astype(np.int16)


def hear(keeps: Keeper, blocks: Iterable[Pcm], *times: float) -> None:
    """Push blocks, and events at given seconds as soon as they have been heard."""
    due = list(times)
    heard = 0
    for pcm in blocks:
        keeps.audio(pcm, SMOOTHED)
        heard += len(pcm)
        while due and due[0] * RATE <= heard:
            keeps.event(Event("loud", due.pop(0), 0.9))


def kept(folder: Path) -> list[Pcm]:
    """The recordings in the folder, by name."""
    return [audio.read(path) for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("size", [1_000, 1_280, 50_000, 160_000])
def test_keeper_writes_two_seconds_before_and_one_after(tmp_path: Path, size: int) -> None:
    """
    Each file holds exactly the audio around its event, whatever the blocks and however close the events.
    """
    pcm = ramp(10)
    folder = tmp_path / "new" / "kept"

    hear(Keeper(folder, RATE), [pcm[i : i + size] for i in range(0, len(pcm), size)], 4.0, 4.5, 8.0)

    expected = [pcm[round((t - 2) * RATE) : round((t + 1) * RATE)] for t in (4.0, 4.5, 8.0)]
    assert ["loud-0001.wav", "loud-0002.wav", "loud-0003.wav"] == sorted(p.name for p in folder.iterdir())
    assert all(np.array_equal(e, k) for e, k in zip(expected, kept(folder), strict=True))


def test_keeper_stops_at_edges_and_gaps(tmp_path: Path) -> None:
    """
    A file has no audio from the other side of a gap, and an event near the start or the end has what there is.
    """
    pcm = ramp(6)
    keeps = Keeper(tmp_path, RATE)

    hear(keeps, [pcm[: 3 * RATE]], 1.0, 2.75)
    keeps.gap(3.0, "unplugged")
    keeps.audio(pcm[3 * RATE :], SMOOTHED)
    for at in (3.5, 5.5):
        keeps.event(Event("loud", at, 0.9))
    keeps.close()

    spans = [(0, 2), (0.75, 3), (3, 4.5), (3.5, 6)]
    expected = [pcm[round(a * RATE) : round(b * RATE)] for a, b in spans]
    assert all(np.array_equal(e, k) for e, k in zip(expected, kept(tmp_path), strict=True))


def test_keeper_remembers_no_more_than_it_needs(tmp_path: Path) -> None:
    """
    An hour of audio without an event leaves two seconds and a block in memory.
    """
    keeps = Keeper(tmp_path, RATE)

    hear(keeps, (ramp(1) for _ in range(3_600)))

    assert 3 * RATE == keeps.remembered


def test_keeper_writes_a_bounded_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """
    Files that are there count and are never touched; beyond the limit nothing is written, and that is told.
    """
    monkeypatch.setattr(keeper, "MAX_FILES", 3)
    (tmp_path / "loud-0002.wav").write_text("mine")

    keeps = Keeper(tmp_path, RATE)
    hear(keeps, [ramp(1)], 0.1, 0.2, 0.3)
    keeps.close()

    assert ["loud-0001.wav", "loud-0002.wav", "loud-0003.wav"] == sorted(p.name for p in tmp_path.iterdir())
    assert "mine" == (tmp_path / "loud-0002.wav").read_text()
    assert "holds 3 recordings, no more are kept" in caplog.text


def test_keeper_stays_in_its_folder(tmp_path: Path) -> None:
    """
    A word with a slash in it does not lead out of the folder.
    """
    keeps = Keeper(tmp_path / "kept", RATE)

    keeps.audio(ramp(1), SMOOTHED)
    keeps.event(Event("../out", 0.5, 0.9))
    keeps.close()

    assert ["___out-0001.wav"] == [p.name for p in (tmp_path / "kept").iterdir()]


def test_keeper_without_a_folder_is_refused(tmp_path: Path) -> None:
    """
    A folder that cannot be made is refused before listening begins.
    """
    (tmp_path / "file").touch()

    with pytest.raises(WatchwordError, match="cannot be made"):
        Keeper(tmp_path / "file" / "kept", RATE)


def test_full_disk_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """
    A recording that cannot be written is logged instead of raised.
    """
    keeps = Keeper(tmp_path, RATE)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", refuse)
    with caplog.at_level(logging.WARNING):
        hear(keeps, [ramp(1), ramp(1)], 0.5)

    assert "was not kept (No space left on device)" in caplog.text
