"""A day of audio as fast as it goes: memory, timing, and the same events however it is cut.

    python -m benchmarks.soak

Writes benchmarks/results/soak.json, and fails when an event differs, drifts or memory grows.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks import people
from tqdm import tqdm

from watchword import Detector, Event, audio
from watchword.audio import SAMPLE_RATE
from watchword.network import Pcm
from watchword_training import noise, synthetic_noise

RESULTS = Path(__file__).parent / "results/soak.json"
EXAMPLES = Path(__file__).parents[1] / "examples"
HOURS = 24
MINUTES = 60
BLOCK = 1_280
"""Samples of a push, as a microphone gives them; in the second pass an hour is one push."""

THRESHOLD = 0.3
"""Low enough for events every few minutes: without any, nothing would be compared."""

PAGE = 4_096
SETTLED = 2
"""Hours after which memory must stay."""

GROWTH_MIB = 2.0
"""By which it may still vary."""


def main() -> int:
    """Measure, write, judge."""
    found = measured()
    people.keep(RESULTS, found)
    return int(
        not found["events"] or not found["identical"] or found["growth_mib"] > GROWTH_MIB or found["drift_seconds"] > 0
    )


def measured() -> dict[str, Any]:
    """Two passes over the same day."""
    live, whole, resident = Detector(threshold=THRESHOLD), Detector(threshold=THRESHOLD), []
    events: list[Event] = []
    identical = True
    for number in tqdm(range(HOURS), desc="soak", unit="h"):
        pcm = hour(number)
        pushed = [event for start in range(0, len(pcm), BLOCK) for event in live.push(pcm[start : start + BLOCK])]
        identical &= pushed == whole.push(pcm)
        events += pushed
        resident.append(_resident_mib())
    return {
        "hours": HOURS,
        "pushes": HOURS * 3600 * SAMPLE_RATE // BLOCK,
        "events": len(events),
        "identical": identical,
        "resident_mib": [round(mib, 1) for mib in resident],
        "growth_mib": round(max(resident[SETTLED:]) - resident[SETTLED], 1),
        "drift_seconds": _drift(events),
    }


def hour(number: int) -> Pcm:
    """An hour of noise with a recording in it every minute, the same ones at the same places of every hour."""
    rng = np.random.default_rng([number, 51])
    recordings = [audio.read(path) for path in sorted(EXAMPLES.glob("*.flac"))]
    minutes = []
    for minute in range(MINUTES):
        pcm = synthetic_noise.coloured(rng, 60 * SAMPLE_RATE) * 30
        recording = recordings[minute % len(recordings)]
        pcm[10 * SAMPLE_RATE : 10 * SAMPLE_RATE + len(recording)] += recording
        minutes.append(noise.to_pcm(pcm))
    return np.concatenate(minutes)


def _drift(events: list[Event]) -> float:
    """Seconds by which the events of the day's end come later or earlier after their recordings than at its start."""
    after = defaultdict(list)
    for event in events:
        after[int(event.time // 60) % MINUTES].append(event.time % 60)
    medians = [(np.median(times[: len(times) // 2]), np.median(times[len(times) // 2 :])) for times in after.values()]
    return max((round(abs(float(late - early)), 3) for early, late in medians), default=0.0)


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * PAGE / 2**20


if __name__ == "__main__":
    sys.exit(main())
