"""The verb `listen`: the microphone, live."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from watchword import portaudio
from watchword.backlog import Capture, Gap
from watchword.bundle import load
from watchword.detectors import Detectors
from watchword.hook import Hook
from watchword.keeper import Keeper
from watchword.level import amplified
from watchword.microphone import Microphone
from watchword.options import add_compiled, add_device, add_json, add_models
from watchword.sink import JsonLines, Sink


def listen(
    words: Detectors,
    source: Iterable[Capture],
    sinks: Sequence[Sink],
    seconds: float | None = None,
    gain: float = 0.0,
) -> None:
    """
    Push what is captured through the detectors and tell the sinks, until the source ends or `seconds` were heard.

    `gain` (decibels) is added first. Time is counted in samples heard, over all gaps; the detectors' own begins again
    after each.
    """
    rate = words.sample_rate
    limit = None if seconds is None else round(seconds * rate)
    heard = resumed = 0
    for capture in source:
        if isinstance(capture, Gap):
            words.reset()
            resumed = heard
            for sink in sinks:
                sink.gap(round(heard / rate, 3), capture.reason)
            continue
        if heard == 0:
            for sink in sinks:
                sink.listening()
        pcm = amplified(capture if limit is None else capture[: limit - heard], gain)
        events = words.push(pcm)
        heard += len(pcm)
        for sink in sinks:
            sink.audio(pcm, words.smoothed)
            for event in events:
                sink.event(replace(event, time=round(resumed / rate + event.time, 3)))
        if heard == limit:
            return


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let the first SIGINT or SIGTERM call `stop`; a second one ends the program as usual."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in signals]

    def restore() -> None:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)

    def handle(_number: int, _frame: object) -> None:
        restore()
        stop()

    for number in signals:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb `listen`."""
    add_models(parser)
    add_compiled(parser)
    add_json(parser)
    add_device(parser)
    parser.add_argument(
        "--on-trigger",
        type=_command,
        metavar="CMD",
        help="command to start at each event, which stands in WATCHWORD_WORD, WATCHWORD_TIME and WATCHWORD_SCORE",
    )
    parser.add_argument(
        "--save", type=Path, metavar="DIR", help="write the audio around each event there, at most 1000 WAV files"
    )
    parser.add_argument("--seconds", type=_seconds, metavar="N", help="stop when so much audio has been heard")
    parser.add_argument(
        "--gain", type=_gain, default=0.0, metavar="DB", help="decibels to add (0); watchword calibrate proposes some"
    )


def run(arguments: argparse.Namespace) -> int:
    """Listen until SIGINT, SIGTERM or the end of `--seconds`; gives the exit code."""
    microphone = Microphone(arguments.device)
    drawn = sys.stdout.isatty() and not arguments.json
    with ExitStack() as stack:
        stack.enter_context(stopped_by_signals(microphone.stop))
        if drawn:
            stack.enter_context(portaudio.quiet())  # what is printed at an unplugging would tear the view
        stack.enter_context(microphone)  # it opens while the models are read
        words = chosen(arguments.model or ["activate"], arguments.threshold, arguments.compiled)
        sinks: list[Sink] = []
        if arguments.on_trigger:
            sinks.append(Hook(arguments.on_trigger))
        if arguments.save:
            sinks.append(Keeper(arguments.save, words.sample_rate))
        sinks.append(_meter(words, microphone) if drawn else JsonLines(sys.stdout))
        for sink in sinks:
            stack.enter_context(closing(sink))
        listen(words, microphone, sinks, arguments.seconds, arguments.gain)
    return 0


def chosen(
    models: Sequence[str], thresholds: Sequence[tuple[str | None, float]], libraries: Sequence[Path] = ()
) -> Detectors:
    """The detectors of some bundles; a threshold without a word holds for every one that has none of its own."""
    bundles = [load(model) for model in models]
    own = {word: threshold for word, threshold in thresholds if word is not None}
    every = {bundle.manifest.word: threshold for word, threshold in thresholds if word is None for bundle in bundles}
    return Detectors(bundles, every | own, libraries)


def _meter(words: Detectors, microphone: Microphone) -> Sink:
    from watchword.meter import Meter  # draws with rich, which JSON lines do without

    return Meter(words.thresholds, microphone.stats)


def _command(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError as exc:
        raise argparse.ArgumentTypeError(f"{text!r} is no command ({exc})") from exc
    if not words:
        raise argparse.ArgumentTypeError("the command is empty; expected a program and its arguments")
    return words


def _gain(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("inf")
    if not -60.0 <= value <= 60.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no gain; expected decibels from -60 to 60")
    return value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; expected a number of seconds above 0")
    return value
