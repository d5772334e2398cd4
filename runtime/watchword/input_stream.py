"""One opening of a sound device, which tells when it has ended."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from watchword.audio import SAMPLE_RATE

BLOCK_SECONDS = 0.08
STALL_SECONDS = 1.0
"""Without a block for so long, the sound server hangs: PortAudio itself reports nothing."""

FIRST_SECONDS = 5.0
"""Patience for the first block: a wireless headset changes its profile first."""

POLL_SECONDS = 0.1
CLOSE_SECONDS = 0.5


class Block(NamedTuple):
    """Audio as the device gives it."""

    frames: npt.NDArray[np.int16]
    """(frames, channels)"""

    rate: int
    lag: float
    """Seconds since it sounded."""

    overflow: bool
    """Whether audio before it was lost."""


class InputStream:
    """A running stream. `deliver` is called on PortAudio's thread, where an exception would end it unseen."""

    def __init__(self, sounddevice: ModuleType, device: str | int | None, deliver: Callable[[Block], None]) -> None:
        self._deliver = deliver
        self._finished = threading.Event()
        self._abandoned = False
        self.heard = False
        """Whether a block has arrived."""
        self.rate, channels = _form(sounddevice, device)
        self._stream = sounddevice.InputStream(
            device=device,
            samplerate=self.rate,
            channels=channels,
            dtype="int16",
            blocksize=round(self.rate * BLOCK_SECONDS),
            callback=self._callback,
            finished_callback=self._finished.set,
        )
        self._last = time.monotonic()
        self._stream.start()

    def ended(self) -> str | None:
        """Why there will be no more audio, or None after a moment in which all was well."""
        if self._finished.wait(POLL_SECONDS) or not self._stream.active:
            return "the device went away"
        patience = STALL_SECONDS if self.heard else FIRST_SECONDS
        return f"no audio for {patience:g} s" if time.monotonic() - self._last > patience else None

    def close(self) -> threading.Thread:
        """Close it in a thread of its own, which lives as long as the sound server hangs."""
        self._abandoned = True
        closing = threading.Thread(target=self._stream.close, kwargs={"ignore_errors": True}, daemon=True)
        closing.start()
        closing.join(CLOSE_SECONDS)
        return closing

    def _callback(self, frames: npt.NDArray[np.int16], _count: int, times: Any, status: Any) -> None:
        if self._abandoned:  # a server that hung has come back
            return
        self._last = time.monotonic()
        self.heard = True
        lag = times.currentTime - times.inputBufferAdcTime
        self._deliver(Block(frames.copy(), self.rate, lag, status.input_overflow))  # PortAudio uses `frames` again


def _form(sounddevice: ModuleType, device: str | int | None) -> tuple[int, int]:
    """Rate and channels to open with: 16 kHz mono if the device can, else what it prefers."""
    info = sounddevice.query_devices(device, "input")
    preferred = round(info["default_samplerate"])
    for rate in (SAMPLE_RATE, preferred):
        try:
            sounddevice.check_input_settings(device, channels=1, dtype="int16", samplerate=rate)
        except sounddevice.PortAudioError:
            continue
        return rate, 1
    return preferred, info["max_input_channels"]
