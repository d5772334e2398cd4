"""Any rate and any number of channels to mono int16 at one rate, in pieces."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from watchword.network import Pcm

Frames = npt.NDArray[np.float32]
"""(frames, channels), where full scale is -1 to 1."""

INT16_SCALE = 32_768


class Resampler:
    """The channels' mean, resampled by soxr; the cuts between pushes change nothing."""

    def __init__(self, rate: int, sample_rate: int) -> None:
        same = rate == sample_rate
        self._stream = None if same else soxr.ResampleStream(rate, sample_rate, 1, dtype="float32", quality="HQ")

    def push(self, frames: Frames, last: bool = False) -> Pcm:
        """
        Take (frames, channels); gives the mono samples that they complete, and with `last` all that soxr holds back.

        A value x becomes round(32768 x), clipped to int16: int16 mono at the same rate comes through bit for bit.
        """
        mono = frames[:, 0] if frames.shape[1] == 1 else frames.mean(axis=1)
        if self._stream is not None:
            mono = self._stream.resample_chunk(np.ascontiguousarray(mono), last)
        pcm: Pcm = np.clip(np.rint(mono * INT16_SCALE), -INT16_SCALE, INT16_SCALE - 1).astype(np.int16)
        return pcm
