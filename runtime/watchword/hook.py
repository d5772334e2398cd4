"""The command that an event starts."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Mapping

from watchword.detector import Event
from watchword.errors import WatchwordError
from watchword.network import Pcm
from watchword.sink import Sink
from watchword.trigger import Smoothed

MAX_RUNNING = 16
"""Commands at a time; more are not started, so that one that hangs cannot fill the machine."""

STANDARD_ERROR = 2

_log = logging.getLogger(__name__)


class Hook(Sink):
    """
    Starts a command at each event, without a shell and without waiting, and collects it when it ends.

    The event is in its environment: WATCHWORD_WORD, WATCHWORD_TIME in seconds, WATCHWORD_SCORE. What it prints goes to
    standard error, because standard output may carry JSON lines.
    """

    def __init__(self, command: list[str]) -> None:
        if shutil.which(command[0]) is None:
            raise WatchwordError(f"there is no command {command[0]!r}; expected a program, try: which {command[0]}")
        self._command = command
        self._running: list[subprocess.Popen[bytes]] = []

    @property
    def running(self) -> list[int]:
        """Process numbers of the commands that are not collected yet."""
        return [process.pid for process in self._running]

    def audio(self, pcm: Pcm, smoothed: Mapping[str, Smoothed]) -> None:
        """Collect those that have ended."""
        self._running = [process for process in self._running if process.poll() is None]

    def event(self, event: Event) -> None:
        """Start the command."""
        if len(self._running) >= MAX_RUNNING:
            _log.warning("%s: not started, %d are still running", self._command[0], MAX_RUNNING)
            return
        told = {"WORD": event.word, "TIME": f"{event.time:.3f}", "SCORE": f"{event.score:.3f}"}
        environment = {**os.environ, **{f"WATCHWORD_{name}": value for name, value in told.items()}}
        try:
            process = subprocess.Popen(self._command, env=environment, stdin=subprocess.DEVNULL, stdout=STANDARD_ERROR)
        except OSError as exc:
            _log.warning("%s: not started (%s)", self._command[0], exc.strerror)
        else:
            self._running.append(process)
