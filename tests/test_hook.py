"""The command that an event starts."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from watchword import WatchwordError, hook
from watchword.detector import Event
from watchword.hook import Hook

EVENT = Event("loud", 0.5, 0.9)
PCM, SMOOTHED = np.zeros(1, np.int16), {"activate": np.zeros(1)}


def test_command_gets_the_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The command is started without a shell, with the event added to its environment, and is collected when it has ended.
    """
    told = tmp_path / "told"
    names = ["WATCHWORD_WORD", "WATCHWORD_TIME", "WATCHWORD_SCORE"]
    monkeypatch.setenv("MINE", "kept")
    script = "import os, sys; open(sys.argv[1], 'w').write(repr([os.environ[n] for n in sys.argv[2:]]))"
    command = Hook([sys.executable, "-c", script, str(told), *names, "MINE"])

    command.event(EVENT)
    os.waitid(os.P_PID, command.running[0], os.WEXITED | os.WNOWAIT)
    command.audio(PCM, SMOOTHED)

    assert ["loud", "0.500", "0.900", "kept"] == eval(told.read_text())
    assert [] == command.running


def test_command_is_not_waited_for() -> None:
    """
    An event does not wait for its command, and no more than the limit run at a time.
    """
    command = Hook([sys.executable, "-c", "import time; time.sleep(30)"])
    began = time.monotonic()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hook, "MAX_RUNNING", 2)
        for _ in range(3):
            command.event(EVENT)

    assert time.monotonic() - began < 20
    assert 2 == len(command.running)
    for process in command.running:
        os.kill(process, signal.SIGKILL)
        os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
    command.audio(PCM, SMOOTHED)


def test_vanished_command_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """
    A command that can no longer be started is logged instead of raised.
    """
    program = tmp_path / "ring"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    command = Hook([str(program)])
    program.unlink()

    command.event(EVENT)

    assert "not started (No such file or directory)" in caplog.text


def test_absent_command_is_refused() -> None:
    """
    A command that is not there is refused before listening begins.
    """
    with pytest.raises(WatchwordError, match="there is no command 'nosuch'"):
        Hook(["nosuch"])
