"""Wake-word engines behind one interface. A program of its own: it runs in each engine's environment.

    python engines.py cost ENGINE '{"words": 1, "block": 1280, "seconds": 20, "paced": true}'
    python engines.py scores ENGINE '{"stream": "in.npy", "out": "out.npy"}'

Prints one JSON object. `cost` counts the CPU time of all threads; `scores` writes what the engine says of a stream.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()

import numpy as np  # noqa: E402  # its import is a part of an engine's start

RATE = 16_000
BLOCK = 1_280
"""Samples to a score (80 ms)."""

SETTLING = 25
"""Blocks before anything is counted."""


class Watchword:
    """Watchword. The same model, loaded several times, stands for several words."""

    package = "watchword"

    def __init__(self, words: int, model: str = "activate", libraries: Sequence[str] = ()) -> None:
        from watchword import Detector
        from watchword.bundle import load
        from watchword.compiled import Compiled

        bundle = load(model)
        self.threshold = bundle.manifest.threshold
        files: Sequence[str | None] = libraries[:words] or [None] * words  # one each, as words have
        self._detectors = [Detector(bundle, network=Compiled(bundle, file) if file else None) for file in files]

    def feed(self, pcm: Any) -> list[float]:
        """Smoothed probability of each step of the first word."""
        for detector in self._detectors:
            detector.push(pcm)
        scores: list[float] = self._detectors[0].smoothed.tolist()
        return scores


class MicroWakeWord:
    """pymicro-wakeword: a streaming convolutional network in TensorFlow Lite."""

    package = "pymicro-wakeword"

    def __init__(self, words: int, model: str = "alexa") -> None:
        from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

        names = sorted(Model, key=lambda m: m.value != model)[:words]
        self._models = [MicroWakeWord.from_builtin(name) for name in names]
        self._features = MicroWakeWordFeatures()
        self.threshold = self._models[0].probability_cutoff

    def feed(self, pcm: Any) -> list[float]:
        """Mean of the latest probabilities of the first word, whenever there is one."""
        scores = []
        for feature in self._features.process_streaming(pcm.tobytes()):
            first, *_ = [model.process_streaming_prob(feature) for model in self._models]
            if first is not None:
                scores.append(float(first))
        return scores


class OpenWakeWord:
    """pyopen-wakeword: openWakeWord's models in TensorFlow Lite, above Google's speech embedding."""

    package = "pyopen-wakeword"
    threshold = 0.5
    """What its command begins with."""

    def __init__(self, words: int, model: str = "alexa") -> None:
        from pyopen_wakeword import Model, OpenWakeWord, OpenWakeWordFeatures

        names = sorted(Model, key=lambda m: m.value != model)[:words]
        self._models = [OpenWakeWord.from_builtin(name) for name in names]
        self._features = OpenWakeWordFeatures.from_builtin()

    def feed(self, pcm: Any) -> list[float]:
        """Probability of the first word every 80 ms."""
        scores = []
        for feature in self._features.process_streaming(pcm.tobytes()):
            first, *_ = [list(model.process_streaming(feature)) for model in self._models]
            scores += [float(score) for score in first]
        return scores


class PocketSphinx:
    """PocketSphinx in keyphrase search: any phrase, no training, yes or no."""

    package = "pocketsphinx"
    threshold = 0.5
    """Between its no and its yes; the one that it is made with is of its likelihood ratio."""

    PHRASES = ("alexa", "computer", "activate", "jarvis")

    def __init__(self, words: int, model: str = "alexa", threshold: float = 1e-20) -> None:
        from pocketsphinx import Config, Decoder, get_model_path

        phrases = sorted(self.PHRASES, key=lambda p: p != model)[:words]
        files = {"hmm": get_model_path("en-us/en-us"), "dict": get_model_path("en-us/cmudict-en-us.dict"), "lm": None}
        self._decoders = [
            Decoder(Config(**files, keyphrase=phrase, kws_threshold=threshold, loglevel="FATAL")) for phrase in phrases
        ]
        for decoder in self._decoders:
            decoder.start_utt()

    def feed(self, pcm: Any) -> list[float]:
        """1 in a block in which the first phrase was found."""
        found = []
        for decoder in self._decoders:
            decoder.process_raw(pcm.tobytes(), False, False)
            found.append(decoder.hyp() is not None)
            if found[-1]:
                decoder.end_utt()
                decoder.start_utt()
        return [float(found[0])]


ENGINES: dict[str, type[Any]] = {
    "watchword": Watchword,
    "watchword, compiled": Watchword,
    "pymicro-wakeword": MicroWakeWord,
    "pyopen-wakeword": OpenWakeWord,
    "pocketsphinx": PocketSphinx,
}


def cpu_per_second(feed: Callable[[], object], block: int, seconds: float, paced: bool) -> float:
    """CPU seconds per second of audio, of calls that take blocks of so many samples, when they are due if `paced`."""
    blocks, spent = round(seconds * RATE / block), time.process_time()
    due = time.perf_counter()
    for _ in range(blocks):
        due += block / RATE
        if paced and (early := due - time.perf_counter()) > 0:
            time.sleep(early)
        feed()
    return (time.process_time() - spent) / (blocks * block / RATE)


def cost(name: str, words: int, block: int, seconds: float, paced: bool, **settings: Any) -> dict[str, Any]:
    """CPU seconds per second of audio, resident memory and start-up of an engine fed with blocks of noise."""
    engine = ENGINES[name](words, **settings)
    pcm = np.random.default_rng(0).integers(-3_000, 3_000, block).astype(np.int16)
    engine.feed(pcm)
    ready = time.perf_counter() - BEGAN
    for _ in range(SETTLING):
        engine.feed(pcm)
    spent = cpu_per_second(lambda: engine.feed(pcm), block, seconds, paced)
    return {
        "version": version(engine.package),
        "cpu_per_second": spent,
        "resident_mib": _resident_mib(),
        "ready_seconds": ready,
    }


def _resident_mib() -> float:
    """The most memory that was resident; what `getrusage` says may be that of the program that started this one."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


def scores(name: str, stream: str, out: str, **settings: Any) -> dict[str, Any]:
    """The highest score in each block of a stream, (samples,) int16; the one before where a block completes none."""
    engine, pcm = ENGINES[name](1, **settings), np.load(stream)
    said = [0.0]
    for start in range(0, len(pcm) // BLOCK * BLOCK, BLOCK):
        said.append(max(engine.feed(pcm[start : start + BLOCK]), default=said[-1]))
    np.save(out, np.array(said[1:], np.float32))
    return {"version": version(engine.package), "block": BLOCK, "threshold": engine.threshold}


if __name__ == "__main__":
    verb, engine_name, arguments = sys.argv[1:]
    answer = cost if verb == "cost" else scores
    print(json.dumps(answer(engine_name, **json.loads(arguments))))
