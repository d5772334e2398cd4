"""Several words at once: the same audio through a detector for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from watchword import compiled
from watchword.bundle import Bundle, load
from watchword.detector import Detector, Event
from watchword.errors import BundleError
from watchword.network import Pcm
from watchword.trigger import Smoothed


class Detectors:
    """Listens for several words. Each has a model, a threshold and a refractory period of its own."""

    def __init__(
        self,
        models: Sequence[str | Path | Bundle] = ("activate",),
        thresholds: Mapping[str, float] | None = None,
        libraries: Sequence[str | Path] = (),
    ) -> None:
        """
        `thresholds` go by word, those of the bundles hold for the others; `libraries` are models that were compiled.

        BundleError when two models hear the same word or want another sample rate, or a threshold or a library has no
        model.
        """
        chosen = thresholds or {}
        bundles = [model if isinstance(model, Bundle) else load(model) for model in models]
        words = [bundle.manifest.word for bundle in bundles]
        told = ", ".join(words) or "nothing"
        if not words or len(set(words)) < len(words):
            raise BundleError(f"the models hear {told}; expected at least one model, and a word of its own for each")
        if unknown := sorted(chosen.keys() - set(words)):
            raise BundleError(f"there is a threshold for {', '.join(unknown)}, but the models hear {told}")
        rates = sorted({bundle.manifest.sample_rate for bundle in bundles})
        if len(rates) > 1:
            raise BundleError(f"the models take {rates} samples per second; expected one rate for all")
        self.sample_rate = rates[0]
        networks = compiled.matching(bundles, libraries)
        self.words = {
            word: Detector(bundle, chosen.get(word), networks.get(word))
            for word, bundle in zip(words, bundles, strict=True)
        }
        """The detector of each word."""

    @property
    def thresholds(self) -> dict[str, float]:
        """By word, the smoothed probability that fires."""
        return {word: detector.threshold for word, detector in self.words.items()}

    @property
    def smoothed(self) -> dict[str, Smoothed]:
        """By word, the smoothed probability of each step that the last push completed."""
        return {word: detector.smoothed for word, detector in self.words.items()}

    def reset(self) -> None:
        """Forget all audio."""
        for detector in self.words.values():
            detector.reset()

    def push(self, pcm: Pcm) -> list[Event]:
        """Take (n,) int16 samples; gives the events of all words that they complete, in the order of their times."""
        events = [event for detector in self.words.values() for event in detector.push(pcm)]
        return sorted(events, key=lambda event: event.time)
