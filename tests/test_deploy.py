"""The service for systemd, and its installation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1] / "deploy"
UNIT = DEPLOY / "watchword.service"
EXPOSURE = 3.0
"""What `systemd-analyze security` may say at most, of 10."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd-analyze: apt-get install systemd"
)


@needs_systemd
def test_the_service_is_understood(tmp_path: Path) -> None:
    """
    Systemd knows every setting of the unit and has nothing to say of it.
    """
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/watchword/bin/watchword", sys.executable), "utf-8")

    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True)

    assert (verified.returncode, verified.stderr) == (0, "")


@needs_systemd
def test_the_service_can_reach_little() -> None:
    """
    Its exposure, as systemd counts it, is below 3 of 10.
    """
    threshold = f"--threshold={round(10 * EXPOSURE)}"

    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", threshold, str(UNIT)]
    judged = subprocess.run(command, capture_output=True, text=True)

    assert judged.returncode == 0, judged.stdout[-200:]


def test_a_machine_without_wheels_is_refused(tmp_path: Path) -> None:
    """
    On a 32-bit ARM the installation ends with what is needed, and leaves nothing behind.
    """
    uname = tmp_path / "uname"
    uname.write_text("#!/bin/sh\necho armv7l\n")
    uname.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "DESTDIR": str(tmp_path / "root")}

    installed = subprocess.run([DEPLOY / "install.sh"], env=environment, capture_output=True, text=True)

    assert installed.returncode == 1
    assert "armv7l has no wheels" in installed.stderr
    assert not (tmp_path / "root").exists()
