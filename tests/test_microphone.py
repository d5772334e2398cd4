"""The microphone and the verb `listen`, against a real sound server."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest
import soundfile
from tests.virtual_microphone import VirtualMicrophone, missing

from watchword import MicrophoneError, devices, input_stream, portaudio
from watchword import microphone as module
from watchword.backlog import Capture, Gap
from watchword.microphone import Microphone
from watchword.network import Pcm

ROOT = Path(__file__).parents[1]
RATE = 16_000
PATIENCE = 30.0
"""Seconds after which what is waited for will not come."""

needs_sound = pytest.mark.skipif(bool(missing()), reason=f"no virtual microphone without {missing()}")


@pytest.fixture
def virtual() -> Iterator[VirtualMicrophone]:
    """A virtual microphone that is not plugged in yet, and where this process and its children look for it."""
    folder = Path(tempfile.mkdtemp(prefix="virtual", dir="/tmp"))  # the path of a socket has at most 107 bytes
    microphone = VirtualMicrophone(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in microphone.environment.items():
            patch.setenv(name, value)
        yield microphone
    microphone.unplug()
    shutil.rmtree(folder)


@contextlib.contextmanager
def opened() -> Iterator[Microphone]:
    """The default microphone, stopped when patience ends."""
    with Microphone() as microphone:
        guard = threading.Timer(PATIENCE, microphone.stop)
        guard.start()
        try:
            yield microphone
        finally:
            guard.cancel()


@contextlib.contextmanager
def watchword(*words: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The command line and its output, killed when patience ends."""
    command = [sys.executable, "-m", "watchword", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        guard = threading.Timer(PATIENCE, process.kill)
        guard.start()
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            guard.cancel()


def until_audio(captures: Iterator[Capture]) -> list[str]:
    """Reasons of the gaps before the next audio."""
    reasons: list[str] = []
    for capture in captures:
        if not isinstance(capture, Gap):
            return reasons
        reasons.append(capture.reason)
    pytest.fail(f"no audio, but {reasons}")


def until_gap(captures: Iterator[Capture]) -> str:
    """Reason of the next gap."""
    return next(capture.reason for capture in captures if isinstance(capture, Gap))


def noise(folder: Path, seconds: float) -> tuple[Path, Pcm]:
    """A recording of noise at all levels that begins and ends with no zero, and its samples."""
    pcm = np.random.default_rng(1).integers(-32_768, 32_767, round(seconds * RATE), dtype=np.int16)
    pcm[[0, -1]] = 1
    path = folder / "noise.wav"
    soundfile.write(path, pcm, RATE)
    return path, pcm


@needs_sound
def test_capture_is_bit_exact(virtual: VirtualMicrophone, tmp_path: Path) -> None:
    """
    The samples that sound are the samples that are captured, all of them.
    """
    virtual.plug()
    path, played = noise(tmp_path, 2.0)
    heard: list[Pcm] = []

    with opened() as microphone:
        captures = iter(microphone)
        until_audio(captures)
        with virtual.play(path):
            for capture in captures:
                assert not isinstance(capture, Gap)
                heard.append(capture)
                if np.any(np.concatenate(heard)) and not np.any(capture):
                    break

    captured = np.concatenate(heard)
    start = int(np.argmax(captured != 0))
    assert np.array_equal(played, captured[start : start + len(played)])
    assert microphone.stats.opens == 1


@needs_sound
def test_absent_device_is_waited_for(virtual: VirtualMicrophone, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Without a device there is one gap, however many attempts fail, and then audio once there is one.
    """
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.05)
    portaudio.restart(portaudio.load())  # it sees no device, and does not look again by itself

    with opened() as microphone:
        captures = iter(microphone)
        gap = until_gap(captures)
        time.sleep(1.0)  # attempts after 0.1, 0.2 and 0.4 s
        virtual.plug()
        more = until_audio(captures)

    assert gap.startswith("no sound device can be opened")
    assert more == []


@needs_sound
def test_a_failure_that_nobody_foresaw_is_told(virtual: VirtualMicrophone, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When opening the device fails in a way of its own, iterating ends with the reason instead of waiting for ever.
    """
    virtual.plug()

    def fail(*_: object) -> None:
        raise MemoryError("cannot allocate write+execute memory")

    monkeypatch.setattr(module, "InputStream", fail)

    with opened() as microphone, pytest.raises(MicrophoneError, match="write\\+execute memory"):
        list(microphone)


@needs_sound
def test_unplugged_device_comes_back(virtual: VirtualMicrophone, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When the server is killed there is one gap, and audio again after it has been started again.

    However busy the machine: silence, which a late thread may notice before the server's end, is no reason here.
    """
    monkeypatch.setattr(input_stream, "STALL_SECONDS", PATIENCE)
    virtual.plug()

    with opened() as microphone:
        captures = iter(microphone)
        until_audio(captures)
        virtual.unplug()
        gap = until_gap(captures)
        virtual.plug()
        more = until_audio(captures)

    assert gap == "the device went away"
    assert more == []
    assert (microphone.stats.opens, microphone.stats.gaps) == (2, 1)


@needs_sound
def test_hung_server_is_noticed(virtual: VirtualMicrophone) -> None:
    """
    A server that neither answers nor ends gives a gap, and audio again when it goes on.
    """
    virtual.plug()

    with opened() as microphone:
        captures = iter(microphone)
        until_audio(captures)
        virtual.hang()
        gap = until_gap(captures)
        virtual.go_on()
        more = until_audio(captures)

    assert gap == "no audio for 1 s"
    assert more == []


@needs_sound
def test_wrong_device_is_refused_at_once(virtual: VirtualMicrophone) -> None:
    """
    A name or an index that no device has is refused with the devices that there are.
    """
    virtual.plug()
    portaudio.restart(portaudio.load())

    for device in ("nosuch", 99):
        with pytest.raises(MicrophoneError, match=rf"{device}'? is no input device .*expected one of: 0 pulse"):
            Microphone(device).__enter__()


@needs_sound
def test_devices_are_listed(virtual: VirtualMicrophone, capsys: pytest.CaptureFixture[str]) -> None:
    """
    The verb `devices` lists exactly one default device, with a star or as JSON.
    """
    virtual.plug()
    listed = {}

    for words in ([], ["--json"]):
        with watchword("devices", *words) as (process, output):
            listed[bool(words)] = output.read().splitlines()
        assert process.returncode == 0

    described = [json.loads(line) for line in listed[True]]
    assert [d["default"] for d in described] == [line.startswith("*") for line in listed[False]]
    assert sum(d["default"] for d in described) == 1
    assert all(d["channels"] > 0 and d["name"] in line for d, line in zip(described, listed[False], strict=True))


@needs_sound
def test_listen_tells_events_and_ends_cleanly(virtual: VirtualMicrophone, loudness: Path, tmp_path: Path) -> None:
    """
    `listen --json` tells that it listens, one event for a loud sound, a gap, and ends with 0 at SIGTERM.
    """
    virtual.plug()
    path, _ = noise(tmp_path, 0.1)

    with watchword("listen", "--json", "--model", str(loudness)) as (listening, output):
        first = json.loads(output.readline())
        virtual.play(path).wait()
        event = json.loads(output.readline())
        virtual.unplug()
        gap = json.loads(output.readline())
        listening.send_signal(signal.SIGTERM)
        rest = output.read()

    assert first == {"type": "listening"}
    assert (event["type"], event["word"]) == ("event", "loud")
    assert 0.5 <= event["score"] <= 1.0
    assert (gap["type"], gap["reason"]) == ("gap", "the device went away")
    assert 0 < event["time"] <= gap["time"]
    assert (rest, listening.returncode) == ("", 0)


@needs_sound
def test_listen_hears_the_word(virtual: VirtualMicrophone) -> None:
    """
    The shipped bundle hears "activated", spoken once into the microphone, once.
    """
    virtual.plug()

    with watchword("listen", "--json", "--seconds", "8") as (listening, output):
        first = output.readline()
        assert virtual.play(ROOT / "examples" / "activated.flac").wait() == 0
        told = [json.loads(line) for line in output]

    assert json.loads(first) == {"type": "listening"}
    assert [line["type"] for line in told] == ["event"]
    assert listening.returncode == 0


def test_absent_library_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """
    Without sounddevice or PortAudio, the refusal is the line that installs it.
    """
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.setitem(sys.modules, "sounddevice", None)

    with pytest.raises(MicrophoneError, match=r"pip install 'watchword\[mic\]'"):
        Microphone().__enter__()
    monkeypatch.delitem(sys.modules, "sounddevice")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MicrophoneError, match="apt-get install libportaudio2"):
        devices.devices()


def test_quiet_covers_the_whole_process(capfd: pytest.CaptureFixture[str]) -> None:
    """
    What is written to file descriptor 2 within `quiet` is gone, even when it ends in an error; before and after is not.
    """
    os.write(2, b"before ")
    with contextlib.suppress(KeyError), portaudio.quiet():
        os.write(2, b"within ")
        raise KeyError
    os.write(2, b"after")

    assert capfd.readouterr().err == "before after"
