"""What is heard: Watchword and its peers on the same people and the same hours of speech, over all thresholds."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from benchmarks import people
from benchmarks.peers.environments import OWN, ask
from tqdm import tqdm

from watchword.detector import Event
from watchword.trigger import peaks
from watchword_training import conditions, det, sources
from watchword_training.evaluate import Evaluation
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.voices import Pcm

PAUSE_SECONDS = 1.0
"""Silence between two recordings of the stream."""

REFRACTORY_SECONDS = 0.8
WORD = "alexa"
"""What two of the peers have a model of."""

SPHINX = 1e-20
"""The setting of its likelihood ratio that its users begin with; it says yes or no."""

CONDITIONS = ("clean", "10 dB ambience")

Stretch = tuple[float, float]


def measured(model: Path, recipe: Recipe, arguments: argparse.Namespace) -> dict[str, Any]:
    """Headline figures and curves of every engine under every condition."""
    places = (arguments.shared, arguments.packaged)
    heard = people.recordings(sources.read(model), recipe, *places)
    words = [pcm for pcm, _ in heard.words]
    speech = heard.others[people.UNHEARD[0]]
    ambience = heard.ambience
    found = []
    with TemporaryDirectory() as folder:
        for condition in CONDITIONS:
            changed = [*words, *speech]
            if condition != "clean":
                changed = [conditions.in_noise(ambience, 10.0, i, pcm) for i, pcm in enumerate(changed)]
            stream, spans = joined(changed, len(words))
            path = Path(folder) / "stream.npy"
            np.save(path, stream)
            for engine, settings in tqdm(list(_engines(model)), desc=condition, unit="engine"):
                out = Path(folder) / "scores.npy"
                told = ask(engine, "scores", stream=str(path), out=str(out), **settings)
                result = evaluation(np.load(out), told["block"], spans, len(stream))
                found.append(_row(engine, told["version"], settings, condition, result))
    hours = sum(len(pcm) for pcm in speech) / SAMPLE_RATE / 3600
    return {"word": WORD, "words": len(words), "hours": round(hours, 2), "speech": people.UNHEARD[0], "rows": found}


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
    events = [Event(WORD, (peak.step + 1) * block / SAMPLE_RATE, peak.score) for peak in found]
    result.add(events, spans, samples / SAMPLE_RATE)
    return result


def _engines(model: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    yield OWN, {"model": str(model.resolve())}
    yield "pymicro-wakeword", {"model": WORD}
    yield "pyopen-wakeword", {"model": WORD}
    yield "pocketsphinx", {"model": WORD, "threshold": SPHINX}


def _row(engine: str, version: str, settings: dict[str, Any], condition: str, result: Evaluation) -> dict[str, Any]:
    row = {"engine": engine, "version": version, "condition": condition, "hours": round(result.hours, 3)}
    if engine == "pocketsphinx":
        return {**row, "setting": settings["threshold"], **result.figures(0.5)}
    return {**row, **det.headline(result), "curve": det.curve(result)}
