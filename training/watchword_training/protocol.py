"""The whole measurement of a detector: every condition, latency, near words. One implementation, for every figure."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tqdm import tqdm

from watchword.detector import Detector
from watchword.hearing import hear
from watchword_training import conditions, det
from watchword_training.conditions import Condition, Spans
from watchword_training.evaluate import Evaluation, evaluate, wilson_interval
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.voices import Pcm
from watchword_training.workers import Workers

BINS = 25
"""Bars of the histogram of scores."""


@dataclass(frozen=True, kw_only=True)
class Recordings:
    """What a detector is measured on."""

    positives: Mapping[str, Sequence[tuple[Pcm, Spans]]]
    """By folder, recordings of the word, each with start and end (seconds) of each time that it is said."""

    others: Mapping[str, Sequence[Pcm]]
    """By folder, recordings without it."""

    ambience: Sequence[Pcm] = ()
    """Recordings of noise, for the conditions that need it."""

    confusables: Sequence[tuple[str, Pcm]] = field(default_factory=list)
    """Words that sound like it, with their names."""

    @property
    def words(self) -> list[tuple[Pcm, Spans]]:
        """The recordings of the word of all folders."""
        return [word for folder in self.positives.values() for word in folder]

    @property
    def negatives(self) -> list[Pcm]:
        """The recordings without it of all folders."""
        return [pcm for folder in self.others.values() for pcm in folder]

    @property
    def seconds(self) -> float:
        """Duration of words and negatives."""
        return sum(len(pcm) for pcm in [*(pcm for pcm, _ in self.words), *self.negatives]) / SAMPLE_RATE


def measure(detector: Detector, recordings: Recordings, workers: Workers) -> dict[str, Any]:
    """Every figure of the protocol, as JSON."""
    started = time.process_time()
    folders = {name: evaluate(detector, words) for name, words in recordings.positives.items()}
    folders |= {name: evaluate(detector, ((pcm, ()) for pcm in pcms)) for name, pcms in recordings.others.items()}
    results = {"clean": sum(folders.values(), Evaluation())}
    changed = conditions.every(recordings.ambience, workers)
    for name, condition in tqdm(changed.items(), desc="conditions", unit="condition"):
        results[name] = evaluate(detector, _under(condition, recordings))
    heard = len(results) * recordings.seconds
    if recordings.negatives and recordings.words:
        stream, clean = evaluate(detector, _streams(recordings)), results["clean"]
        results["speech stream"] = stream + Evaluation([], clean.false_accepts, clean.hours)
        heard += len(recordings.words) * 4
    taken = time.process_time() - started
    return {
        "word": detector.manifest.phrase,
        "threshold": detector.threshold,
        "words": sum(len(spans) for _, spans in recordings.words),
        "hours": round(results["clean"].hours, 3),
        "conditions": {name: _figures(result, detector.threshold) for name, result in results.items()},
        "folders": {name: result.figures(detector.threshold) for name, result in folders.items()},
        "latency": _latency(detector, recordings.words),
        "confusables": _confusables(detector, recordings.confusables),
        "times_real_time": round(heard / taken),
    }


def _under(condition: Condition, recordings: Recordings) -> Iterator[tuple[Pcm, Spans]]:
    for number, (pcm, spans) in enumerate(recordings.words):
        yield condition(number, pcm), spans
    for number, pcm in enumerate(recordings.negatives):
        yield condition(number, pcm), []


def _streams(recordings: Recordings) -> Iterator[tuple[Pcm, Spans]]:
    for number, (pcm, spans) in enumerate(recordings.words):
        yield conditions.in_speech(number, pcm, spans, recordings.negatives)


def _figures(result: Evaluation, threshold: float) -> dict[str, Any]:
    figures = result.figures(threshold)
    if result.words and result.hours:
        figures |= {**det.headline(result), "curve": det.curve(result)}
    edges = np.linspace(0, 1, BINS + 1)
    scores = {"words": result.words, "false accepts": result.false_accepts}
    return figures | {
        "scores": {name: np.histogram(np.clip(heights, 0, 1), edges)[0].tolist() for name, heights in scores.items()}
    }


def _latency(detector: Detector, words: Iterable[tuple[Pcm, Spans]]) -> dict[str, Any]:
    """Milliseconds from the word's end to the event, at the detector's own threshold.

    In a recording of nothing but the word, the end is that of its speech; the event may come before.
    """
    found = []
    for pcm, spans in words:
        events = hear(detector, [pcm]).events
        for start, end in spans:
            said = min(end, conditions.end_of_speech(pcm)) if end >= len(pcm) / SAMPLE_RATE else end
            found += [1000 * (e.time - said) for e in events if start <= e.time <= end + 0.75][:1]
    if not found:
        return {"events": 0}
    median, late = np.percentile(found, [50, 95])
    return {"events": len(found), "median_ms": round(float(median)), "p95_ms": round(float(late))}


def _confusables(detector: Detector, words: Sequence[tuple[str, Pcm]]) -> dict[str, Any]:
    accepted = [name for name, pcm in words if hear(detector, [pcm]).events]
    result: dict[str, Any] = {"words": len(words), "accepted": len(accepted)}
    if words:
        low, high = wilson_interval(len(accepted), len(words))
        result |= {
            "share": round(len(accepted) / len(words), 4),
            "interval": [round(low, 4), round(high, 4)],
            "names": sorted(set(accepted)),
        }
    return result
