"""Recordings as libsndfile decodes them: what their headers may say, and what is refused."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recordings import RATE, encoded, flac, named, speechlike, tone

from watchword import AudioError, audio, recording


@pytest.mark.parametrize("total", [0, 3 * RATE])
def test_flac_of_untold_length_is_read_to_its_end(total: int) -> None:
    """
    FLAC that was written to a pipe does not tell its length, and is read all the same.
    """
    assert np.array_equal(speechlike(3.0), audio.read(named(flac(total))))


def test_wav_of_untold_length_is_read_to_its_end() -> None:
    """
    WAV that was written to a pipe has the largest length in its header, and is read all the same.
    """
    content = bytearray(encoded(speechlike()))
    content[40:44] = struct.pack("<I", 0xFFFF_FFFF)

    assert np.array_equal(speechlike(), audio.read(named(bytes(content))))


def test_too_long_by_header_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A header that tells too many seconds is enough: nothing is decoded.
    """
    monkeypatch.setattr(recording, "MAX_SECONDS", 2)

    with pytest.raises(AudioError, match=r"kitchen\.wav: lasts 3 s, expected at most 2; cut it: ffmpeg"):
        next(audio.blocks(named(flac(3 * RATE))))


def test_too_long_by_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When the header does not tell, decoding stops at the limit.
    """
    monkeypatch.setattr(recording, "MAX_SECONDS", 2)
    monkeypatch.setattr(recording, "BLOCK_FRAMES", RATE // 4)
    decoded = audio.blocks(named(flac(0)))

    heard = [len(next(decoded)) for _ in range(8)]

    assert sum(heard) == 2 * RATE
    with pytest.raises(AudioError, match="goes on after 2 s"):
        next(decoded)


def test_longest_recording_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A recording of exactly the longest duration is not refused.
    """
    monkeypatch.setattr(recording, "MAX_SECONDS", 3)

    assert 3 * RATE == len(audio.read(named(flac(0)))) == len(audio.read(named(flac(3 * RATE))))


NAN = np.array([0.0, np.nan, 0.0], np.float32)
INFINITE = np.array([0.0, -np.inf, 0.0], np.float32)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be decoded (Format not recognised); expected WAV, FLAC"),
        (b"no audio at all\n" * 100, "cannot be decoded (Format not recognised); expected WAV, FLAC"),
        (encoded(np.empty(0, np.int16)), "holds no audio, expected at least one sample"),
        (encoded(speechlike())[:44], "holds no audio, expected at least one sample"),
        (encoded(speechlike())[:30], "cannot be decoded (Error in WAV file. No 'data' chunk marker)"),
        (encoded(speechlike(), format="MP3", subtype="MPEG_LAYER_III")[:60], "cannot be decoded; expected WAV"),
        (encoded(speechlike(), format="AIFF")[:30], "cannot be decoded (Unspecified internal error); expected WAV"),
        (flac(3 * RATE)[:20_000], "cannot be decoded (flac decoder lost sync) after"),
        (encoded(NAN, subtype="FLOAT"), "holds samples that are not finite, expected numbers"),
        (encoded(INFINITE, subtype="DOUBLE"), "holds samples that are not finite, expected numbers"),
        (encoded(tone(440) * 32_768, subtype="FLOAT"), "peaks at 16384 times full scale, expected -1 to 1"),
        (encoded(np.zeros((9, 17), np.int16)), "has 17 channels, expected 1 to 16; try: ffmpeg -i kitchen.wav -ac 1"),
        (encoded(np.zeros(9, np.int16), 3_999), "has 3999 samples per second, expected 4000 to 384000"),
        (encoded(np.zeros(9, np.int16), 384_001), "has 384001 samples per second, expected 4000 to 384000"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # not the recording itself
)
def test_bad_audio_is_refused(content: bytes, reason: str) -> None:
    """
    Each refusal is one line that names the file and the reason, and no Python object.
    """
    with pytest.raises(AudioError) as refusal:
        audio.read(named(content))

    message = str(refusal.value)
    assert message.startswith(f"kitchen.wav: {reason}")
    assert "\n" not in message
    assert "object at" not in message


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("a memo.m4a", "try: ffmpeg -i 'a memo.m4a' 'a memo.wav'"),
        ("memo.wav", "try: ffmpeg -i memo.wav memo.converted.wav"),
        ("two\nlines", r"'two\nlines': cannot"),
        ("noise.raw", "raw PCM is read from standard input, as -"),
    ],
)
def test_unknown_formats_get_a_command(name: str, command: str) -> None:
    """
    What libsndfile does not know is refused with a command that converts it.
    """
    with pytest.raises(AudioError) as refusal:
        audio.read(named(b"\0" * 1_000, name))

    assert command in str(refusal.value)


def test_unopenable_paths_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A missing file, a folder, a device and a file without permission are refused by name.
    """
    locked = tmp_path / "locked.wav"
    locked.touch()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    for path, reason in [
        (tmp_path / "nosuch.wav", "cannot be opened (No such file or directory)"),
        (tmp_path, "is a folder, expected a recording"),
        (Path("/dev/null"), "is no regular file, expected a recording"),
    ]:
        with pytest.raises(AudioError) as refusal:
            audio.read(path)
        assert str(refusal.value).startswith(f"{path}: {reason}")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(AudioError, match=r"locked\.wav: cannot be opened \(Permission denied\)"):
        audio.read(locked)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.sampled_from(["WAV", "FLAC", "OGG", "AIFF", "CAF"]), st.integers(0, 400))
def test_damage_is_refused_or_decoded(garbage: bytes, form: str, at: int) -> None:
    """
    Whatever bytes stand in a recording, it is refused with an AudioError or gives int16.
    """
    content = bytearray(encoded(speechlike(0.1), format=form))
    content[at : at + len(garbage)] = garbage

    with contextlib.suppress(AudioError):
        decoded = audio.read(named(bytes(content)))
        assert decoded.dtype == np.int16
        assert decoded.ndim == 1
