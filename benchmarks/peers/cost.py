"""What listening costs: this project and its peers in turn, fed as a microphone feeds and as fast as they can."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.peers.environments import COMPILED, OWN, PEERS, ask
from tqdm import tqdm

from watchword.bundle import load
from watchword_training import library

ROUNDS = 3
SECONDS = 8.0
BLOCKS = (1_280, 2_560)
"""Samples between two wake-ups, 80 and 160 ms: what sound servers and satellites send."""

WORDS = (1, 2, 4)


def measured() -> dict[str, Any]:
    """Every figure of every engine, and the ratios to this project within each round."""
    cases = list(_cases())
    rounds: list[dict[str, dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as scratch:
        made = [str(library.build(load("activate"), Path(scratch) / f"{word}.so")) for word in range(max(WORDS))]
        settings: dict[str, dict[str, Any]] = {COMPILED: {"libraries": made}}
        for _ in tqdm(range(ROUNDS), desc="cost", unit="round"):
            rounds.append({_name(**case): ask(**case, **settings.get(case["engine"], {})) for case in cases})
    rows = []
    for case in cases:
        name = _name(**case)
        figures = {key: _spread([found[name][key] for found in rounds]) for key in FIGURES}
        for key, engine in (("times_watchword", OWN), ("times_compiled", COMPILED)):
            own = _name(**{**case, "engine": engine})
            figures[key] = _spread([found[name]["cpu_per_second"] / found[own]["cpu_per_second"] for found in rounds])
        case.pop("verb")
        rows.append({**case, "version": rounds[0][name]["version"], **figures})
    return {"machine": machine.described(), "rounds": ROUNDS, "rows": rows}


FIGURES = ("cpu_per_second", "resident_mib", "ready_seconds")


def _cases() -> Iterator[dict[str, Any]]:
    for paced, block, words in ((True, BLOCKS[0], 1), (True, BLOCKS[1], 1), (False, BLOCKS[0], 1)):
        for engine in (OWN, COMPILED, *PEERS):
            yield _case(engine, words, block, paced)
    for words in WORDS[1:]:
        for engine in (OWN, COMPILED, *PEERS):
            yield _case(engine, words, BLOCKS[0], True)


def _case(engine: str, words: int, block: int, paced: bool) -> dict[str, Any]:
    return {"engine": engine, "verb": "cost", "words": words, "block": block, "seconds": SECONDS, "paced": paced}


def _name(engine: str, words: int, block: int, paced: bool, **_: Any) -> str:
    return f"{engine} {words} {block} {paced}"


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}
