"""Recordings and raw PCM to mono int16 at the detector's rate, in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from watchword.errors import AudioError
from watchword.network import Pcm
from watchword.recording import Source, decode, name_of, opened
from watchword.resampler import Resampler

SAMPLE_RATE = 16_000
"""Hertz of the audio that detectors take."""

RAW_BYTES = 32_768
"""Most bytes taken from a raw stream at once, 1.024 seconds at 16 kHz."""


def blocks(source: Source, sample_rate: int = SAMPLE_RATE) -> Iterator[Pcm]:
    """
    Decode a recording to blocks of (samples,) int16.

    AudioError tells why it is refused, when the first block is asked for or, of damage further on, later.
    """
    with opened(source) as sound:
        resampler = Resampler(sound.samplerate, sample_rate)
        empty = True
        for frames in decode(sound, name_of(source)):
            pcm = resampler.push(frames)
            if len(pcm):
                empty = False
                yield pcm
        pcm = resampler.push(np.empty((0, 1), np.float32), last=True)
        if len(pcm):
            yield pcm
        elif empty:
            raise AudioError(f"{name_of(source)}: holds no audio, expected at least one sample; record it again")


def read(source: Source, sample_rate: int = SAMPLE_RATE) -> Pcm:
    """Decode a whole recording to (samples,) int16."""
    return np.concatenate(list(blocks(source, sample_rate)))


def raw(stream: BinaryIO) -> Iterator[Pcm]:
    """Blocks of (samples,) int16 from little-endian PCM at the detector's rate, as they arrive, until it ends."""
    take = getattr(stream, "read1", stream.read)
    expected = f"expected raw 16-bit PCM: arecord -t raw -f S16_LE -r {SAMPLE_RATE} -c 1"
    rest = b""
    empty = True
    while data := take(RAW_BYTES):
        data = rest + data
        usable = len(data) // 2 * 2
        rest = data[usable:]
        if usable:
            empty = False
            yield np.frombuffer(data[:usable], "<i2").astype(np.int16)
    if rest:
        raise AudioError(f"{name_of(stream)}: ends in half a sample, {expected}")
    if empty:
        raise AudioError(f"{name_of(stream)}: holds no audio, {expected}")
