"""Everything that the clips of a word are mixed from: renderings, recordings, rooms; split before anything is mixed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from watchword.errors import RecipeError
from watchword_training import cache, leaks, render
from watchword_training.corpus import Corpus
from watchword_training.data_specs import SPLITS, Split
from watchword_training.lines import HELD_OUT_SHARE, Part
from watchword_training.recipe import Recipe
from watchword_training.sounds import Library, Piece
from watchword_training.voices import Pcm

PACK_BYTES = 3 << 30
"""Bound of the folder in which the renderings of a split lie together."""

ROLES = {"own": "positives", "speech": "negatives", "noise": "noise"}
"""Kind of sound to the recordings that it comes from."""


@dataclass(frozen=True)
class Material:
    """What one word's clips are made of."""

    recipe: Recipe

    parts: Sequence[Part]
    """Lines whose renderings are good."""

    words: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By a line's digest, the samples between which the trigger word lies in it."""

    positives: Sequence[Corpus] = ()
    """Own recordings of the word."""

    negatives: Sequence[Corpus] = ()
    """Recordings of people who do not say it."""

    noise: Sequence[Corpus] = ()
    """Recordings without speech."""

    rejected: Sequence[str] = ()
    """Lines that were left out, with the reason."""

    @property
    def digest(self) -> str:
        """Name of every clip that can be mixed from this: how many are wanted and who learns from them is not in it."""
        recipe = self.recipe
        counts = {"train", "mined", "recorded", "validation"}
        clips = {name: value for name, value in asdict(recipe.clips).items() if name not in counts}
        sections = [recipe.word, recipe.seed, clips, asdict(recipe.channel), asdict(recipe.features)]
        hashed = hashlib.sha256(json.dumps(sections, sort_keys=True).encode())
        for part in self.parts:
            hashed.update(f"{part.kind}{part.split}{part.line.digest}{self.words.get(part.line.digest)}".encode())
        for role in (self.positives, self.negatives, self.noise):
            hashed.update(json.dumps([c.digest for c in role]).encode())
        return hashed.hexdigest()

    def rooms(self, split: Split) -> int:
        """How many simulated rooms `split` has."""
        rooms = self.recipe.channel.rooms
        return rooms if split == "train" else rooms // HELD_OUT_SHARE

    def check(self) -> None:
        """RecipeError when a split would lack positives, negatives, or a person's own recordings of the word."""
        for split in SPLITS if self.recipe.voices.test else SPLITS[:2]:
            kinds = [p.kind == "positive" for p in self.parts if p.split == split]
            if not any(kinds) or all(kinds):
                raise RecipeError(
                    f"nobody says {'the word' if not any(kinds) else 'anything else'} in the {split} clips; "
                    f"voices.{split} of the recipe must name voices of its engines, as in standard.toml"
                )
        if self.positives and not any(self._recorded("own", "train")):
            raise RecipeError("none of the given recordings of the word fell into training; give at least ten")
        self._refuse_leaks()

    def _refuse_leaks(self) -> None:
        """RecipeError when a voice or a recording is in two splits, or a recording in two roles."""
        voices: dict[str, list[str]] = {
            split: [f"{p.line.engine}/{p.line.voice}" for p in self.parts if p.split == split] for split in SPLITS
        }
        leaks.refuse("voice", voices, "keep it for one of them in the recipe's voices.validation and voices.test")
        hashes: dict[str, list[str]] = {
            split: [c.hashes[i] for kind in ROLES for c, indices in self._recorded(kind, split) for i in indices]
            for split in SPLITS
        }
        leaks.refuse("recording", hashes, "give each recording once, or all of a speaker's below one folder")
        roles = {role: [h for c in getattr(self, role) for h in c.hashes] for role in ROLES.values()}
        leaks.refuse("recording", roles, "give it in one role")

    def library(self, split: Split) -> Library:
        """What `split` may hear."""
        voices, pieces = self._voices(split)
        arrays = [voices]
        for kind in ROLES:
            for corpus, indices in self._recorded(kind, split):
                array = len(arrays)
                arrays.append(corpus.array)
                pieces.setdefault(kind, []).extend(_recordings(corpus, indices, array))
        return Library(tuple(arrays), pieces)

    def recordings(self, corpora: Sequence[Corpus], split: Split) -> list[Pcm]:
        """The recordings of `corpora` that belong to `split`."""
        spec = self.recipe.clips
        return [pcm for c in corpora for pcm in c.split(split, spec.validation_share, spec.test_share)]

    def _recorded(self, kind: str, split: Split) -> Iterator[tuple[Corpus, list[int]]]:
        """The corpora of a kind, each with the indices of its pieces in `split`."""
        spec = self.recipe.clips
        for corpus in getattr(self, ROLES[kind]):
            if indices := corpus.indices(split, spec.validation_share, spec.test_share):
                yield corpus, indices

    def _voices(self, split: Split) -> tuple[Path, dict[str, list[Piece]]]:
        """One array of all renderings of `split`, in the cache, and what lies where in it."""
        parts = [p for p in self.parts if p.split == split]
        name = hashlib.sha256(json.dumps([p.line.digest for p in parts]).encode()).hexdigest()[:32]
        array, index = (cache.folder("packs") / f"{name}{suffix}" for suffix in (".npy", ".json"))
        cache.touch([array, index])
        if not (array.is_file() and index.is_file()):
            cache.prune("packs", PACK_BYTES, depth=1)
            rendered = [render.load(part.line) for part in parts]
            with cache.replacing(array) as partial:
                np.save(partial, np.concatenate([np.empty(0, np.int16), *rendered]))
            with cache.replacing(index) as partial:
                partial.write_text(json.dumps([len(pcm) for pcm in rendered]), "utf-8")
        pieces: dict[str, list[Piece]] = {}
        start = 0
        for part, length in zip(parts, json.loads(index.read_text("utf-8")), strict=True):
            line = part.line
            word = self.words.get(line.digest, (0, length))
            source = f"{line.engine}/{line.voice} {line.spoken!r} {line.digest[:12]}"
            pieces.setdefault(part.kind, []).append(Piece(0, start, length, word, source))
            start += length
        return array, pieces


def _recordings(corpus: Corpus, indices: Sequence[int], array: int) -> Iterator[Piece]:
    for i in indices:
        length = corpus.lengths[i]
        yield Piece(array, corpus.starts[i], length, (0, length), f"{corpus.files[i].name} {corpus.hashes[i][:12]}")
