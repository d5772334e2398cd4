"""The detector: push audio, get events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from watchword.bundle import Bundle, load
from watchword.compiled import Compiled
from watchword.network import Network, Pcm
from watchword.trigger import Firing, Smoothed, Trigger, TriggerSettings, peaks

BLOCK_STEPS = 250
"""Steps per run of the model: bounds the memory that a long push takes."""


@dataclass(frozen=True)
class Event:
    """One detection."""

    word: str
    """Which detector fired."""

    time: float
    """Seconds of audio since the start or the last reset."""

    score: float
    """Smoothed probability, from 0 to 1."""


class Detector:
    """Listens for one word. `push` any number of samples; the cuts between pushes change nothing."""

    def __init__(
        self,
        model: str | Path | Bundle = "activate",
        threshold: float | None = None,
        network: Network | Compiled | None = None,
    ) -> None:
        """`network` is the model's, when it is already loaded or compiled: any number of detectors share one."""
        bundle = model if isinstance(model, Bundle) else load(model)
        self.manifest = bundle.manifest
        self.folder = bundle.folder
        self._network = network or Network(bundle)
        self._trigger = Trigger(TriggerSettings.of(bundle.manifest, threshold))
        self.reset()

    def reset(self) -> None:
        """Forget all audio; the detector is as new."""
        self._state = self._network.initial_state()
        self._rest: Pcm = np.empty(0, np.int16)
        self._trigger.reset()
        self.smoothed: Smoothed = np.empty(0)
        """Smoothed probability of each step that the last push completed."""

    @property
    def threshold(self) -> float:
        """The smoothed probability at which it fires."""
        return self.trigger_settings.threshold

    @property
    def trigger_settings(self) -> TriggerSettings:
        """When it fires."""
        return self._trigger.settings

    def push(self, pcm: Pcm) -> list[Event]:
        """Take (n,) int16 samples at the bundle's rate; gives the events that they complete."""
        if pcm.dtype != np.int16 or pcm.ndim != 1:
            raise ValueError(f"expected int16 (samples,), got {pcm.dtype} {pcm.shape}; see watchword.audio")
        step, audio = self._network.samples_per_step, np.concatenate([self._rest, pcm])
        usable = len(audio) // step * step
        self._rest = audio[usable:].copy()
        firings: list[Firing] = []
        smoothed = [np.empty(0)]
        for start in range(0, usable, BLOCK_STEPS * step):
            block = audio[None, start : min(start + BLOCK_STEPS * step, usable)]
            probabilities, self._state = self._network.step(block, self._state)
            means, fired = self._trigger.push(probabilities[0])
            smoothed.append(means)
            firings += fired
        self.smoothed = np.concatenate(smoothed)
        return self._events(firings)

    def peaks(self, smoothed: Smoothed) -> list[Event]:
        """Local maxima of a whole recording's `smoothed`, one per refractory period."""
        return self._events(peaks(smoothed, self.manifest.refractory))

    def _events(self, firings: list[Firing]) -> list[Event]:
        seconds = self.manifest.step_seconds
        return [Event(self.manifest.word, round((f.step + 1) * seconds, 3), f.score) for f in firings]
