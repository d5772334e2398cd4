"""A recording's picture: the spectrogram, the probability over it, the threshold, the events."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
import numpy.typing as npt

from watchword import options
from watchword.detector import Detector, Event
from watchword.errors import WatchwordError
from watchword.network import Pcm
from watchword.trigger import Smoothed

WINDOW = 512
"""Samples under one column of the spectrogram."""

COLUMNS = 2_000
"""Most columns: a long recording is sampled."""

FLOOR = -80.0
"""Darkest level, in decibels below the loudest."""


def path(text: str) -> Path:
    """Parse the option's value; drawing needs an optional package."""
    try:
        import_module("matplotlib")
    except ModuleNotFoundError as exc:
        raise WatchwordError(f"--plot needs the package {exc.name}; pip install 'watchword[plot]'") from exc
    return options.output(text, ".png", ".svg", ".pdf")


def draw(file: Path, title: str, detector: Detector, pcm: Pcm, smoothed: Smoothed, events: Sequence[Event]) -> None:
    """Draw (samples,) `pcm` and the (steps,) `smoothed` probability that `detector` gave."""
    from matplotlib.figure import Figure

    manifest = detector.manifest
    seconds = len(pcm) / manifest.sample_rate
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots()
    axes.imshow(
        spectrogram(pcm),
        origin="lower",
        aspect="auto",
        cmap="magma",
        extent=(0.0, seconds, 0.0, manifest.sample_rate / 2_000),
    )
    axes.set_title(title.encode("utf-8", "backslashreplace").decode(), parse_math=False)  # a file's name, as it is
    axes.set(xlabel="time (s)", ylabel="frequency (kHz)")
    right = axes.twinx()
    times = (np.arange(len(smoothed)) + 1) * manifest.step_seconds
    right.plot(times, smoothed, color="white", linewidth=1.5, label="probability")
    right.axhline(detector.threshold, color="cyan", linestyle="--", linewidth=1, label="threshold")
    for event in events:
        right.axvline(event.time, color="lime", linewidth=1.5)
        right.annotate(
            f"{event.word} {event.time:.2f} s",
            (event.time, 1.0),
            (3, -3),
            textcoords="offset points",
            color="lime",
            verticalalignment="top",
        )
    right.set(ylim=(0.0, 1.02), xlim=(0.0, seconds), ylabel="probability")
    right.legend(loc="upper left", facecolor="black", labelcolor="white", framealpha=0.6)
    try:
        figure.savefig(file, dpi=120)
    except OSError as exc:
        raise WatchwordError(f"cannot write {file} ({exc.strerror}); give --plot another name") from exc


def spectrogram(pcm: Pcm) -> npt.NDArray[np.float64]:
    """Level of (samples,) `pcm` in decibels below the loudest, (frequency, time)."""
    padded = np.pad(pcm, (0, max(0, WINDOW - len(pcm))))
    hop = max(WINDOW // 2, len(padded) // COLUMNS)
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop]  # (time, sample)
    power = np.abs(np.fft.rfft(frames * np.hanning(WINDOW))) ** 2
    level = 10 * np.log10(power + 1.0)
    clipped: npt.NDArray[np.float64] = np.maximum(level - level.max(), FLOOR).T
    return clipped
