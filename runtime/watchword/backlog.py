"""What a sound device has given and the consumer has not yet taken; knows where audio is missing."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from watchword.audio import SAMPLE_RATE
from watchword.input_stream import BLOCK_SECONDS, Block
from watchword.network import Pcm
from watchword.resampler import INT16_SCALE, Resampler

BLOCKS = 100
"""Most blocks that wait, 8 seconds; then audio is dropped until half of them are taken."""

SLOW = "the consumer was too slow"


@dataclass(frozen=True)
class Gap:
    """Audio is missing here: what was heard before does not continue."""

    reason: str


Capture = Pcm | Gap


@dataclass
class Stats:
    """What has happened to a microphone so far."""

    opens: int = 0
    gaps: int = 0
    dropped: int = 0
    """Blocks of 80 ms that a slow consumer left no room for."""

    lag: float = 0.0
    """Seconds by which the consumer is behind the sound, as of the newest block."""


class _Item(NamedTuple):
    """A block and why audio is missing before it, or either."""

    block: Block | None
    missing: str | None


class Backlog:
    """A queue of blocks and gaps: `put` and `tell` never wait and never raise."""

    def __init__(self) -> None:
        self.stats = Stats()
        self._items: queue.Queue[_Item] = queue.Queue(BLOCKS)
        self._missing: str | None = None
        self._resampler: Resampler | None = None

    def put(self, block: Block) -> None:
        """Add a block, on PortAudio's thread."""
        waiting = self._items.qsize()
        self.stats.lag = block.lag + waiting * BLOCK_SECONDS
        if block.overflow:
            self._missing = "the device overflowed"
        try:
            if self._missing == SLOW and waiting > BLOCKS // 2:
                raise queue.Full
            self._items.put_nowait(_Item(block, self._missing))
        except queue.Full:
            self.stats.dropped += 1
            self._missing = SLOW
        else:
            self.stats.gaps += self._missing is not None
            self._missing = None

    def tell(self, reason: str) -> None:
        """Add a gap, on the supervisor's thread; when there is no room, the next block brings it."""
        try:
            self._items.put_nowait(_Item(None, reason))
            self.stats.gaps += 1
        except queue.Full:
            self._missing = reason

    def take(self, timeout: float) -> Iterator[Capture]:
        """What the next item holds: a gap, (samples,) int16 at 16 kHz, both or, after `timeout` seconds, nothing."""
        try:
            block, missing = self._items.get(timeout=timeout)
        except queue.Empty:
            return
        if missing is not None:
            self._resampler = None
            yield Gap(missing)
        if block is not None:
            self._resampler = self._resampler or Resampler(block.rate, SAMPLE_RATE)
            pcm = self._resampler.push(np.divide(block.frames, INT16_SCALE, dtype=np.float32))
            if len(pcm):
                yield pcm
