"""Keeps the audio around each event as WAV files."""

from __future__ import annotations

import io
import logging
import re
import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from watchword.detector import Event
from watchword.errors import WatchwordError
from watchword.network import Pcm
from watchword.sink import Sink
from watchword.trigger import Smoothed

BEFORE_SECONDS, AFTER_SECONDS = 2.0, 1.0
MAX_FILES = 1_000
"""Files in the folder; then no more are written, and none is ever deleted."""

_log = logging.getLogger(__name__)


class Keeper(Sink):
    """
    Writes <word>-0001.wav and so on: from 2 seconds before the end of the word to 1 second after it.

    A file is shorter where the audio begins, ends or has a gap.
    """

    def __init__(self, folder: Path, sample_rate: int) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise WatchwordError(f"{folder}: cannot be made ({exc.strerror}); expected a folder to write to") from exc
        self._folder = folder
        self._rate = sample_rate
        self._before = round(BEFORE_SECONDS * sample_rate)
        self._after = round(AFTER_SECONDS * sample_rate)
        self._heard: Pcm = np.empty(0, np.int16)
        self._end = 0
        """Samples heard since the start, up to the end of `_heard`."""
        self._pending: list[tuple[str, int]] = []
        """Word and the sample at which it ended, of events whose audio is not complete."""
        self._number = 0

    @property
    def remembered(self) -> int:
        """Samples in memory."""
        return len(self._heard)

    def audio(self, pcm: Pcm, smoothed: Mapping[str, Smoothed]) -> None:
        """Remember the audio, and no more of the old than an event may need; write what is complete."""
        needed = min([self._end, *(at for _, at in self._pending)]) - self._before
        surplus = max(0, needed - (self._end - len(self._heard)))
        self._heard = np.concatenate([self._heard[surplus:], pcm])
        self._end += len(pcm)
        self._write_until(self._end - self._after)

    def event(self, event: Event) -> None:
        """Note it, and write it if its audio is complete."""
        self._pending.append((event.word, round(event.time * self._rate)))
        self._write_until(self._end - self._after)

    def gap(self, time: float, reason: str) -> None:
        """Write what there is; what comes does not belong to it."""
        self._write_until(self._end)
        self._heard = self._heard[:0]

    def close(self) -> None:
        """Write what there is."""
        self._write_until(self._end)

    def _write_until(self, latest: int) -> None:
        """Write the events that ended at sample `latest` or before."""
        due = [event for event in self._pending if event[1] <= latest]
        self._pending = [event for event in self._pending if event[1] > latest]
        start = self._end - len(self._heard)
        for word, at in due:
            self._write(word, self._heard[max(0, at - self._before - start) : at + self._after - start])

    def _write(self, word: str, pcm: Pcm) -> None:
        content = io.BytesIO()
        with wave.open(content, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(self._rate)
            file.writeframes(pcm.astype("<i2").tobytes())
        name = re.sub(r"[^\w-]", "_", word)
        while self._number < MAX_FILES:
            self._number += 1
            try:
                with (self._folder / f"{name}-{self._number:04d}.wav").open("xb") as target:
                    target.write(content.getbuffer())
            except FileExistsError:
                continue
            except OSError as exc:
                _log.warning("%s: a recording was not kept (%s)", self._folder, exc.strerror)
            return
        _log.warning("%s: holds %d recordings, no more are kept; move them elsewhere", self._folder, MAX_FILES)
