"""The listening loop with a source and a detector made up for it."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
import pytest

from watchword import listen as verb
from watchword.backlog import Capture, Gap
from watchword.detector import Event
from watchword.detectors import Detectors
from watchword.listen import listen, stopped_by_signals
from watchword.network import Pcm
from watchword.sink import JsonLines, Sink

RATE = 16_000


class Counter:
    """Fires at each sample that is not zero, and counts samples since its reset, like a detector."""

    def __init__(self) -> None:
        self.sample_rate = RATE
        self.smoothed = {"loud": np.zeros(1)}
        self.heard = 0

    def reset(self) -> None:
        """Count from zero."""
        self.heard = 0

    def push(self, pcm: Pcm) -> list[Event]:
        """Give an event at each sample that is not zero."""
        events = [Event("loud", (self.heard + int(at)) / RATE, 0.9) for at in np.flatnonzero(pcm)]
        self.heard += len(pcm)
        return events


def quiet(seconds: float, *loud: float) -> Pcm:
    """Silence with single loud samples at given seconds; (samples,)."""
    pcm = np.zeros(round(seconds * RATE), np.int16)
    pcm[[round(at * RATE) for at in loud]] = 1
    return pcm


def run(source: Iterable[Capture], *sinks: Sink, seconds: float | None = None) -> None:
    """The loop with a `Counter`."""
    listen(cast(Detectors, Counter()), source, sinks, seconds)


def lines(source: Iterable[Capture], seconds: float | None = None) -> list[dict[str, object]]:
    """What the loop writes as JSON lines."""
    stream = io.StringIO()
    run(source, JsonLines(stream), seconds=seconds)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_lines_tell_what_happens_in_order() -> None:
    """
    The first audio is told once, each event with its word, time and score, each gap with its reason.
    """
    source: list[Capture] = [Gap("no device"), quiet(1), quiet(1, 0.25), Gap("unplugged"), quiet(1)]

    assert lines(source) == [
        {"type": "gap", "time": 0.0, "reason": "no device"},
        {"type": "listening"},
        {"type": "event", "word": "loud", "time": 1.25, "score": 0.9},
        {"type": "gap", "time": 2.0, "reason": "unplugged"},
    ]


def test_time_goes_on_over_gaps() -> None:
    """
    An event's time is the audio heard since the start, although the detector begins again after each gap.
    """
    source: list[Capture] = [quiet(2, 1), Gap("a"), Gap("b"), quiet(3, 0.5), Gap("c"), quiet(1, 0.5)]

    times = [line["time"] for line in lines(source) if line["type"] == "event"]

    assert [1.0, 2.5, 5.5] == times


def test_gap_resets_the_detector() -> None:
    """
    The detector begins again at each gap, and only there.
    """
    detector = Counter()

    listen(cast(Detectors, detector), [quiet(1), Gap("unplugged"), quiet(1), quiet(1)], [])

    assert 2 * RATE == detector.heard


def test_seconds_end_the_loop_to_the_sample() -> None:
    """
    After the seconds asked for nothing more is heard, not even the rest of a block.
    """
    detector = Counter()
    source: Iterator[Capture] = iter([quiet(1), Gap("unplugged"), quiet(1), quiet(7)])

    listen(cast(Detectors, detector), source, [], 1.5)

    assert RATE // 2 == detector.heard
    assert 1 == len(list(source))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_once(number: signal.Signals) -> None:
    """
    The first signal calls `stop`, and by then the handler that stood before is back.
    """
    before = signal.signal(number, lambda *_: stops.append("before"))
    stops: list[str] = []

    with stopped_by_signals(lambda: stops.append("stop")):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)
    signal.signal(number, before)

    assert ["stop", "before", "before"] == stops


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--seconds", "0"], "'0' is no duration"),
        (["--seconds", "nan"], "'nan' is no duration"),
        (["--on-trigger", "ring 'twice"], "is no command (No closing quotation)"),
        (["--on-trigger", " "], "the command is empty"),
        (["--threshold", "1.5"], "'1.5' is no threshold"),
    ],
)
def test_wrong_use_is_refused(words: list[str], reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Options that mean nothing end with exit code 2 and the reason.
    """
    parser = argparse.ArgumentParser()
    verb.add_arguments(parser)

    with pytest.raises(SystemExit) as exit_:
        parser.parse_args(words)

    assert 2 == exit_.value.code
    assert reason in capsys.readouterr().err


def test_options_are_understood() -> None:
    """
    A device of digits is an index, any other a name; a command is split as a shell splits it.
    """
    parser = argparse.ArgumentParser()
    verb.add_arguments(parser)

    named = parser.parse_args(["--device", "USB mic", "--on-trigger", "aplay 'a b.wav'"])

    assert "USB mic" == named.device
    assert ["aplay", "a b.wav"] == named.on_trigger
    assert 3 == parser.parse_args(["--device", "3"]).device
