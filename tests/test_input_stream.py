"""One opening of a device, with PortAudio made up: which form is asked for, and what its callback does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from watchword import input_stream
from watchword.input_stream import Block, InputStream


class RefusalError(Exception):
    """PortAudio's error."""


class Device:
    """Enough of sounddevice for one device that accepts some forms."""

    PortAudioError = RefusalError

    def __init__(self, accepts: Callable[[int, int], bool]) -> None:
        self._accepts = accepts
        self.active = True
        self.hangs = threading.Event()
        self.hangs.set()

    def query_devices(self, _device: object, _kind: str) -> dict[str, Any]:
        """It prefers 48 kHz and has four channels."""
        return {"default_samplerate": 48_000.0, "max_input_channels": 4}

    def check_input_settings(self, _device: object, channels: int, dtype: str, samplerate: int) -> None:
        """Refuse what is not accepted."""
        assert dtype == "int16"
        if not self._accepts(samplerate, channels):
            raise RefusalError

    def InputStream(self, **options: Any) -> Device:  # noqa: N802, the name that sounddevice gives it
        """Note how it was opened."""
        self.options = options
        return self

    def start(self) -> None:
        """Begin."""

    def close(self, ignore_errors: bool) -> None:
        """End, or hang."""
        assert ignore_errors
        self.hangs.wait(30)

    def give(self, frames: np.ndarray, overflow: bool = False) -> None:
        """Call back, with a buffer that is used again, a quarter of a second late."""
        times = SimpleNamespace(currentTime=10.25, inputBufferAdcTime=10.0)
        self.options["callback"](frames, len(frames), times, SimpleNamespace(input_overflow=overflow))
        frames[:] = 0


def opened(device: Device) -> tuple[InputStream, list[Block]]:
    """A stream of the device and what it delivers."""
    blocks: list[Block] = []
    return InputStream(cast(ModuleType, device), None, blocks.append), blocks


@pytest.mark.parametrize(
    ("accepts", "form"),
    [
        (lambda rate, channels: True, (16_000, 1, 1_280)),
        (lambda rate, channels: rate == 48_000, (48_000, 1, 3_840)),
        (lambda rate, channels: channels == 4, (48_000, 4, 3_840)),
    ],
)
def test_form_is_the_nearest_that_the_device_has(
    accepts: Callable[[int, int], bool], form: tuple[int, int, int]
) -> None:
    """
    16 kHz mono is asked for first, then the device's own rate, then all its channels, always 80 ms at a time.
    """
    device = Device(accepts)

    stream, _ = opened(device)

    assert form == (stream.rate, device.options["channels"], device.options["blocksize"])
    assert device.options["samplerate"] == stream.rate


def test_callback_copies() -> None:
    """
    A block keeps its samples although PortAudio uses its buffer again; its lag and overflow come with it.
    """
    device = Device(lambda rate, channels: True)
    stream, blocks = opened(device)

    device.give(np.full((3, 1), 7, np.int16), overflow=True)

    (block,) = blocks
    assert block.frames.tolist() == [[7], [7], [7]]
    assert (block.rate, block.lag, block.overflow) == (16_000, 0.25, True)
    assert stream.heard


def test_running_stream_has_not_ended() -> None:
    """
    There is no reason to end while blocks arrive.
    """
    stream, _ = opened(Device(lambda rate, channels: True))

    assert stream.ended() is None


def test_stream_ends_with_the_device() -> None:
    """
    The stream has ended when PortAudio calls its end, or is active no more.
    """
    finished, inactive = (Device(lambda rate, channels: True) for _ in range(2))
    streams = [opened(device)[0] for device in (finished, inactive)]

    finished.options["finished_callback"]()
    inactive.active = False

    assert [stream.ended() for stream in streams] == ["the device went away"] * 2


def test_stream_ends_when_blocks_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A server that hangs is noticed by the time since the last block; the first one may take longer.
    """
    monkeypatch.setattr(input_stream, "STALL_SECONDS", 0.05)
    device = Device(lambda rate, channels: True)
    stream, _ = opened(device)

    before = stream.ended()
    device.give(np.zeros((3, 1), np.int16))

    assert before is None
    assert stream.ended() == "no audio for 0.05 s"


def test_close_does_not_wait_for_a_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Closing goes on in its own thread, and a late block of the closed stream is dropped.
    """
    monkeypatch.setattr(input_stream, "CLOSE_SECONDS", 0.05)
    device = Device(lambda rate, channels: True)
    stream, blocks = opened(device)
    device.hangs.clear()

    closing = stream.close()
    hung = closing.is_alive()
    device.give(np.zeros((3, 1), np.int16))
    device.hangs.set()
    closing.join()

    assert hung
    assert blocks == []
