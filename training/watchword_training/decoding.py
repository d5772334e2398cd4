"""Recordings of any format as samples: by libsndfile, and what that cannot read by ffmpeg, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np

from watchword import audio
from watchword.errors import AudioError
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.voices import Pcm

SNDFILE = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif", ".au", ".caf", ".w64"})
FFMPEG = frozenset({".m4a", ".mp4", ".aac", ".webm", ".wma", ".amr", ".3gp", ".mka", ".mkv", ".mov", ".ac3"})

COMPANIONS = frozenset({".txt", ".csv", ".tsv", ".json", ".md", ".toml", ".pdf"})
"""Files that stand beside recordings and are passed over, as are hidden ones and those without a suffix."""

LONGEST_MINUTES = 180
"""Minutes that ffmpeg decodes, at most."""


def candidates(folder: Path) -> list[Path]:
    """Every file below `folder` that is meant to be a recording, by its name alone; nothing hidden below it."""
    below = (f for f in folder.rglob("*") if not any(p.startswith(".") for p in f.relative_to(folder).parts))
    files = (f for f in below if f.is_file())
    return sorted(f for f in files if f.suffix and f.suffix.lower() not in COMPANIONS)


def read(file: Path) -> Pcm:
    """Decode to (samples,) int16 at 16 kHz; AudioError says why a file is refused."""
    suffix = file.suffix.lower()
    if suffix in SNDFILE:
        return audio.read(file)
    if suffix not in FFMPEG:
        raise AudioError(f"{file}: {suffix} is no recording; expected {', '.join(sorted(SNDFILE | FFMPEG))}")
    if shutil.which("ffmpeg") is None:
        raise AudioError(f"{file}: {suffix} needs ffmpeg; apt-get install ffmpeg")
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", f"file:{file}", "-t", str(60 * LONGEST_MINUTES), "-vn"]
    command += ["-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "s16le", "-"]
    decoded = subprocess.run(command, capture_output=True, check=False)
    pcm = np.frombuffer(decoded.stdout[: len(decoded.stdout) // 2 * 2], "<i2").astype(np.int16)
    if decoded.returncode or not len(pcm):
        reason = decoded.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it holds no audio"]
        raise AudioError(f"{file}: ffmpeg could not decode it ({reason[0]})")
    return pcm
