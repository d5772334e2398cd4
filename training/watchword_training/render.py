"""Rendering lines to audio: in parallel, cached by the content of the line, resumable at any point."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import soundfile
from tqdm import tqdm

from watchword.errors import RecipeError
from watchword_training import cache
from watchword_training.lines import Line
from watchword_training.voices import SAMPLE_RATE, Engine, Pcm, engine

CACHE_BYTES = 4 << 30
"""Bound of the folder of renderings; the oldest go first."""

DURATION = (0.15, 12.0)
"""Seconds that a rendering may plausibly last."""


def path(line: Line) -> Path:
    """Where the rendering of `line` is, or will be."""
    return cache.folder("voices") / line.digest[:2] / f"{line.digest}.flac"


def load(line: Line) -> Pcm:
    """The rendering of `line`, int16 at 16 kHz."""
    pcm: Pcm = soundfile.read(path(line), dtype="int16")[0]
    return pcm


_engine = lru_cache(maxsize=None)(engine)


def _render(line: Line) -> str | None:
    """Render into the cache; the reason when the rendering was refused."""
    speaker: Engine = _engine(line.engine)
    try:
        utterance = speaker.speak(line.text, line.voice, line.style)
    except RecipeError as exc:
        return f"{line.engine}/{line.voice} {line.text!r}: {exc}"
    seconds = len(utterance.pcm) / SAMPLE_RATE
    if not DURATION[0] <= seconds <= DURATION[1]:
        return f"{line.engine}/{line.voice} {line.text!r}: {seconds:.2f} s is no plausible duration"
    target = path(line)
    target.parent.mkdir(exist_ok=True)
    with cache.replacing(target) as partial:
        soundfile.write(partial, utterance.pcm, SAMPLE_RATE, format="FLAC")
    return None


def installed(names: Iterable[str]) -> dict[str, list[str]]:
    """The voices of each engine in `names`; RecipeError names the first that is absent and what installs it."""
    return {name: _engine(name).voices() for name in names}


def render(lines: Sequence[Line], processes: int) -> list[str]:
    """Render every line that the cache lacks, with a progress bar; returns the reasons of those refused."""
    cache.touch(path(line) for line in lines)
    cache.prune("voices", CACHE_BYTES, depth=2)
    missing = list({line.digest: line for line in lines if not path(line).exists()}.values())
    refused = []
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_render, line) for line in missing]
        for job in tqdm(as_completed(jobs), total=len(jobs), desc="voices", unit="line", disable=not jobs):
            reason = job.result()
            if reason is not None:
                refused.append(reason)
    return refused


def engine_licence(name: str) -> str:
    """Licence of an engine's voices."""
    return _engine(name).licence
