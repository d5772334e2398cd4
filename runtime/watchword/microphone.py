"""The microphone, supervised: it survives an absent, unplugged or hanging device, overflow, and a slow consumer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from watchword import portaudio
from watchword.backlog import Backlog, Capture, Gap, Stats
from watchword.devices import Device, check, devices
from watchword.errors import MicrophoneError
from watchword.input_stream import POLL_SECONDS, InputStream

__all__ = ["Capture", "Device", "Gap", "Microphone", "Stats", "devices"]

EXIT_SECONDS = 2.0
"""Patience with the supervisor at the end: opening a device waits as long as the sound server hangs."""

FIRST_PAUSE, LAST_PAUSE = 0.25, 5.0
"""Seconds between attempts to open the device: doubled each time, back to the first when audio has arrived."""


class Microphone:
    """
    Iterating gives (samples,) int16 at 16 kHz and `Gap`s, until `stop`.

    The device is a name, or part of one, or an index; a name survives unplugging, an index may become another device.
    """

    def __init__(self, device: str | int | None = None) -> None:
        self._backlog = Backlog()
        self.stats = self._backlog.stats
        self._device = device
        self._stopped = False
        self._closing: threading.Thread | None = None
        self._failure: Exception | None = None
        self._supervisor = threading.Thread(target=self._run, daemon=True, name="microphone")

    def __enter__(self) -> Self:
        self._sounddevice = portaudio.load()
        if self._device is not None:
            check(self._device)
        self._supervisor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._supervisor.join(EXIT_SECONDS)

    def stop(self) -> None:
        """End the iteration. A signal handler may call it: it takes no lock."""
        self._stopped = True

    def __iter__(self) -> Iterator[Capture]:
        while not self._stopped:
            yield from self._backlog.take(POLL_SECONDS)
            if self._failure is not None:
                reason = " ".join(str(self._failure).split()) or type(self._failure).__name__
                raise MicrophoneError(f"the microphone cannot be listened to ({reason})") from self._failure

    def _run(self) -> None:
        """Supervise; what nobody foresaw ends the iteration with its reason, not a thread that nobody hears of."""
        try:
            self._supervise()
        except Exception as exc:  # handed over to the thread that iterates
            self._failure = exc

    def _supervise(self) -> None:
        """Open the device again and again; each outage gives one gap."""
        pause, told = FIRST_PAUSE, False
        while True:
            reason, heard = self._capture()
            if self._stopped:
                return
            if heard:
                pause, told = FIRST_PAUSE, False
            if not told:
                self._backlog.tell(reason)
                told = True
            until = time.monotonic() + pause
            while time.monotonic() < until and not self._stopped:
                time.sleep(POLL_SECONDS)
            pause = min(2 * pause, LAST_PAUSE)

    def _capture(self) -> tuple[str, bool]:
        """Open the device and watch it until it ends; gives why, and whether anything was heard."""
        sounddevice = self._sounddevice
        try:
            with portaudio.quiet():
                if self._closing is None or not self._closing.is_alive():
                    portaudio.restart(sounddevice)
                stream = InputStream(sounddevice, self._device, self._backlog.put)
        except (ValueError, sounddevice.PortAudioError) as exc:
            return f"no sound device can be opened ({' '.join(str(exc).split())})", False
        self.stats.opens += 1
        reason = None
        while reason is None and not self._stopped:
            reason = stream.ended()
        self._closing = stream.close()
        return reason or "stopped", stream.heard
