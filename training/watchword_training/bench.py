"""What clips are mixed from, so small that a process can be told of it: the samples lie in files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from watchword_training import rooms
from watchword_training.clips import Mixer
from watchword_training.data_specs import Split
from watchword_training.material import Material
from watchword_training.recipe import Recipe
from watchword_training.sounds import Library, Piece
from watchword_training.stretches import Stretches
from watchword_training.workers import Files, Workers


@dataclass(frozen=True)
class Bench:
    """A few names and numbers, from which a worker makes the mixer of a split."""

    recipe: Recipe
    split: Split
    library: Library
    rooms: Path | None

    def at(self, files: Files) -> Bench:
        """The same where the files have other names."""
        return replace(self, library=self.library.at(files), rooms=self.rooms and files[self.rooms])

    @property
    def files(self) -> list[Path]:
        """Every file that it names."""
        return [*self.library.arrays, *([self.rooms] if self.rooms else [])]

    def mixer(self) -> Mixer:
        """The mixer of the split."""
        rooms = np.load(self.rooms, mmap_mode="r") if self.rooms else None
        return Mixer(self.recipe, self.split, self.library.open(), rooms)

    def stretches(self) -> Stretches:
        """The recordings of the split as they are."""
        return Stretches(self.recipe, self.split, self.library.open())


def bench(material: Material, split: Split, workers: Workers, hard: Sequence[Piece] = ()) -> Bench:
    """What the clips of `split` are mixed from; its rooms are simulated when the cache lacks them."""
    count = material.rooms(split)
    responses = rooms.bank(split, count, workers) if count else None
    library = material.library(split)
    return Bench(material.recipe, split, library.with_hard(hard) if hard else library, responses)


def mixer(material: Material, split: Split, workers: Workers) -> Mixer:
    """The mixer of `split`, here and now."""
    return bench(material, split, workers).mixer()
