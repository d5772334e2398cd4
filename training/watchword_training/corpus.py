"""Recordings on disk as one array: any format, decoded once into the cache, split by source file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from watchword import audio
from watchword.errors import AudioError, RecipeError
from watchword_training import cache
from watchword_training.lines import Split
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.voices import Pcm
from watchword_training.voices.trimming import trimmed

SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".au", ".caf", ".w64"})
CACHE_BYTES = 8 << 30

PIECE = (8 * SAMPLE_RATE, 12 * SAMPLE_RATE)
"""A longer recording is cut between these many samples after the last cut, at the quietest block."""

LONGEST_WORD = 4 * SAMPLE_RATE
"""Samples of a recording of the word, at most."""

BLOCK = 800
"""Samples of a block whose loudness decides where to cut (50 ms)."""


@dataclass(frozen=True)
class Corpus:
    """Decoded recordings of one folder. It holds names and numbers alone; the samples stay on disk."""

    folder: Path
    files: list[Path]
    """Source of each piece; a short recording is one piece."""

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

    def without(self, indices: Sequence[int]) -> Corpus:
        """The corpus less some of its pieces, each named among the refused."""
        dropped = set(indices)
        keep = [i for i in range(len(self.files)) if i not in dropped]
        return replace(
            self,
            files=[self.files[i] for i in keep],
            starts=[self.starts[i] for i in keep],
            lengths=[self.lengths[i] for i in keep],
            refused=[*self.refused, *(f"{self.files[i]} seems to say the word" for i in indices)],
            digest=hashlib.sha256(json.dumps([self.digest, list(indices)]).encode()).hexdigest(),
        )

    def split(self, split: Split, validation: float, test: float) -> list[Pcm]:
        """The pieces of one split: a file's name alone decides where it goes."""
        placed = zip(self.files, self.pieces(), strict=True)
        return [piece for file, piece in placed if place(file, validation, test) == split]


def place(file: Path, validation: float, test: float) -> Split:
    """The split of a source recording, by the hash of its folder's and its own name."""
    name = f"{file.parent.name}/{file.stem}"
    draw = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    return "test" if draw < test else "validation" if draw < test + validation else "train"


def open_corpus(folder: Path, words: bool = False) -> Corpus:
    """
    Decode every recording below `folder`; RecipeError when there is none that can be used.

    Where `words` is set each file holds one word: silence around it is cut, and a longer recording is refused.
    """
    if not folder.is_dir():
        raise RecipeError(f"no folder {folder}; expected a folder of recordings ({', '.join(sorted(SUFFIXES))})")
    files = sorted(f for f in folder.rglob("*") if f.suffix.lower() in SUFFIXES)
    stamp = [[str(f.relative_to(folder)), f.stat().st_size, f.stat().st_mtime_ns] for f in files]
    form = [*PIECE, LONGEST_WORD] if words else PIECE
    digest = hashlib.sha256(json.dumps([str(folder.resolve()), form, stamp]).encode()).hexdigest()
    array = cache.folder("corpora") / f"{digest}.npy"
    index = array.with_suffix(".json")
    cache.touch([array, index])
    if not (index.is_file() and array.is_file()):
        cache.prune("corpora", CACHE_BYTES, depth=1)
        _decode(files, words, array, index)
    known = json.loads(index.read_text("utf-8"))
    if not known["files"]:
        reasons = "; ".join(known["refused"][:3]) or f"none ends in {', '.join(sorted(SUFFIXES))}"
        raise RecipeError(f"{folder} holds no usable recording ({reasons})")
    lengths: list[int] = known["lengths"]
    starts = [0, *np.cumsum(lengths).tolist()][:-1]
    return Corpus(folder, [Path(f) for f in known["files"]], starts, lengths, array, known["refused"], digest)


def _decode(files: Sequence[Path], words: bool, array: Path, index: Path) -> None:
    pieces, kept, refused = [np.empty(0, np.int16)], [], []
    for file in tqdm(files, desc="recordings", unit="file", disable=len(files) < 20):
        try:
            pcm = audio.read(file)
            cut = [one_word(pcm, file)] if words else pieces_of(pcm)
        except (AudioError, RecipeError) as exc:
            refused.append(str(exc))
            continue
        pieces += cut
        kept += [str(file)] * len(cut)
    with cache.replacing(array) as partial:
        np.save(partial, np.concatenate(pieces))
    lengths = [len(p) for p in pieces[1:]]
    with cache.replacing(index) as partial:
        partial.write_text(json.dumps({"files": kept, "lengths": lengths, "refused": refused}), "utf-8")


def one_word(pcm: Pcm, file: Path) -> Pcm:
    """The word in a recording, its silence trimmed; RecipeError when there is more in it, or nothing."""
    word = trimmed(pcm / 32_768, SAMPLE_RATE) if pcm.any() else pcm
    if not 0 < len(word) <= LONGEST_WORD:
        raise RecipeError(
            f"{file}: {len(word) / SAMPLE_RATE:.1f} s of sound, expected one word "
            f"of at most {LONGEST_WORD / SAMPLE_RATE:.0f} s; cut the recording into words"
        )
    return word


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
