"""Recordings on disk as one array: any format, decoded once into the cache, split by speaker before any mixing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from watchword.errors import AudioError, RecipeError
from watchword_training import cache
from watchword_training.cutting import PIECE, WORD, pieces_of, words_of
from watchword_training.data_specs import Split
from watchword_training.decoding import FFMPEG, SNDFILE, candidates, read
from watchword_training.voices import Pcm

CACHE_BYTES = 8 << 30

FORM = 2
"""Raised when decoding or cutting change, so that nothing of an older version is read."""


@dataclass(frozen=True)
class Corpus:
    """Decoded recordings of one folder. It holds names and numbers alone; the samples stay on disk."""

    folder: Path

    files: list[Path]
    """Source of each piece; a short recording is one piece."""

    groups: list[str]
    """Who or what each piece is split by: its speaker's folder, or else its recording."""

    hashes: list[str]
    """SHA-256 of all samples of each piece's source: the same for a copy under another name."""

    starts: list[int]
    """First sample of each piece in the decoded array."""

    lengths: list[int]
    """Samples of each piece."""

    array: Path
    """All samples, int16 at 16 kHz, in the cache."""

    refused: list[str]
    """Why files or pieces were left out."""

    digest: str
    """Name of this content."""

    def pieces(self) -> list[Pcm]:
        """Samples of each piece, mapped from the cache."""
        pcm = np.load(self.array, mmap_mode="r")
        return [pcm[start : start + length] for start, length in zip(self.starts, self.lengths, strict=True)]

    def without(self, indices: Sequence[int], reason: str = "it seems to say the word") -> Corpus:
        """The corpus less some of its pieces, each named among the refused."""
        dropped = set(indices)
        keep = [i for i in range(len(self.files)) if i not in dropped]
        lists: dict[str, Any] = {
            name: [getattr(self, name)[i] for i in keep] for name in ("files", "groups", "hashes", "starts", "lengths")
        }
        return replace(
            self,
            **lists,
            refused=[*self.refused, *(f"{self.files[i]}: {reason}" for i in indices)],
            digest=hashlib.sha256(json.dumps([self.digest, list(indices)]).encode()).hexdigest(),
        )

    def indices(self, split: Split, validation: float, test: float) -> list[int]:
        """The pieces of one split."""
        placed = place(self.groups, validation, test)
        return [i for i, group in enumerate(self.groups) if placed[group] == split]

    def split(self, split: Split, validation: float, test: float) -> list[Pcm]:
        """Their samples."""
        pieces = self.pieces()
        return [pieces[i] for i in self.indices(split, validation, test)]


def place(groups: Sequence[str], validation: float, test: float) -> dict[str, Split]:
    """
    The split of each group, by the hash of its name.

    With three groups or more no split that has a share stays empty; training never does.
    """
    draws = sorted((int(hashlib.sha256(g.encode()).hexdigest()[:8], 16) / 2**32, g) for g in set(groups))
    least = 1 if len(draws) >= 3 else 0
    last_test = max(sum(draw < test for draw, _ in draws), least * (test > 0))
    last = max(sum(draw < test + validation for draw, _ in draws), last_test + least * (validation > 0))
    last = min(last, len(draws) - 1)
    last_test = min(last_test, max(last - least * (validation > 0), 0))
    return {
        group: "test" if rank < last_test else "validation" if rank < last else "train"
        for rank, (_, group) in enumerate(draws)
    }


def open_corpus(folder: Path, words: bool = False) -> Corpus:
    """
    Decode every recording below `folder`; RecipeError when there is none that can be used.

    Where `words` is set the recordings hold takes of one word with pauses between them; else they are running sound.
    """
    if not folder.is_dir():
        expected = ", ".join(sorted(SNDFILE | FFMPEG))
        raise RecipeError(f"no folder {folder}; expected a folder of recordings ({expected})")
    files = candidates(folder)
    contents = [[str(f.relative_to(folder)), _content(f)] for f in files]
    form = [FORM, *PIECE, *(WORD if words else ())]
    digest = hashlib.sha256(json.dumps([str(folder.resolve()), form, contents]).encode()).hexdigest()
    array = cache.folder("corpora") / f"{digest}.npy"
    index = array.with_suffix(".json")
    cache.touch([array, index])
    if not (index.is_file() and array.is_file()):
        cache.prune("corpora", CACHE_BYTES, depth=1)
        _decode(folder, files, words, array, index)
    known = json.loads(index.read_text("utf-8"))
    if not known["files"]:
        reasons = "; ".join(known["refused"][:3]) or "it holds no file that is meant to be one"
        raise RecipeError(f"{folder} holds no usable recording ({reasons})")
    lengths: list[int] = known["lengths"]
    starts = [0, *np.cumsum(lengths).tolist()][:-1]
    paths = [Path(f) for f in known["files"]]
    return Corpus(folder, paths, known["groups"], known["hashes"], starts, lengths, array, known["refused"], digest)


def _content(file: Path) -> str:
    """What names the content of a file: its time would change with every copy."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _decode(folder: Path, files: Sequence[Path], words: bool, array: Path, index: Path) -> None:
    pieces: list[Pcm] = [np.empty(0, np.int16)]
    known: dict[str, list[Any]] = {"files": [], "groups": [], "hashes": [], "refused": []}
    first: dict[str, Path] = {}
    for file in tqdm(files, desc="recordings", unit="file", disable=len(files) < 20):
        try:
            pcm = read(file)
        except AudioError as exc:
            known["refused"].append(str(exc))
            continue
        name = hashlib.sha256(pcm.tobytes()).hexdigest()
        if first.setdefault(name, file) != file:
            known["refused"].append(f"{file}: the same recording as {first[name]}")
            continue
        cut, refused = words_of(pcm, file) if words else (pieces_of(pcm), [])
        pieces += cut
        known["files"] += [str(file)] * len(cut)
        known["groups"] += [_group(folder, file, name)] * len(cut)
        known["hashes"] += [name] * len(cut)
        known["refused"] += refused
    with cache.replacing(array) as partial:
        np.save(partial, np.concatenate(pieces))
    lengths = [len(p) for p in pieces[1:]]
    with cache.replacing(index) as partial:
        partial.write_text(json.dumps({**known, "lengths": lengths}), "utf-8")


def _group(folder: Path, file: Path, content: str) -> str:
    """The first folder below the given one is a speaker; a recording outside of any is by itself, whatever its name."""
    below = file.relative_to(folder).parts
    return f"{folder.name}/{below[0]}" if len(below) > 1 else content
