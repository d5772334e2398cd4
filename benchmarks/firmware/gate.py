"""The energy gate on hours of recordings: what it saves, and whether the network still sees every word."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.firmware import streams
from benchmarks.firmware.host import Gate, Library, Listened

from watchword import firmware

GRID = [
    Gate(open=opening, close=closing, hangover=hangover, rise=rise)
    for (opening, closing), hangover, rise in product(((8, 4), (12, 6), (18, 9)), (30, 60), (4, 12))
]
"""Settings that are tried."""

LOW = 0.2
"""A threshold below the bundle's, at which there are more events to lose."""

LOSSES = ("cut", "events_lost")

NEAR = 12
"""Steps within which an event with the gate is the one without."""


def measure(library: Library, stream: streams.Stream, gate: Gate) -> dict[str, Any]:
    """One set, with and without the gate."""
    manifest, pcm = library.bundle.manifest, stream.pcm
    figures: dict[str, Any] = {"hours": len(pcm) / manifest.sample_rate / 3600, "recordings": len(stream.spoken)}
    for name, threshold in (("events", manifest.threshold), ("low_events", LOW)):
        means = (threshold, threshold * manifest.release / manifest.threshold)
        limits = tuple(firmware.least_sum(mean, manifest.smoothing) for mean in means)
        always, gated = (library.listen(pcm, g, (limits[0], limits[1])) for g in (None, gate))
        figures[name] = len(always.events)
        figures[f"{name}_lost"] = sum(not _near(step, gated) for step, _ in always.events)
        figures[f"{name}_gained"] = sum(not _near(step, always) for step, _ in gated.events)
    figures["cut"] = cut(stream, gated, manifest.samples_per_step)
    figures["skipped"] = 1 - float(gated.looked.mean())
    return figures


def cut(stream: streams.Stream, listened: Listened, samples_per_step: int) -> int:
    """Recordings of which the network did not see a step in which somebody speaks."""
    looked = listened.looked
    return sum(
        not looked[first // samples_per_step : last // samples_per_step + 1].all() for first, last in stream.spoken
    )


def _near(step: int, listened: Listened) -> bool:
    return any(abs(other - step) <= NEAR for other, _ in listened.events)


def every(library: Library, shared: Path, gate: Gate, costs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All sets by name; `costs` are the figures of the board whose instructions are counted."""
    front_end = (costs["instructions_per_step"] - costs["worst_half"]) / (library.model.network.stride - 1)
    network = costs["worst_half"] - front_end
    sets = {}
    for name, stream in streams.every(library.bundle.manifest.phrase, shared):
        figures = measure(library, stream, gate)
        sets[name] = {**figures, "saved": figures["skipped"] * network / costs["instructions_per_step"]}
    return sets


def lost(sets: dict[str, dict[str, Any]]) -> list[str]:
    """What the gate must not do and did, in words."""
    return [f"{name}: {what} is {figures[what]}" for name, figures in sets.items() for what in LOSSES if figures[what]]


def tried(library: Library, shared: Path) -> Iterator[dict[str, Any]]:
    """How often each setting cut a recording, and what it skipped, on a quarter of every set."""
    step = library.bundle.manifest.samples_per_step
    sets = [_quarter(stream) for _, stream in streams.every(library.bundle.manifest.phrase, shared)]
    for gate in GRID:
        heard = [library.listen(stream.pcm, gate) for stream in sets]
        cuts = sum(cut(stream, listened, step) for stream, listened in zip(sets, heard, strict=True))
        skipped = float(np.mean([1 - listened.looked.mean() for listened in heard]))
        yield {"gate": gate, "cut": cuts, "skipped": skipped}


def _quarter(stream: streams.Stream) -> streams.Stream:
    """Every fourth minute of the stream."""
    minute = 60 * 16_000
    pieces = [(start, stream.pcm[start : start + minute]) for start in range(0, len(stream.pcm), 4 * minute)]
    spoken, at = [], 0
    for start, piece in pieces:
        inside = [(a, b) for a, b in stream.spoken if start <= a and b < start + len(piece)]
        spoken += [(a - start + at, b - start + at) for a, b in inside]
        at += len(piece)
    return streams.Stream(np.concatenate([piece for _, piece in pieces]), spoken)
