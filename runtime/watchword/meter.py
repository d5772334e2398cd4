"""The live terminal view: level, probability with its threshold, latest events, the health of the stream."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from watchword.backlog import Stats
from watchword.detector import Event
from watchword.network import Pcm
from watchword.resampler import INT16_SCALE
from watchword.sink import Sink
from watchword.trigger import Smoothed

HEIGHT = 4
"""Lines of the chart."""

LABELS = 11
"""Columns beside it: frame, label, padding."""

FLOOR = -60.0
"""Lowest level shown, in dB below full scale."""


@dataclass(frozen=True, kw_only=True)
class Glyphs:
    """Characters to draw with."""

    bars: str
    """From an empty cell to a full one."""

    threshold: str
    rest: str
    """The part of a level bar that is not filled."""

    @classmethod
    def of(cls, encoding: str) -> Glyphs:
        """The finest that `encoding` can carry."""
        fine = cls(bars=" ▁▂▃▄▅▆▇█", threshold="─", rest="·")
        try:
            (fine.bars + fine.threshold + fine.rest).encode(encoding)
        except UnicodeEncodeError:
            return cls(bars=" .:|#", threshold="-", rest=".")
        return fine


def level(pcm: Pcm) -> float:
    """Root mean square of (samples,) int16 in dB below a full-scale square wave, not below `FLOOR`."""
    power = float(np.mean(np.square(pcm, dtype=np.float64))) / INT16_SCALE**2 if len(pcm) else 0.0
    return max(FLOOR, 10 * math.log10(power)) if power else FLOOR


def chart(values: Iterable[float], threshold: float, width: int, glyphs: Glyphs) -> list[Text]:
    """`HEIGHT` lines of the last `width` values from 0 to 1, top first; those that reach the threshold are red."""
    shown = ([0.0] * width + list(values))[-width:]
    full = len(glyphs.bars) - 1
    lines = []
    for row in reversed(range(HEIGHT)):
        line = Text(no_wrap=True)
        marked = row == min(HEIGHT - 1, int(threshold * HEIGHT))
        for value in shown:
            bar = glyphs.bars[min(full, max(0, round((value * HEIGHT - row) * full)))]
            if bar == " " and marked:
                line.append(glyphs.threshold, style="dim")
            else:
                line.append(bar, style="bold red" if value >= threshold else "cyan")
        lines.append(line)
    return lines


def level_bar(decibels: float, width: int, glyphs: Glyphs) -> Text:
    """A bar of `width` characters from `FLOOR` to full scale."""
    filled = round((1 - decibels / FLOOR) * width)
    style = "green" if decibels < -12 else "yellow" if decibels < -3 else "red"
    return Text(glyphs.bars[-1] * filled, style=style).append(glyphs.rest * (width - filled), style="dim")


class Meter(Sink):
    """Draws from its construction until `close`, in the thread that calls it."""

    def __init__(self, word: str, threshold: float, stats: Stats, console: Console | None = None) -> None:
        self._word = word
        self._threshold = threshold
        self._stats = stats
        self._console = console or Console()
        self._glyphs = Glyphs.of(self._console.encoding)
        self._state = "waiting for a microphone"
        self._level = FLOOR
        self._smoothed: deque[float] = deque([0.0], maxlen=400)
        self._events: deque[str] = deque(maxlen=4)
        self._live = Live(self._view(), console=self._console, auto_refresh=False)
        self._live.start(refresh=True)

    def listening(self) -> None:
        """Tell that audio arrives."""
        self._state = "listening"

    def audio(self, pcm: Pcm, smoothed: Smoothed) -> None:
        """Move the level and the chart."""
        self._state = "listening"
        self._level = level(pcm)
        self._smoothed.extend(smoothed.tolist())
        self._draw()

    def event(self, event: Event) -> None:
        """Add it to the latest events."""
        self._events.append(f"{event.time:.1f} s ({event.score:.2f})")
        self._draw()

    def gap(self, time: float, reason: str) -> None:
        """Tell the reason until audio comes back."""
        self._state = reason
        self._level = FLOOR
        self._smoothed.append(0.0)
        self._draw()

    def close(self) -> None:
        """Leave the last view on the screen."""
        self._live.stop()

    def _draw(self) -> None:
        self._live.update(self._view(), refresh=True)

    def _view(self) -> Panel:
        width = max(10, self._console.width - LABELS)
        stats = self._stats
        grid = Table.grid(padding=(0, 1))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(no_wrap=True)
        grid.add_row("level", level_bar(self._level, width - 10, self._glyphs).append(f" {self._level:6.1f} dB"))
        for i, line in enumerate(chart(self._smoothed, self._threshold, width, self._glyphs)):
            grid.add_row("score" if i == 0 else f" {self._smoothed[-1]:.2f}" if i == 1 else "", line)
        grid.add_row("events", Text(", ".join(self._events) or "none yet"))
        grid.add_row("audio", Text(f"{self._state}, lag {stats.lag:.2f} s, {stats.gaps} gaps, {stats.dropped} dropped"))
        return Panel(grid, title=Text(f"{self._word} at {self._threshold:.2f}"), subtitle="Ctrl-C ends")
