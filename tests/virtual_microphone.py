"""A sound server of its own with a microphone that hears what is played to it."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

NEEDED = ("pulseaudio", "pactl", "paplay")


def missing() -> str:
    """What is absent of all that a virtual microphone needs; empty if nothing is."""
    absent = [program for program in NEEDED if shutil.which(program) is None]
    if importlib.util.find_spec("sounddevice") is None:
        absent.append("sounddevice")
    if ctypes.util.find_library("portaudio") is None:
        absent.append("libportaudio2")
    return " ".join(absent)


class VirtualMicrophone:
    """PulseAudio with a null sink, whose monitor is the default microphone: 16 kHz, bit for bit what is played."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self.environment = {
            "PULSE_SERVER": f"unix:{folder}/native",
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_COOKIE": f"{folder}/cookie",
            "XDG_RUNTIME_DIR": str(folder),
        }

    def plug(self) -> None:
        """Start the server and wait until it answers."""
        # without norewinds the sink has two seconds of latency and loses the first sounds
        sink = "module-null-sink sink_name=virtual rate=16000 channels=1 format=s16le norewinds=1"
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self._folder}/native"
        options = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        options += ["--high-priority=no", "--realtime=no", "-L", protocol, "-L", sink]
        self._server = subprocess.Popen(["pulseaudio", *options], env=self._environment, stderr=subprocess.DEVNULL)
        for _ in range(200):
            if subprocess.run(["pactl", "info"], env=self._environment, capture_output=True).returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError("pulseaudio does not answer")

    def unplug(self) -> None:
        """Kill the server."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def hang(self) -> None:
        """Stop the server where it is."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """End `hang`."""
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    def play(self, recording: Path) -> subprocess.Popen[bytes]:
        """Begin to play a recording to the microphone."""
        return subprocess.Popen(["paplay", "-d", "virtual", str(recording)], env=self._environment)

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}
