"""The runtime keeps to itself: what the kernel is asked for, as strace sees it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples" / "activated.flac"
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
CHANGING = "mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,creat,truncate"


def traced(tmp_path: Path, *command: str) -> list[str]:
    """System calls about sockets and files, those that succeeded, of a program and its threads."""
    if shutil.which("strace") is None:
        pytest.skip("strace is missing: apt-get install strace")
    log = tmp_path / "strace"
    calls = f"trace=%network,open,openat,{CHANGING}"
    watch = ["strace", "-f", "-qq", "-o", str(log), "-e", calls, "-e", "status=successful"]
    subprocess.run([*watch, sys.executable, "-B", *command], check=True, capture_output=True, timeout=120)
    return [line.split(maxsplit=1)[1] for line in log.read_text("utf-8", "replace").splitlines()]


def sockets(calls: list[str]) -> list[str]:
    """Those that open one."""
    return [call for call in calls if call.startswith(("socket(", "connect(", "bind(", "sendto("))]


def written(calls: list[str]) -> set[str]:
    """Files that were opened for writing, made, moved or deleted."""
    changing = tuple(f"{name}(" for name in CHANGING.split(","))
    touched = [
        call
        for call in calls
        if call.startswith(changing) or (call.startswith(("open(", "openat(")) and WRITING.search(call))
    ]
    return {path for call in touched for path in re.findall(r'"([^"]*)"', call)} - {"/dev/null"}


def test_detection_opens_no_socket_and_writes_no_file(tmp_path: Path) -> None:
    """
    A detection from start to end asks the kernel for no socket and changes no file.
    """
    calls = traced(tmp_path, "-m", "watchword", "detect", "--json", str(EXAMPLE))

    assert any(str(EXAMPLE) in call for call in calls)
    assert not sockets(calls)
    assert written(calls) <= {"/dev/tty"}


def test_detection_writes_what_it_was_told_and_no_more(tmp_path: Path) -> None:
    """
    With a chimed copy asked for, that is the one file that changes.
    """
    chimed = tmp_path / "out.wav"

    calls = traced(tmp_path, "-m", "watchword", "detect", str(EXAMPLE), "--chime", str(chimed))

    assert chimed.is_file()
    assert {Path(path).parent for path in written(calls)} == {tmp_path}


def test_the_trace_would_show_a_socket_and_a_file(tmp_path: Path) -> None:
    """
    A program that does open a socket and write a file is seen doing so.
    """
    secret = tmp_path / "secret"
    program = f"import socket, pathlib; socket.socket(); pathlib.Path({str(secret)!r}).write_text('x')"

    calls = traced(tmp_path, "-c", program)

    assert sockets(calls)
    assert written(calls) == {str(secret)}
