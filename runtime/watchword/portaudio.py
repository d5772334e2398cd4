"""PortAudio through sounddevice: loaded with advice, made quiet, and started again when its device list is stale."""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from watchword.errors import MicrophoneError


def load() -> ModuleType:
    """Import sounddevice; MicrophoneError tells what to install."""
    try:
        import sounddevice
    except ModuleNotFoundError as exc:
        raise MicrophoneError(f"the microphone needs the package {exc.name}; pip install 'watchword[mic]'") from exc
    except OSError as exc:
        raise MicrophoneError(f"the microphone needs PortAudio ({exc}); apt-get install libportaudio2") from exc
    # it terminates PortAudio at exit, which waits for ever for a sound server that hangs
    atexit.unregister(sounddevice._exit_handler)
    module: ModuleType = sounddevice
    return module


@contextmanager
def quiet() -> Iterator[None]:
    """
    Drop what PortAudio and ALSA print on file descriptor 2: failures that are reported in our own words.

    It works on the whole process: uses of it in several threads must lie within each other.
    """
    kept = os.dup(2)
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def restart(sounddevice: ModuleType) -> None:
    """Let PortAudio look for devices again: it lists them once. No stream may be open."""
    try:
        sounddevice._terminate()
    finally:
        sounddevice._initialize()
