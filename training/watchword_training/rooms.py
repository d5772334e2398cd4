"""Simulated rooms: impulse responses from a mouth and from another place to a microphone, kept in the cache.

Early reflections are image sources (Allen & Berkley 1979, by pyroomacoustics) up to the order that a few milliseconds
pay for; from the time on at which these are no longer complete the response goes on as decaying noise (Moorer 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyroomacoustics

from watchword_training import cache, parts
from watchword_training.data_specs import SPLITS, Split
from watchword_training.noise import Audio
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.workers import Workers

LENGTH = int(0.6 * SAMPLE_RATE)
"""Samples of a response."""

ORDER = 10
"""Reflections that an image source has undergone, at most."""

SPEED_OF_SOUND = 343.0
"""Metres per second."""

CLEARANCE = 0.15
"""Metres between a wall and a mouth, another source or a microphone, at least."""

DISTANCES = (0.3, 5.0)
"""Metres from a mouth to the microphone; drawn evenly on a logarithmic scale, as far as the room goes."""

CACHE_BYTES = 1 << 30

FORM = 1
"""Raised when the simulation changes, so that nothing of an older version is read."""

GROUP = 50
"""Rooms in one task."""

Point = tuple[float, float, float]


@dataclass(frozen=True)
class Geometry:
    """A room and who is where in it."""

    size: Point
    """Metres."""

    reverberation: float
    """Seconds in which sound falls by 60 dB."""

    voice: Point
    other: Point
    microphone: Point

    @property
    def distance(self) -> float:
        """Metres from the voice to the microphone."""
        return float(np.linalg.norm(np.subtract(self.voice, self.microphone)))


def geometry(split: Split, index: int) -> Geometry:
    """The room `index` of `split`, from a bathroom to a hall; no room is in two splits."""
    rng = np.random.default_rng([29, SPLITS.index(split), index])
    size = np.exp(rng.uniform(np.log([2.0, 1.8, 2.2]), np.log([10.0, 8.0, 3.5])))
    longest = min(0.9, 0.25 + 0.16 * np.cbrt(np.prod(size)))
    reverberation = rng.uniform(0.1, longest)
    microphone = rng.uniform(CLEARANCE, size - CLEARANCE)
    microphone[2] = rng.uniform(0.4, min(1.8, size[2] - CLEARANCE))
    wanted = np.exp(rng.uniform(*np.log(DISTANCES)))
    places = rng.uniform(CLEARANCE, size - CLEARANCE, (64, 3))
    places[:, 2] = rng.uniform(0.8, 1.9, 64)
    directions = places - microphone
    reach = np.linalg.norm(directions, axis=1, keepdims=True)
    nearer = microphone + directions * np.minimum(1, wanted / reach)
    voice = nearer[np.argmin(np.abs(np.minimum(reach[:, 0], wanted) - wanted))]
    point = [tuple(float(x) for x in np.round(p, 3)) for p in (size, voice, places[-1], microphone)]
    return Geometry(point[0], round(float(reverberation), 3), point[1], point[2], point[3])  # type: ignore[arg-type]


def response(room: Geometry, rng: np.random.Generator) -> Audio:
    """(2, LENGTH): from the voice and from the other place, the direct sound of each 1 at sample 0."""
    volume, surface = np.prod(room.size), 2 * sum(a * b for a, b in zip(room.size, np.roll(room.size, 1), strict=True))
    absorption = min(0.99, 0.161 * volume / (surface * room.reverberation))  # Sabine 1922
    full = _images(room, float(absorption), ORDER)
    direct = _images(room, float(absorption), 0)
    return np.stack([_joined(room, *pair, rng) for pair in zip(full, direct, strict=True)])


def _images(room: Geometry, absorption: float, order: int) -> list[npt.NDArray[np.float64]]:
    material = pyroomacoustics.Material(absorption)
    box = pyroomacoustics.ShoeBox(room.size, fs=SAMPLE_RATE, materials=material, max_order=order)
    box.add_source(room.voice)
    box.add_source(room.other)
    box.add_microphone(room.microphone)
    box.compute_rir()
    return list(box.rir[0])


def _joined(
    room: Geometry, full: npt.NDArray[np.float64], direct: npt.NDArray[np.float64], rng: np.random.Generator
) -> Audio:
    """The reflections after the direct sound, continued as noise from where images are missing."""
    arrival = int(np.argmax(np.abs(direct)))
    reflections = full.copy()
    reflections[: len(direct)] -= direct
    reflections = np.pad(reflections[arrival:], (0, LENGTH))[:LENGTH] / np.sum(direct)
    complete = min(int(ORDER * min(room.size) / SPEED_OF_SOUND * SAMPLE_RATE), LENGTH // 2)
    time = np.arange(LENGTH) / SAMPLE_RATE
    decay = 10 ** (-3 * time / room.reverberation)
    early = slice(complete // 2, complete)
    scale = np.sqrt(np.mean(np.square(reflections[early])) / np.mean(np.square(decay[early])))
    tail = rng.standard_normal(LENGTH) * decay * scale
    joined = np.where(np.arange(LENGTH) < complete, reflections, tail)
    joined[0] = 1.0
    return joined.astype(np.float32)


def _group(split: Split, rooms: range) -> npt.NDArray[np.float16]:
    rngs = (np.random.default_rng([31, SPLITS.index(split), index]) for index in rooms)
    return np.stack([response(geometry(split, i), rng) for i, rng in zip(rooms, rngs, strict=True)]).astype(np.float16)


def bank(split: Split, count: int, workers: Workers) -> Path:
    """(count, 2, LENGTH) responses as half-precision numbers in a file of the cache."""
    path = cache.folder("rooms") / f"{FORM}-{split}-{count}.npy"
    cache.touch([path])
    if not path.is_file():
        cache.prune("rooms", CACHE_BYTES, depth=1)
        groups = parts.work(workers, partial(_group, split), parts.cut(range(count), GROUP), f"{split} rooms")
        with cache.replacing(path) as partly:
            np.save(partly, np.concatenate(groups))
    return path
