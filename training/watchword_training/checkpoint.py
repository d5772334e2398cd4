"""Where a run had got to: the states of its parts and its step, in one file, from which a cut-off run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import torch

from watchword_training import cache


class Part(Protocol):
    """A module or an optimizer."""

    def state_dict(self) -> Any:
        """All that changes in it."""

    def load_state_dict(self, state_dict: Any, /) -> Any:
        """Take that over."""


class Checkpoint:
    """The file of one run; parts go by their names."""

    def __init__(self, path: Path, parts: Mapping[str, Part]) -> None:
        self._path, self._parts = path, parts

    def save(self, step: int) -> None:
        """Keep everything as it is after `step` steps."""
        states = {name: part.state_dict() for name, part in self._parts.items()}
        with cache.replacing(self._path) as partial:
            torch.save({**states, "step": step}, partial)

    def resume(self) -> int:
        """Take over what was kept, if anything was; gives the steps that were done."""
        if not self._path.is_file():
            return 0
        state = torch.load(self._path, weights_only=True)
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        return int(state["step"])
