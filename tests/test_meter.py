"""The terminal view."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from watchword.backlog import Stats
from watchword.detector import Event
from watchword.level import FLOOR, level
from watchword.meter import HEIGHT, Glyphs, Meter, chart, level_bar

FINE = Glyphs.of("utf-8")
PLAIN = Glyphs.of("ascii")


@pytest.mark.parametrize(
    ("samples", "decibels"),
    [([-32_768] * 4, 0.0), ([16_384, -16_384] * 2, -6.0206), ([0] * 4, FLOOR), ([1, 0, 0, 0], FLOOR), ([], FLOOR)],
)
def test_level_is_relative_to_full_scale(samples: list[int], decibels: float) -> None:
    """
    Full scale is 0 dB, half of it is -6 dB, and silence is the floor instead of minus infinity.
    """
    assert level(np.array(samples, np.int16)) == pytest.approx(decibels, abs=1e-3)


@pytest.mark.parametrize(("decibels", "bar"), [(0.0, "####"), (-30.0, "##.."), (FLOOR, "....")])
def test_level_bar_fills_from_the_floor(decibels: float, bar: str) -> None:
    """
    The bar is empty at the floor, half full at half of it and full at full scale.
    """
    assert level_bar(decibels, 4, PLAIN).plain == bar


def test_chart_draws_values_and_the_threshold() -> None:
    """
    The newest value is at the right, its height is its value, and the threshold is a line where nothing hides it.
    """
    drawn = [line.plain for line in chart([0.0, 0.25, 0.625, 1.0], 0.7, 5, FINE)]

    assert drawn == ["    █", "───▄█", "   ██", "  ███"]


def test_chart_marks_what_reaches_the_threshold() -> None:
    """
    A value at the threshold is drawn in red, one below it is not.
    """
    lowest = chart([0.49, 0.5], 0.5, 2, FINE)[-1]

    assert [str(span.style) for span in lowest.spans] == ["cyan", "bold red"]


def test_chart_shows_the_latest() -> None:
    """
    When there are more values than columns, the oldest are left out.
    """
    lines = chart([1.0] * 9 + [0.0, 0.0], 1.0, 2, PLAIN)

    assert [line.plain for line in lines] == ["--"] + ["  "] * (HEIGHT - 1)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_view_fits_the_encoding(encoding: str) -> None:
    """
    All that is heard is drawn within the width, in characters that the terminal's encoding has.
    """
    content = io.BytesIO()
    console = Console(file=io.TextIOWrapper(content, encoding), width=70, force_terminal=False)
    meter = Meter({"activate": 0.6}, Stats(gaps=2), console)

    meter.audio(np.full(1_280, 16_384, np.int16), {"activate": np.array([0.1, 0.95])})
    meter.event(Event("activate", 12.34, 0.95))
    meter.close()
    console.file.flush()

    drawn = content.getvalue().decode(encoding)
    assert max(len(line) for line in drawn.splitlines()) == 70
    for part in ("activate at 0.60", "-6.0 dB", "0.95", "12.3 s (0.95)", "listening", "2 gaps"):
        assert part in drawn


def test_gap_is_shown_until_audio_comes_back() -> None:
    """
    The reason of a gap stands where "listening" stood, until the next audio.
    """
    console = Console(file=io.StringIO(), width=70, force_terminal=True)
    meter = Meter({"activate": 0.6}, Stats(), console)
    shown, back = io.StringIO(), io.StringIO()

    console.file = shown
    meter.gap(1.0, "the device went away")
    console.file = back
    meter.audio(np.zeros(1_280, np.int16), {"activate": np.zeros(2)})
    meter.close()

    assert "the device went away" in shown.getvalue()
    assert "the device went away" not in back.getvalue()
    assert "listening" in back.getvalue()
