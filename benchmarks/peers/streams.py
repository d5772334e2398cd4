"""Recordings one after the other, and what an engine hears in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from benchmarks.peers.environments import ask

from watchword.detector import Event
from watchword.trigger import peaks
from watchword_training.evaluate import Evaluation
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.voices import Pcm

PAUSE_SECONDS = 1.0
"""Silence between two recordings."""

REFRACTORY_SECONDS = 0.8

Stretch = tuple[float, float]


def joined(recordings: Sequence[Pcm], words: int) -> tuple[Pcm, list[Stretch]]:
    """All recordings one after the other, with pauses; and where (seconds) the first `words` of them lie."""
    pause = np.zeros(round(PAUSE_SECONDS * SAMPLE_RATE), np.int16)
    parts, spans, at = [pause], [], len(pause)
    for number, pcm in enumerate(recordings):
        if number < words:
            spans.append((at / SAMPLE_RATE, (at + len(pcm)) / SAMPLE_RATE))
        parts += [pcm, pause]
        at += len(pcm) + len(pause)
    return np.concatenate(parts), spans


def evaluation(scores: Any, block: int, spans: Sequence[Stretch], samples: int) -> Evaluation:
    """Peaks of a score per block, counted as everywhere."""
    refractory = round(REFRACTORY_SECONDS * SAMPLE_RATE / block)
    found = peaks(scores.astype(np.float64), refractory)
    result = Evaluation()
    events = [Event("", (peak.step + 1) * block / SAMPLE_RATE, peak.score) for peak in found]
    result.add(events, spans, samples / SAMPLE_RATE)
    return result


def heard(
    engine: str, settings: Mapping[str, Any], stream: Pcm, spans: Sequence[Stretch]
) -> tuple[dict[str, Any], Evaluation]:
    """What an engine tells of itself, and what it hears in a stream with words in `spans`."""
    with TemporaryDirectory() as folder:
        path, out = Path(folder) / "stream.npy", Path(folder) / "scores.npy"
        np.save(path, stream)
        told = ask(engine, "scores", stream=str(path), out=str(out), **settings)
        return told, evaluation(np.load(out), told["block"], spans, len(stream))
