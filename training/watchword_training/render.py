"""Rendering lines to audio: in parallel, cached by the content of the line, resumable at any point."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import soundfile
from tqdm import tqdm

from watchword.errors import RecipeError
from watchword_training import cache
from watchword_training.lines import Line
from watchword_training.voices import SAMPLE_RATE, Engine, Pcm, engine
from watchword_training.voices.reshaping import reshape
from watchword_training.workers import Workers

CACHE_BYTES = 4 << 30
"""Bound of the folder of renderings; the oldest go first."""

DURATION = (0.15, 12.0)
"""Seconds that a rendering may plausibly last."""

COST = {"kokoro": 0.11, "festival": 0.03, "espeak": 0.002, "pico": 0.001, "flite": 0.003, "hibari": 0.0015}
"""CPU seconds to say a letter; RESHAPING is for a whole word. Measured on one core of a server of 2023."""

RESHAPING = 0.15


def path(line: Line) -> Path:
    """Where the rendering of `line` is, or will be."""
    return cache.folder("voices") / line.digest[:2] / f"{line.digest}.flac"


def load(line: Line) -> Pcm:
    """The rendering of `line`, int16 at 16 kHz."""
    pcm: Pcm = soundfile.read(path(line), dtype="int16")[0]
    return pcm


_engine = lru_cache(maxsize=None)(engine)


def _speak(line: Line) -> bytes | str:
    """A rendering as FLAC, or the reason why it was refused."""
    speaker: Engine = _engine(line.engine)
    try:
        return _flac(speaker.speak(line.spoken, line.voice, line.style).pcm)
    except RecipeError as exc:
        return str(exc)


def _reshape(task: tuple[Line, bytes]) -> bytes | str:
    line, base = task
    assert line.shape is not None
    try:
        return _flac(reshape(soundfile.read(io.BytesIO(base), dtype="int16")[0], line.shape))
    except RecipeError as exc:
        return str(exc)


def _flac(pcm: Pcm) -> bytes:
    seconds = len(pcm) / SAMPLE_RATE
    if not DURATION[0] <= seconds <= DURATION[1]:
        raise RecipeError(f"{seconds:.2f} s is no plausible duration")
    file = io.BytesIO()
    soundfile.write(file, pcm, SAMPLE_RATE, format="FLAC")
    return file.getvalue()


def installed(names: Iterable[str]) -> dict[str, list[str]]:
    """The voices of each engine in `names`; RecipeError names the first that is absent and what installs it."""
    return {name: _engine(name).voices() for name in names}


def engine_licence(name: str) -> str:
    """Licence of an engine's voices."""
    return _engine(name).licence


def budget(lines: Iterable[Line]) -> float:
    """CPU seconds that rendering those of `lines` takes which the cache lacks."""
    missing = [line for line in lines if not path(line).exists()]
    return sum(RESHAPING if line.shape else COST[line.engine] * len(line.spoken) for line in missing)


def render(lines: Sequence[Line], workers: Workers) -> list[str]:
    """Render every line that the cache lacks, with a progress bar; returns the reasons of those refused."""
    unique = {line.digest: line for line in lines}
    bases = {base.digest: base for base in (replace(line, shape=None) for line in unique.values())}
    cache.touch(path(line) for line in [*unique.values(), *bases.values()])
    cache.prune("voices", CACHE_BYTES, depth=2)
    spoken = [line for line in bases.values() if not _known(line)]
    _keep(workers.run(_speak, spoken), len(spoken), "voices")
    shaped = [line for line in unique.values() if line.shape and not _known(line)]
    tasks = [(line, path(base).read_bytes()) for line in shaped if path(base := replace(line, shape=None)).exists()]
    _keep(((line, file) for (line, _), file in workers.run(_reshape, tasks)), len(tasks), "reshaped")
    refusals = ((line, _refusal(line)) for line in unique.values())
    return [f"{line.engine}/{line.voice} {line.spoken!r}: {r.read_text()}" for line, r in refusals if r.exists()]


def _refusal(line: Line) -> Path:
    """Where the reason stands why a line has no rendering."""
    return path(line).with_suffix(".txt")


def _known(line: Line) -> bool:
    return path(line).exists() or _refusal(line).exists()


def _keep(rendered: Iterable[tuple[Line, bytes | str]], count: int, label: str) -> None:
    for line, file in tqdm(rendered, total=count, desc=label, unit="line", disable=not count):
        target = path(line) if isinstance(file, bytes) else _refusal(line)
        target.parent.mkdir(exist_ok=True)
        with cache.replacing(target) as partial:
            partial.write_bytes(file if isinstance(file, bytes) else file.encode())
