"""Who may speak in one split: no voice speaks in two, nor is one made of voices of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from watchword.errors import RecipeError
from watchword_training.data_specs import SPLITS, Split, VoiceSpec
from watchword_training.voices.kokoro import RESERVED

Stock = Mapping[str, Sequence[str]]
"""The voices of each installed engine."""


class Casting:
    """The voices of one split."""

    def __init__(self, spec: VoiceSpec, split: Split, stock: Stock) -> None:
        held_out = {"validation": set(spec.validation), "test": set(spec.test)}
        self._voices: dict[str, list[str]] = {}
        for engine, names in stock.items():
            taken = {v for v in names for kept in held_out.values() if f"{engine}/{v}" in kept}
            if split == "train":
                voices = [v for v in names if v not in taken]
            else:
                voices = [v for v in names if f"{engine}/{v}" in held_out[split]]
            if engine == "kokoro" and voices:
                voices += self._made(spec, split, voices, taken)
            if voices:
                self._voices[engine] = voices

    @staticmethod
    def _made(spec: VoiceSpec, split: Split, voices: Sequence[str], taken: set[str]) -> list[str]:
        """Kokoro voices made of others: sampled speakers for training, swaps among the voices of the split."""
        if spec.speakers and (unreserved := taken - set(RESERVED)):
            raise RecipeError(
                f"kokoro/{min(unreserved)} is kept from training, but sampled speakers are made of it; "
                f"for voices.validation and voices.test choose among {', '.join(RESERVED)}"
            )
        speakers = [f"speaker-{i}" for i in range(spec.speakers)] if split == "train" else []
        rng = np.random.default_rng(SPLITS.index(split))
        count = spec.swaps if split == "train" else min(spec.swaps, len(voices))
        swaps = ["+".join(rng.choice(voices, 2, replace=False).tolist()) for _ in range(count * (len(voices) > 1))]
        return speakers + swaps

    def draw(self, rng: np.random.Generator, shares: Mapping[str, float]) -> tuple[str, str] | None:
        """An engine by its share, then one of its voices evenly; None when no voice belongs to this split."""
        present = {e: s for e, s in shares.items() if e in self._voices}
        if not present:
            return None
        weights = np.array(list(present.values()))
        engine = str(rng.choice(list(present), p=weights / weights.sum()))
        return engine, str(rng.choice(self._voices[engine]))
