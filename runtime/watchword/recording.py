"""A recording as libsndfile decodes it: opened, its header and every sample checked, refused with a reason."""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO

import numpy as np
import soundfile

from watchword.errors import AudioError
from watchword.resampler import Frames

Source = str | Path | BinaryIO
"""A path, or a seekable binary file whose `name`, if it has one, stands in messages."""

MAX_SECONDS = 3 * 60 * 60
"""Longest recording, as its header tells it and as it decodes: 729 kB of FLAC hold four hours of silence."""

MAX_CHANNELS = 16
MIN_RATE, MAX_RATE = 4_000, 384_000
MAX_PEAK = 16.0
"""Largest sample, where full scale is 1. MP3 overshoots a little; 24 dB above means that the file has other units."""

BLOCK_FRAMES = 65_536
"""Frames decoded at a time: bounds the memory, at most 4 MiB with 16 channels."""

UNKNOWN_FRAMES = 2**62
"""libsndfile gives a length above this when a header does not tell it."""


class Sequential(soundfile.SoundFile):  # type: ignore[misc]  # soundfile has no types
    """A sound file read from start to end. soundfile would seek after each block: FLAC of untold length cannot."""

    def seekable(self) -> bool:
        """No, whatever the file."""
        return False


class Bytes:
    """The file as libsndfile sees it: without a suffix to believe in, and a seek that fails leaves it where it is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.tell = file.tell

    def seek(self, offset: int, whence: int = 0) -> None:
        """Damaged files send libsndfile before their start."""
        try:
            self._file.seek(offset, whence)
        except (OSError, ValueError):
            return

    def readinto(self, buffer: memoryview) -> int:
        """Fill the start of `buffer`; gives the number of bytes."""
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def opened(source: Source) -> Iterator[soundfile.SoundFile]:
    """The recording with its header checked."""
    name = name_of(source)
    with ExitStack() as stack:
        file = stack.enter_context(_open(Path(source), name)) if isinstance(source, str | Path) else source
        if not file.seekable():
            raise AudioError(f"{name}: is a pipe, expected a file; write it to one, or pipe raw PCM in as -")
        try:
            sound = stack.enter_context(Sequential(Bytes(file)))
        except soundfile.LibsndfileError as exc:
            hint = "raw PCM is read from standard input, as -" if name.lower().endswith(".raw") else _ffmpeg(name)
            raise AudioError(f"{name}: {_reason(exc)}; expected WAV, FLAC, OGG, MP3 or AIFF, {hint}") from exc
        _check_header(sound, name)
        yield sound


def decode(sound: soundfile.SoundFile, name: str) -> Iterator[Frames]:
    """Blocks of (frames, channels), checked and counted."""
    decoded = 0
    while True:
        try:
            frames: Frames = sound.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as exc:
            seconds = decoded / sound.samplerate
            raise AudioError(f"{name}: {_reason(exc)} after {seconds:.0f} s; expected an undamaged file") from exc
        if len(frames) == 0:
            return
        decoded += len(frames)
        if decoded > MAX_SECONDS * sound.samplerate:
            raise AudioError(f"{name}: goes on after {MAX_SECONDS} s, expected an end by then; {_cut(name)}")
        if not np.isfinite(frames).all():
            raise AudioError(f"{name}: holds samples that are not finite, expected numbers; export it as 16-bit WAV")
        if (peak := float(np.abs(frames).max())) > MAX_PEAK:
            raise AudioError(f"{name}: peaks at {peak:.0f} times full scale, expected -1 to 1; export it as 16-bit WAV")
        yield frames


def name_of(source: Source) -> str:
    """What to call it in a message of one line."""
    name = source if isinstance(source, str | Path) else getattr(source, "name", None)
    text = str(name) if isinstance(name, str | Path) else "recording"
    return text if text.isprintable() else repr(text)


def _open(path: Path, name: str) -> BinaryIO:
    """Open a regular file: a pipe cannot go back to its header, and a device may never end."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder" if path.is_dir() else "no regular file"
            raise AudioError(f"{name}: is {kind}, expected a recording; pipe raw PCM in as -")
        return path.open("rb")
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else exc
        raise AudioError(f"{name}: cannot be opened ({reason}); expected a readable recording, check: ls -l") from exc


def _check_header(sound: soundfile.SoundFile, name: str) -> None:
    rate, channels, frames = sound.samplerate, sound.channels, sound.frames
    if not 1 <= channels <= MAX_CHANNELS:
        raise AudioError(f"{name}: has {channels} channels, expected 1 to {MAX_CHANNELS}; {_ffmpeg(name, '-ac 1 ')}")
    if not MIN_RATE <= rate <= MAX_RATE:
        expected = f"expected {MIN_RATE} to {MAX_RATE}; {_ffmpeg(name, '-ar 16000 ')}"
        raise AudioError(f"{name}: has {rate} samples per second, {expected}")
    if MAX_SECONDS * rate < frames < UNKNOWN_FRAMES:
        raise AudioError(f"{name}: lasts {frames / rate:.0f} s, expected at most {MAX_SECONDS}; {_cut(name)}")


def _reason(exc: soundfile.LibsndfileError) -> str:
    """The words of libsndfile itself: `str(exc)` holds the name of the Python object."""
    words = " ".join(exc.error_string.split()).removeprefix("Error : ").rstrip(".")
    # what it says of MP3 that is cut short, of a file that has been opened
    return "cannot be decoded" if words.startswith("File does not exist") else f"cannot be decoded ({words})"


def _ffmpeg(name: str, options: str = "") -> str:
    path = PurePath(name)
    target = path.with_suffix(".converted.wav" if path.suffix.lower() == ".wav" else ".wav")
    return f"try: ffmpeg -i {shlex.quote(name)} {options}{shlex.quote(str(target))}"


def _cut(name: str) -> str:
    path = PurePath(name)
    parts = path.with_name(f"{path.stem}-%03d.wav")
    return f"cut it: ffmpeg -i {shlex.quote(name)} -f segment -segment_time 3600 {shlex.quote(str(parts))}"
