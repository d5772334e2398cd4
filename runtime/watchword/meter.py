"""The live terminal view: level, probability of each word with its threshold, latest events, health, cost."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from watchword.backlog import Stats
from watchword.detector import Event
from watchword.level import FLOOR, level
from watchword.network import Pcm
from watchword.sink import Sink
from watchword.trigger import Smoothed

HEIGHT = 4
"""Lines of the chart."""

LABELS = 11
"""Columns beside it: frame, label, padding."""

COST_SECONDS = 2.0
"""Over which the cost is averaged."""


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


def chart(values: Iterable[float], threshold: float, width: int, glyphs: Glyphs, height: int = HEIGHT) -> list[Text]:
    """`height` lines of the last `width` values from 0 to 1, top first; those that reach the threshold are red."""
    shown = ([0.0] * width + list(values))[-width:]
    full = len(glyphs.bars) - 1
    lines = []
    for row in reversed(range(height)):
        line = Text(no_wrap=True)
        marked = row == min(height - 1, int(threshold * height))
        for value in shown:
            bar = glyphs.bars[min(full, max(0, round((value * height - row) * full)))]
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


class Cost:
    """How much of a core this process uses, over the last seconds."""

    def __init__(self) -> None:
        self._since = (time.monotonic(), time.process_time())
        self._share = 0.0

    def share(self) -> float:
        """CPU seconds per second, renewed every `COST_SECONDS`."""
        now = (time.monotonic(), time.process_time())
        elapsed = now[0] - self._since[0]
        if elapsed >= COST_SECONDS:
            self._share, self._since = (now[1] - self._since[1]) / elapsed, now
        return self._share


class Meter(Sink):
    """Draws from its construction until `close`, in the thread that calls it."""

    def __init__(self, thresholds: Mapping[str, float], stats: Stats, console: Console | None = None) -> None:
        self._thresholds = thresholds
        self._height = max(1, HEIGHT // len(thresholds))
        self._cost = Cost()
        self._stats = stats
        self._console = console or Console()
        self._glyphs = Glyphs.of(self._console.encoding)
        self._state = "waiting for a microphone"
        self._level = FLOOR
        self._smoothed = {word: deque([0.0], maxlen=400) for word in thresholds}
        self._events: deque[str] = deque(maxlen=4)
        self._live = Live(self._view(), console=self._console, auto_refresh=False)
        self._live.start(refresh=True)

    def listening(self) -> None:
        """Tell that audio arrives."""
        self._state = "listening"

    def audio(self, pcm: Pcm, smoothed: Mapping[str, Smoothed]) -> None:
        """Move the level and the charts."""
        self._state = "listening"
        self._level = level(pcm)
        for word, values in smoothed.items():
            self._smoothed[word].extend(values.tolist())
        self._draw()

    def event(self, event: Event) -> None:
        """Add it to the latest events."""
        named = f"{event.word} " if len(self._thresholds) > 1 else ""
        self._events.append(f"{named}{event.time:.1f} s ({event.score:.2f})")
        self._draw()

    def gap(self, time: float, reason: str) -> None:
        """Tell the reason until audio comes back."""
        self._state = reason
        self._level = FLOOR
        for values in self._smoothed.values():
            values.append(0.0)
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
        for word, threshold in self._thresholds.items():
            values = self._smoothed[word]
            lines = chart(values, threshold, width, self._glyphs, self._height)
            labels = [word[: LABELS - 3] if len(self._thresholds) > 1 else "score", f" {values[-1]:.2f}"]
            for i, line in enumerate(lines):
                grid.add_row(labels[i] if i < len(labels) else "", line)
        grid.add_row("events", Text(", ".join(self._events) or "none yet"))
        grid.add_row("audio", Text(f"{self._state}, lag {stats.lag:.2f} s, {stats.gaps} gaps, {stats.dropped} dropped"))
        grid.add_row("cost", Text(f"{100 * self._cost.share():.1f} % of a core"))
        title = ", ".join(f"{word} at {threshold:.2f}" for word, threshold in self._thresholds.items())
        return Panel(grid, title=Text(title), subtitle="Ctrl-C ends")
