"""openWakeWord's interface over Watchword's bundles, so that its users can switch by one import.

    from watchword.openwakeword import Model    # instead of: from openwakeword.model import Model

    model = Model(wakeword_models=["activate"])
    scores = model.predict(frame)               # {"activate": 0.02}

openWakeWord's programs compare scores with 0.5: a score here is 0.5 where the bundle would fire, proportional below and
above. There is no voice activity gate and no verifier: their arguments are accepted at their defaults only.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from watchword import audio
from watchword.bundle import Bundle
from watchword.detectors import Detectors
from watchword.network import Pcm

FRAME = 1_280
"""Samples of a frame as openWakeWord cuts audio (80 ms); any other number works."""

SETTLING = 5
"""First predictions after a reset, which are 0."""

REMEMBERED = 30
"""Latest predictions in `prediction_buffer`."""

EVEN = 0.5
"""Score at the bundle's threshold."""


class Model:
    """openWakeWord's `Model`: one score per word for each frame."""

    def __init__(
        self,
        wakeword_models: Sequence[str | Path | Bundle] = ("activate",),
        *,
        inference_framework: str = "onnx",
        vad_threshold: float = 0,
        enable_speex_noise_suppression: bool = False,
        custom_verifier_models: Mapping[str, str] | None = None,
    ) -> None:
        """`wakeword_models` are bundles: folders, or names in models/."""
        if inference_framework != "onnx" or vad_threshold or enable_speex_noise_suppression or custom_verifier_models:
            raise ValueError(
                "Watchword runs ONNX without a voice activity gate, noise suppression or verifiers; "
                "leave those arguments out"
            )
        self._detectors = Detectors(wakeword_models)
        self.models = self._detectors.words
        """By word, the detector that hears it."""
        self.reset()

    def reset(self) -> None:
        """Forget all audio and all predictions."""
        self._detectors.reset()
        self._frames = 0
        self._latest = dict.fromkeys(self.models, 0.0)
        self._scores: dict[str, deque[float]] = {word: deque(maxlen=REMEMBERED) for word in self.models}
        self.prediction_buffer: dict[str, deque[float]] = {word: deque(maxlen=REMEMBERED) for word in self.models}
        """By word, the latest predictions that were given."""

    def predict(
        self,
        x: Pcm,
        patience: Mapping[str, int] | None = None,
        threshold: Mapping[str, float] | None = None,
        debounce_time: float = 0.0,
        timing: bool = False,
    ) -> Any:
        """
        The highest score of each word in `x`, (samples,) int16 at 16 kHz; with `timing` also seconds of work.

        `patience` keeps a score back until so many in a row, it included, have reached the word's threshold;
        `debounce_time` (seconds) keeps those back that follow another that was given within it. One at a time.
        """
        if not isinstance(x, np.ndarray):
            raise ValueError(f"the input has to be a numpy array of int16 samples, got {type(x).__name__}")
        begin = time.perf_counter()
        self._detectors.push(x)
        for word, smoothed in self._detectors.smoothed.items():
            if len(smoothed):
                self._latest[word] = self._score(word, float(smoothed.max()))
        settled = self._frames >= SETTLING
        self._frames += 1
        for word, score in self._latest.items():
            self._scores[word].append(score if settled else 0.0)
        scores = self._given(len(x), patience or {}, threshold or {}, debounce_time)
        for word, score in scores.items():
            self.prediction_buffer[word].append(score)
        return (scores, {"models": time.perf_counter() - begin}) if timing else scores

    def predict_clip(
        self, clip: str | Path | Pcm, padding: int = 1, chunk_size: int = FRAME, **arguments: Any
    ) -> list[dict[str, float]]:
        """The scores of each chunk of a recording with `padding` seconds of silence around it."""
        pcm = audio.read(clip) if isinstance(clip, str | Path) else clip
        silence: npt.NDArray[np.int16] = np.zeros(padding * audio.SAMPLE_RATE, np.int16)
        padded = np.concatenate([silence, pcm, silence])
        starts = range(0, len(padded) - chunk_size + 1, chunk_size)
        return [self.predict(padded[start : start + chunk_size], **arguments) for start in starts]

    def _score(self, word: str, probability: float) -> float:
        fires = self.models[word].threshold
        if probability < fires:
            return EVEN * probability / fires
        return 1.0 if fires == 1 else EVEN + (1 - EVEN) * (probability - fires) / (1 - fires)

    def _given(
        self, samples: int, patience: Mapping[str, int], threshold: Mapping[str, float], debounce_time: float
    ) -> dict[str, float]:
        """The latest scores, 0 where patience or debouncing asks for it."""
        given = {word: scores[-1] for word, scores in self._scores.items()}
        if not patience and debounce_time <= 0:
            return given
        if not threshold:
            raise ValueError("patience and debounce_time compare scores; give a threshold for each word")
        if patience and debounce_time > 0:
            raise ValueError("patience and debounce_time cannot be used together; give one of them")
        frames = math.ceil(debounce_time * audio.SAMPLE_RATE / max(1, samples))
        for word, least in threshold.items():
            recent = list(self._scores[word])[-patience.get(word, 0) :] if word in patience else []
            impatient = sum(score >= least for score in recent) < patience.get(word, 0)
            before = list(self.prediction_buffer[word])[-frames:] if frames else []
            if impatient or (given[word] >= least and any(earlier >= least for earlier in before)):
                given[word] = 0.0
        return given
