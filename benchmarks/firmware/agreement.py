"""The firmware against the bundle: levels before rounding shows, layers, events, and events through faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks.firmware.faults import FAULTS
from benchmarks.firmware.host import Library

from watchword import Detector, audio
from watchword.network import Pcm
from watchword_training.frontend import Frontend

EXAMPLES = Path(__file__).parents[2] / "examples"
SHARED = ("words/computer", "speech/speechocean762", "noise/esc10")
MINUTE = 60 * audio.SAMPLE_RATE


def every(library: Library, shared: Path) -> dict[str, Any]:
    """All figures, by the name of their table."""
    golden = np.load(library.bundle.folder / "vectors.npz")
    spoken = {"golden vectors": golden["pcm"], "examples": _examples()}
    wrong = sum(
        int(np.count_nonzero(values != golden[name])) for name, values in library.layers(golden["levels"]).items()
    )
    return {
        "accuracy": {name: _levels(library, pcm) for name, pcm in [*spoken.items(), *_recordings(shared)]},
        "events": {
            name: _events(library, pcm) | {"values": wrong if name == "golden vectors" else "-"}
            for name, pcm in spoken.items()
        },
        "faults": {name: _events(library, fault(golden["pcm"])) for name, fault in FAULTS.items()},
    }


def _examples() -> Pcm:
    pause = np.zeros(audio.SAMPLE_RATE, np.int16)
    return np.concatenate([part for path in sorted(EXAMPLES.glob("*.flac")) for part in (audio.read(path), pause)])


def _recordings(shared: Path) -> Iterator[tuple[str, Pcm]]:
    """Five minutes of each set."""
    for name in SHARED:
        pieces, length = [], 0
        for path in sorted((shared / name).glob("*.*")) if shared.is_dir() else ():
            if path.suffix in (".flac", ".opus") and length < 5 * MINUTE:
                pieces.append(audio.read(path)[:MINUTE])
                length += len(pieces[-1])
        if pieces:
            yield name, np.concatenate(pieces)


def _levels(library: Library, pcm: Pcm) -> dict[str, Any]:
    features = library.model.features
    frontend, block = Frontend(features), 1_000 * features.hop
    pcm = pcm[: len(pcm) // features.hop * features.hop]
    padded = torch.from_numpy(np.pad(pcm, (features.carry, 0)))
    parts = [frontend(padded[None, at : at + block + features.carry])[0].numpy() for at in range(0, len(pcm), block)]
    apart = np.abs(np.concatenate(parts).astype(int) - library.levels(pcm))
    return {
        "hours": len(pcm) / audio.SAMPLE_RATE / 3600,
        "levels": int(apart.size),
        "different": int(np.count_nonzero(apart)),
        "apart": int(apart.max()),
    }


def _events(library: Library, pcm: Pcm) -> dict[str, int]:
    step = library.bundle.manifest.step_seconds
    mine = {round((at + 1) * step, 3) for at, _ in library.listen(pcm).events}
    theirs = {event.time for event in Detector(library.bundle).push(pcm)}
    return {"bundle": len(theirs), "firmware": len(mine), "both": len(mine & theirs)}
