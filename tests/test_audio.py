"""Recordings and raw PCM: what comes through, and how exactly."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recordings import RATE, encoded, named, speechlike, tone

from watchword import AudioError, audio, recording
from watchword.network import Pcm


@settings(deadline=None)
@given(st.lists(st.integers(-32_768, 32_767), min_size=1, max_size=300), st.sampled_from(["WAV", "FLAC", "AIFF"]))
def test_int16_is_untouched(values: list[int], form: str) -> None:
    """
    16-bit mono at 16 kHz comes through bit for bit.
    """
    pcm = np.array(values, np.int16)

    assert np.array_equal(pcm, audio.read(named(encoded(pcm, format=form, subtype="PCM_16"))))


# Relative errors; measured 0.014, 0.029, 0.036 and 0.027 in this order; one sample of delay would be 0.15.
@pytest.mark.parametrize(
    ("form", "subtype", "tolerance"),
    [
        ("WAV", "PCM_16", 0.0),
        ("WAV", "PCM_24", 0.0),
        ("WAV", "FLOAT", 0.0),
        ("WAV", "ULAW", 0.04),
        ("FLAC", "PCM_16", 0.0),
        ("AIFF", "PCM_16", 0.0),
        ("CAF", "ALAC_16", 0.0),
        ("W64", "PCM_16", 0.0),
        ("RF64", "PCM_16", 0.0),
        ("OGG", "VORBIS", 0.09),
        ("OGG", "OPUS", 0.11),
        ("MP3", "MPEG_LAYER_III", 0.08),
    ],
)
def test_formats_keep_the_sound(form: str, subtype: str, tolerance: float) -> None:
    """
    What is encoded comes back at the same time, with no more than the codec's own error.
    """
    pcm = speechlike()

    decoded = audio.read(named(encoded(pcm / 32_768, format=form, subtype=subtype)))

    assert len(pcm) == len(decoded)
    error = np.linalg.norm(decoded.astype(float) - pcm) / np.linalg.norm(pcm.astype(float))
    assert error <= tolerance


@pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 384_000])
def test_resampling_keeps_tone_and_time(rate: int) -> None:
    """
    A tone at any rate becomes the same tone at 16 kHz, neither shifted nor scaled.
    """
    decoded = audio.read(named(encoded(tone(997, rate=rate), rate, subtype="FLOAT")))

    difference = np.abs(decoded - 32_768 * tone(997))[800:-800]  # the ends are steps, which ring
    assert difference.max() <= 1  # measured 0.51, of which rounding is 0.5; 32767 for 32768 would be 0.5 more


def test_resampling_does_not_alias() -> None:
    """
    A 10 kHz tone at 48 kHz is gone at 16 kHz, where it would be a 6 kHz one.
    """
    decoded = audio.read(named(encoded(tone(10_000, rate=48_000), 48_000, subtype="FLOAT")))

    assert np.abs(decoded[800:-800]).max() <= 1  # measured 0 within, some at the ends, which are steps


@settings(deadline=None, max_examples=50)
@given(st.integers(4_000, 384_000), st.integers(100, 30_000))
def test_resampling_keeps_the_duration(rate: int, frames: int) -> None:
    """
    The output has the input's duration, within one sample: nothing stays in the resampler.
    """
    decoded = audio.read(named(encoded(np.zeros(frames, np.int16), rate)))

    assert abs(len(decoded) - frames * RATE / rate) <= 1


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 5_000), st.sampled_from([8_000, 16_000, 44_100]))
def test_block_size_changes_nothing(frames: int, rate: int) -> None:
    """
    A recording that is decoded in blocks of any size gives the same samples.
    """
    content = encoded(speechlike(0.5), rate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "BLOCK_FRAMES", frames)
        decoded = list(audio.blocks(named(content)))

    assert all(len(block) for block in decoded)
    assert np.array_equal(audio.read(named(content)), np.concatenate(decoded))


def test_channels_are_averaged() -> None:
    """
    Two channels give their mean, not their sum and not the first one.
    """
    stereo = np.array([[1_000, 3_000], [-20_000, -30_000]], np.int16)

    assert [2_000, -25_000] == audio.read(named(encoded(stereo))).tolist()


def test_overshoot_is_clipped() -> None:
    """
    Floats beyond full scale become the largest integers instead of wrapping around.
    """
    samples = np.array([-3.0, -1.0, 0.5, 1.0, 3.0], np.float32)

    decoded = audio.read(named(encoded(samples, subtype="FLOAT")))

    assert [-32_768, -32_768, 16_384, 32_767, 32_767] == decoded.tolist()


@pytest.mark.parametrize("kind", [str, Path])
def test_paths_are_read(kind: Callable[[Path], str | Path], tmp_path: Path) -> None:
    """
    A file is read by its path, as text or as `Path`, whatever its suffix says.
    """
    path = tmp_path / "kitchen.raw"
    path.write_bytes(encoded(speechlike()))

    assert np.array_equal(speechlike(), audio.read(kind(path)))


class Pieces:
    """A stream that gives its bytes in given pieces, as a pipe does."""

    name = "<stdin>"

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = iter(pieces)
        self.read = self.read1

    def read1(self, _size: int) -> bytes:
        """Give the next piece."""
        return next(self._pieces, b"")


def raw(pieces: list[bytes]) -> Iterator[Pcm]:
    """`audio.raw` of a stream of pieces."""
    return audio.raw(cast(BinaryIO, Pieces(pieces)))


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=7), min_size=2, max_size=20))
def test_raw_takes_any_pieces(pieces: list[bytes]) -> None:
    """
    Little-endian samples come out whole wherever the pieces are cut; half a sample at the end is refused.
    """
    whole = b"".join(pieces)
    decoded: list[Pcm] = []

    try:
        decoded += raw(pieces)
        ended_well = True
    except AudioError as exc:
        ended_well = "<stdin>: ends in half a sample" not in str(exc)

    assert (len(whole) % 2 == 0) == ended_well
    if ended_well:
        assert [v for (v,) in struct.iter_unpack("<h", whole)] == np.concatenate(decoded).tolist()
        assert {np.dtype(np.int16)} == {block.dtype for block in decoded}


def test_raw_does_not_wait_for_more() -> None:
    """
    Each piece gives its samples before the next is asked for.
    """
    stream = raw([b"\1\0\2", b"\0"])

    assert [1] == next(stream).tolist()
    assert [2] == next(stream).tolist()


def test_raw_without_audio_is_refused() -> None:
    """
    An empty stream is refused with the command that makes one.
    """
    with pytest.raises(AudioError, match="<stdin>: holds no audio, expected raw 16-bit PCM: arecord"):
        list(raw([]))
