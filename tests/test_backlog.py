"""The queue between PortAudio's thread and the consumer: where audio is missing, a gap stands."""

from __future__ import annotations

import numpy as np
import pytest

from watchword import backlog
from watchword.backlog import Backlog, Capture, Gap
from watchword.input_stream import Block
from watchword.network import Pcm
from watchword.resampler import Resampler

SAMPLES = 1_280


def block(value: int = 0, overflow: bool = False, lag: float = 0.0) -> Block:
    """80 ms of 16 kHz mono."""
    return Block(np.full((SAMPLES, 1), value, np.int16), 16_000, lag, overflow)


def taken(waiting: Backlog) -> list[Capture]:
    """All that waits."""
    captures = []
    while items := list(waiting.take(0.0)):
        captures += items
    return captures


def summary(captures: list[Capture]) -> list[str | int]:
    """A gap as its reason, audio as its first sample."""
    return [c.reason if isinstance(c, Gap) else int(c[0]) for c in captures]


def audio_of(captures: list[Capture]) -> Pcm:
    """All audio, joined; (samples,)."""
    return np.concatenate([c for c in captures if not isinstance(c, Gap)])


def test_audio_is_untouched() -> None:
    """
    16 kHz mono comes out bit for bit.
    """
    pcm = np.arange(-32_768, 32_768, dtype=np.int16)
    waiting = Backlog()

    waiting.put(Block(pcm[:, None], 16_000, 0.0, False))

    assert np.array_equal(pcm, audio_of(taken(waiting)))


def test_nothing_waits_for_ever() -> None:
    """
    An empty backlog gives nothing after the timeout.
    """
    assert [] == list(Backlog().take(0.01))


def test_overflow_is_a_gap_before_its_block() -> None:
    """
    When the device lost audio, a gap stands before the block that tells it, and only there.
    """
    waiting = Backlog()

    for each in (block(1), block(2, overflow=True), block(3)):
        waiting.put(each)

    assert [1, "the device overflowed", 2, 3] == summary(taken(waiting))
    assert 1 == waiting.stats.gaps


def test_slow_consumer_loses_one_stretch() -> None:
    """
    A full backlog drops blocks until half of it is taken, and one gap stands for all of them.
    """
    waiting = Backlog()
    half = backlog.BLOCKS // 2

    for i in range(backlog.BLOCKS + 5):
        waiting.put(block(i))
    before = [next(waiting.take(0.0)) for _ in range(half - 1)]
    waiting.put(block(1_000))
    before += waiting.take(0.0)
    waiting.put(block(1_001))
    waiting.put(block(1_002))

    after = range(half, backlog.BLOCKS)
    assert list(range(half)) == summary(before)
    assert [*after, backlog.SLOW, 1_001, 1_002] == summary(taken(waiting))
    assert 6 == waiting.stats.dropped
    assert 1 == waiting.stats.gaps


def test_outage_is_told_even_when_full() -> None:
    """
    A gap that finds no room stands before the next block.
    """
    waiting = Backlog()
    for i in range(backlog.BLOCKS):
        waiting.put(block(i))

    waiting.tell("unplugged")
    list(waiting.take(0.0))
    waiting.put(block(7))

    assert ["unplugged", 7] == summary(taken(waiting))[-2:]


def test_lag_counts_what_waits() -> None:
    """
    The lag is the block's own age and 80 ms for each block before it.
    """
    waiting = Backlog()

    for _ in range(4):
        waiting.put(block(lag=0.05))

    assert waiting.stats.lag == pytest.approx(0.05 + 3 * 0.08)


def test_other_rates_are_resampled_across_blocks() -> None:
    """
    48 kHz stereo becomes what the resampler makes of it in one piece, and a gap begins anew.
    """
    rng = np.random.default_rng(1)
    stereo = rng.integers(-20_000, 20_000, (5 * 3_840, 2), dtype=np.int16)
    waiting = Backlog()
    expected = Resampler(48_000, 16_000).push((stereo / 32_768).astype(np.float32))

    heard = []
    for _ in range(2):
        for start in range(0, len(stereo), 3_840):
            waiting.put(Block(stereo[start : start + 3_840], 48_000, 0.0, False))
        heard.append(audio_of(taken(waiting)))
        waiting.tell("unplugged")

    assert np.array_equal(expected, heard[0])
    assert np.array_equal(expected, heard[1])
