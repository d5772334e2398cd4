"""The energy gate on hours of recordings: what it saves, and whether the network still sees every word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.firmware import streams
from benchmarks.firmware.host import Gate, Library, Listened

from watchword import firmware
from watchword.trigger import Trigger, TriggerSettings

GRID = [
    Gate(open=opening, close=closing, hangover=hangover, rise=rise)
    for (opening, closing), hangover, rise in product(((6, 3), (8, 4), (12, 6)), (60, 80), (6, 12))
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
    always, gated = library.listen(pcm), library.listen(pcm, gate)
    figures: dict[str, Any] = {"hours": len(pcm) / manifest.sample_rate / 3600, "utterances": len(stream.spoken)}
    for name, threshold in (("events", manifest.threshold), ("low_events", LOW)):
        without, with_gate = (_events(library, listened, threshold) for listened in (always, gated))
        figures[name] = len(without)
        figures[f"{name}_lost"] = sum(not _near(step, with_gate) for step in without)
        figures[f"{name}_gained"] = sum(not _near(step, without) for step in with_gate)
    figures["cut"] = cut(stream, gated, manifest.samples_per_step)
    figures["skipped"] = 1 - float(gated.looked.mean())
    return figures


def _events(library: Library, listened: Listened, threshold: float) -> list[int]:
    """Steps at which scores that are already means fire at `threshold`."""
    manifest = library.bundle.manifest
    trigger = Trigger(replace(TriggerSettings.of(manifest, threshold), smoothing=1))
    return [step for step, _ in trigger.push(listened.sums / firmware.ONE / manifest.smoothing)[1]]


def cut(stream: streams.Stream, listened: Listened, samples_per_step: int) -> int:
    """Utterances of which the network did not see a step."""
    looked = listened.looked
    return sum(
        not looked[first // samples_per_step : last // samples_per_step + 1].all() for first, last in stream.spoken
    )


def _near(step: int, others: list[int]) -> bool:
    return any(abs(other - step) <= NEAR for other in others)


def every(library: Library, shared: Path, gate: Gate, costs: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All sets by name; `costs` are the figures of the board whose instructions are counted."""
    front_end = (costs["instructions_per_step"] - costs["worst_block"]) / (library.model.network.frames_per_step - 1)
    network = costs["worst_block"] - front_end
    for name, stream in streams.every(library.bundle.manifest.phrase, shared, part=0):
        figures = measure(library, stream, gate)
        yield name, {**figures, "saved": figures["skipped"] * network / costs["instructions_per_step"]}


def lost(sets: dict[str, dict[str, Any]]) -> list[str]:
    """What the gate must not do and did, in words."""
    return [f"{name}: {what} is {figures[what]}" for name, figures in sets.items() for what in LOSSES if figures[what]]


def tried(library: Library, shared: Path) -> Iterator[dict[str, Any]]:
    """How many utterances each setting cuts, and what it skips, on other recordings than the figures come from."""
    step = library.bundle.manifest.samples_per_step
    sets = [stream for _, stream in streams.every(library.bundle.manifest.phrase, shared, part=1)]
    for gate in GRID:
        heard = [library.listen(stream.pcm, gate) for stream in sets]
        cuts = sum(cut(stream, listened, step) for stream, listened in zip(sets, heard, strict=True))
        skipped = float(np.mean([1 - listened.looked.mean() for listened in heard]))
        yield {"gate": gate, "cut": cuts, "skipped": skipped}
