"""Recordings on disk as one array: any format, decoded once into the cache, split by source file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from watchword import audio
from watchword.errors import AudioError, RecipeError
from watchword_training import cache
from watchword_training.lines import Split
from watchword_training.voices import SAMPLE_RATE, Pcm

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".au", ".caf", ".w64"})
CACHE_BYTES = 8 << 30


@dataclass(frozen=True)
class Corpus:
    """Decoded recordings of one folder."""

    folder: Path
    files: list[Path]
    lengths: list[int]
    """Samples of each file."""

    pcm: Pcm
    """All files end to end, int16 at 16 kHz, mapped from the cache."""

    refused: list[str]
    """Why files were left out."""

    digest: str
    """Name of this content."""

    @property
    def hours(self) -> float:
        """Total duration."""
        return sum(self.lengths) / SAMPLE_RATE / 3600

    def split(self, split: Split, validation: float, test: float) -> list[Pcm]:
        """The recordings of one split: a file's name alone decides where it goes."""
        ends = np.cumsum(self.lengths)
        chosen = []
        for file, length, end in zip(self.files, self.lengths, ends, strict=True):
            if place(file, validation, test) == split:
                chosen.append(self.pcm[end - length : end])
        return chosen


def place(file: Path, validation: float, test: float) -> Split:
    """The split of a source recording, by the hash of its folder's and its own name."""
    name = f"{file.parent.name}/{file.stem}"
    draw = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    return "test" if draw < test else "validation" if draw < test + validation else "train"


def open_corpus(folder: Path) -> Corpus:
    """Decode every recording below `folder`; RecipeError when there is none that can be used."""
    if not folder.is_dir():
        raise RecipeError(f"no folder {folder}; expected a folder of recordings ({', '.join(sorted(SUFFIXES))})")
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES)
    stamp = [[str(f.relative_to(folder)), f.stat().st_size, f.stat().st_mtime_ns] for f in files]
    digest = hashlib.sha256(json.dumps([str(folder.resolve()), stamp]).encode()).hexdigest()
    target = cache.folder("corpora") / f"{digest}.npy"
    index = target.with_suffix(".json")
    if not index.is_file():
        cache.prune("corpora", CACHE_BYTES)
        _decode(files, target, index)
    known = json.loads(index.read_text("utf-8"))
    if not known["files"]:
        reasons = "; ".join(known["refused"][:3]) or f"none ends in {', '.join(sorted(SUFFIXES))}"
        raise RecipeError(f"{folder} holds no usable recording ({reasons})")
    pcm = np.load(target, mmap_mode="r")
    return Corpus(folder, [Path(f) for f in known["files"]], known["lengths"], pcm, known["refused"], digest)


def _decode(files: Sequence[Path], target: Path, index: Path) -> None:
    pieces, kept, refused = [np.empty(0, np.int16)], [], []
    for file in tqdm(files, desc="recordings", unit="file", disable=len(files) < 20):
        try:
            pieces.append(audio.read(file))
            kept.append(str(file))
        except AudioError as exc:
            refused.append(str(exc))
    np.save(target, np.concatenate(pieces))
    lengths = [len(p) for p in pieces[1:]]
    index.write_text(json.dumps({"files": kept, "lengths": lengths, "refused": refused}), "utf-8")
