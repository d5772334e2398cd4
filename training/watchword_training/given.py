"""A person's own folders of recordings, each with the licence that its owner names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchword.bundle import Corpus


@dataclass(frozen=True)
class Folder:
    """One folder."""

    path: Path
    licence: str = "not stated"

    @classmethod
    def parse(cls, text: str) -> Folder:
        """Read "DIR" or "DIR=LICENCE"."""
        path, _, licence = text.partition("=")
        return cls(Path(path), licence or "not stated")


@dataclass(frozen=True, kw_only=True)
class Given:
    """All of them, by what they hold."""

    positives: Sequence[Folder] = ()
    negatives: Sequence[Folder] = ()
    noise: Sequence[Folder] = ()

    @property
    def corpora(self) -> list[Corpus]:
        """All of them as a bundle lists them."""
        return [Corpus(name=f"recordings: {folder.path.name}", licence=folder.licence) for folder in self]

    def __iter__(self) -> Iterator[Folder]:
        return iter([*self.positives, *self.negatives, *self.noise])
