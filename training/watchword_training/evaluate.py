"""How quality is measured: hits, misses and false accepts over every threshold, from the shipped artefact.

An event inside [word start, word end + 0.75 s] is a hit; a second one there, and any other, is a false accept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from scipy import stats

from watchword.detector import Detector, Event
from watchword.hearing import hear
from watchword.network import Pcm
from watchword_training.recipe import SAMPLE_RATE

TOLERANCE = 0.75
"""Seconds after the word's end in which an event is still a hit."""


@dataclass
class Evaluation:
    """The score of every word and of every false accept, whatever the threshold."""

    words: list[float] = field(default_factory=list)
    """Highest peak in each word's window; 0 without one."""

    false_accepts: list[float] = field(default_factory=list)
    """Height of each peak outside, or beside the best one inside, a window."""

    hours: float = 0.0
    """Audio outside every window."""

    def add(self, peaks: Sequence[Event], spans: Sequence[tuple[float, float]], seconds: float) -> None:
        """Count one recording: its peaks, the start and end (seconds) of its words, its duration."""
        windows = [(start, end + TOLERANCE) for start, end in spans]
        claimed: dict[int, Event] = {}
        for peak in sorted(peaks, key=lambda p: -p.score):
            holding = [i for i, (a, b) in enumerate(windows) if a <= peak.time <= b and i not in claimed]
            if not holding:
                self.false_accepts.append(peak.score)
                continue
            # of words in a breath, the one that has ended last is the one that was heard
            after = {i: peak.time - spans[i][1] for i in holding}
            claimed[min(holding, key=lambda i: (after[i] < 0, abs(after[i])))] = peak
        self.words += [claimed[i].score if i in claimed else 0.0 for i in range(len(windows))]
        inside, covered = 0.0, 0.0
        for start, end in sorted(windows):
            inside += max(0.0, min(end, seconds) - max(start, covered))
            covered = max(covered, min(end, seconds))
        self.hours += (seconds - inside) / 3600

    def __add__(self, other: Evaluation) -> Evaluation:
        """Both together."""
        return Evaluation(self.words + other.words, self.false_accepts + other.false_accepts, self.hours + other.hours)

    def threshold(self, allowed: int) -> float:
        """The lowest threshold with at most `allowed` false accepts: just above the next one; 0 without any."""
        heights = sorted(self.false_accepts, reverse=True)
        return math.nextafter(heights[allowed], 2.0) if allowed < len(heights) else 0.0

    def figures(self, threshold: float) -> dict[str, Any]:
        """Counts, rates and their 95 % intervals at one threshold."""
        missed = sum(w < threshold for w in self.words)
        false = sum(f >= threshold for f in self.false_accepts)
        low, high = poisson_interval(false)
        result: dict[str, Any] = {
            "threshold": round(threshold, 4),
            "words": len(self.words),
            "missed": missed,
            "hours": round(self.hours, 3),
            "false_accepts": false,
        }
        if self.words:
            result["miss_rate"] = round(missed / len(self.words), 4)
            result["miss_rate_interval"] = [round(v, 4) for v in wilson_interval(missed, len(self.words))]
        if self.hours > 0:
            result["false_accepts_per_hour"] = round(false / self.hours, 3)
            result["false_accepts_per_hour_interval"] = [round(v / self.hours, 3) for v in (low, high)]
        return result


def wilson_interval(count: int, total: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson 1927)."""
    interval = stats.binomtest(count, total).proportion_ci(0.95, "wilson")
    return float(interval.low), float(interval.high)


def poisson_interval(count: int) -> tuple[float, float]:
    """Exact 95 % interval of a Poisson count (Garwood 1936)."""
    low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    return float(low), float(stats.chi2.ppf(0.975, 2 * count + 2) / 2)


def whole(pcm: Pcm) -> tuple[Pcm, list[tuple[float, float]]]:
    """A recording of one word has one window: all of it."""
    return pcm, [(0.0, len(pcm) / SAMPLE_RATE)]


def evaluate(detector: Detector, recordings: Iterable[tuple[Any, Sequence[tuple[float, float]]]]) -> Evaluation:
    """Stream (pcm, spans in seconds) recordings through `detector`, each from silence."""
    evaluation = Evaluation()
    for pcm, spans in recordings:
        heard = hear(detector, [pcm])
        evaluation.add(heard.peaks, spans, heard.seconds)
    return evaluation
