"""Where the listening loop tells what it hears."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TextIO

from watchword.detector import Event
from watchword.network import Pcm
from watchword.trigger import Smoothed


class Sink:
    """Takes what happens, in the order in which it happens; a kind of sink overrides what it cares for."""

    def listening(self) -> None:
        """The first audio has arrived."""

    def audio(self, pcm: Pcm, smoothed: Mapping[str, Smoothed]) -> None:
        """(samples,) int16 were heard; they completed (steps,) smoothed probabilities of each word."""

    def event(self, event: Event) -> None:
        """A word was heard, in the latest audio; its time is counted from the start, over all gaps."""

    def gap(self, time: float, reason: str) -> None:
        """Audio is missing after `time` seconds of it."""

    def close(self) -> None:
        """There will be no more."""


class JsonLines(Sink):
    """One JSON object per line, written through at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def listening(self) -> None:
        """Tell that audio arrives."""
        self._write(type="listening")

    def event(self, event: Event) -> None:
        """Tell the word, the second and the score."""
        self._write(type="event", word=event.word, time=event.time, score=round(event.score, 4))

    def gap(self, time: float, reason: str) -> None:
        """Tell the second and the reason."""
        self._write(type="gap", time=time, reason=reason)

    def _write(self, **fields: str | float) -> None:
        self._stream.write(json.dumps(fields) + "\n")
        self._stream.flush()
