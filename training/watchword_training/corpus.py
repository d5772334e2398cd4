"""Recordings on disk as one array: any format, decoded once into the cache, split by source file."""

from __future__ import annotations

import hashlib
import json
import os
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

PIECE = (8 * SAMPLE_RATE, 12 * SAMPLE_RATE)
"""A longer recording is cut between these many samples after the last cut, at the quietest block."""

BLOCK = 800
"""Samples of a block whose loudness decides where to cut (50 ms)."""


@dataclass(frozen=True)
class Corpus:
    """Decoded recordings of one folder."""

    folder: Path
    files: list[Path]
    """Source of each piece; a short recording is one piece."""

    lengths: list[int]
    """Samples of each piece."""

    pcm: Pcm
    """All pieces end to end, int16 at 16 kHz, mapped from the cache."""

    refused: list[str]
    """Why files were left out."""

    digest: str
    """Name of this content."""

    @property
    def hours(self) -> float:
        """Total duration."""
        return sum(self.lengths) / SAMPLE_RATE / 3600

    def without(self, indices: Sequence[int]) -> Corpus:
        """The corpus less some of its recordings, each named among the refused."""
        ends, dropped = np.cumsum(self.lengths), set(indices)
        keep = [i for i in range(len(self.files)) if i not in dropped]
        pcm = np.concatenate([self.pcm[ends[i] - self.lengths[i] : ends[i]] for i in keep])
        refused = [*self.refused, *(f"{self.files[i]} seems to say the word" for i in indices)]
        digest = hashlib.sha256(json.dumps([self.digest, list(indices)]).encode()).hexdigest()
        return Corpus(self.folder, [self.files[i] for i in keep], [self.lengths[i] for i in keep], pcm, refused, digest)

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
    digest = hashlib.sha256(json.dumps([str(folder.resolve()), PIECE, stamp]).encode()).hexdigest()
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
            cut = pieces_of(audio.read(file))
            pieces += cut
            kept += [str(file)] * len(cut)
        except AudioError as exc:
            refused.append(str(exc))
    partial = target.with_suffix(f".{os.getpid()}.npy")
    np.save(partial, np.concatenate(pieces))
    partial.replace(target)
    lengths = [len(p) for p in pieces[1:]]
    partial = index.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps({"files": kept, "lengths": lengths, "refused": refused}), "utf-8")
    partial.replace(index)


def pieces_of(pcm: Pcm) -> list[Pcm]:
    """Cut (samples,) int16 at quiet places into pieces of 8 to 12 s; what is shorter stays whole."""
    shortest, longest = PIECE
    pieces = []
    while len(pcm) > shortest + longest:
        region = pcm[shortest:longest].reshape(-1, BLOCK).astype(np.float32)
        cut = shortest + int(np.square(region).mean(1).argmin()) * BLOCK + BLOCK // 2
        pieces.append(pcm[:cut])
        pcm = pcm[cut:]
    return [*pieces, pcm]
