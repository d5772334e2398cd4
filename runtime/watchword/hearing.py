"""A whole recording through a detector: its events, and what the picture and the evaluation need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from watchword.detector import Detector, Event
from watchword.network import Pcm
from watchword.trigger import Smoothed

TAIL_SECONDS = 0.4
"""Silence that follows every recording: a probability rises after the word's end, where a trimmed one is over."""


@dataclass(frozen=True)
class Heard:
    """What one recording holds."""

    seconds: float
    events: list[Event]
    peaks: list[Event]
    """Every local maximum of the smoothed probability, one per refractory period."""

    pcm: Pcm
    """(samples,); empty unless kept."""

    smoothed: Smoothed
    """(steps,), the tail's included."""


def hear(
    detector: Detector,
    blocks: Iterable[Pcm],
    on_event: Callable[[Event], None] = lambda _: None,
    *,
    keep_pcm: bool = False,
) -> Heard:
    """Run a recording's blocks and the tail through `detector` from its reset, telling each event as it comes."""
    detector.reset()
    rate = detector.manifest.sample_rate
    samples, events, pcm, smoothed = 0, [], [np.empty(0, np.int16)], []
    for block in blocks:
        samples += len(block)
        for event in detector.push(block):
            on_event(event)
            events.append(event)
        smoothed.append(detector.smoothed)
        if keep_pcm:
            pcm.append(block)
    seconds = samples / rate
    for event in detector.push(np.zeros(round(TAIL_SECONDS * rate), np.int16)):
        event = inside(event, seconds)
        on_event(event)
        events.append(event)
    smoothed.append(detector.smoothed)
    joined = np.concatenate(smoothed)
    peaks = [inside(peak, seconds) for peak in detector.peaks(joined)]
    return Heard(seconds, events, peaks, np.concatenate(pcm), joined)


def inside(event: Event, seconds: float) -> Event:
    """The event, not later than the recording's end."""
    return replace(event, time=min(event.time, round(seconds, 3)))
