"""The firmware's library on this machine, by ctypes: whole recordings and single stages."""

from __future__ import annotations

import ctypes
import re
import subprocess
from dataclasses import astuple, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from watchword import Bundle, firmware
from watchword.network import Pcm
from watchword_training.integer_model import IntegerModel, read

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Gate:
    """The energy gate's settings, as in kws.h; `open` 0 leaves it always open."""

    open: int = 0
    close: int = 0
    hangover: int = 0
    rise: int = 0


@dataclass(frozen=True)
class Listened:
    """What the firmware made of a recording."""

    sums: npt.NDArray[np.uint32]
    """Score after each step."""

    looked: npt.NDArray[np.bool_]
    """Whether the network saw the step."""

    events: list[tuple[int, int]]
    """Step and score of each."""


class _Gate(ctypes.Structure):
    _fields_ = (
        ("open", ctypes.c_uint8),
        ("close", ctypes.c_uint8),
        ("hangover", ctypes.c_uint16),
        ("rise", ctypes.c_uint8),
    )


class Library:
    """The library of a bundle, built when its sources changed."""

    def __init__(self, bundle: Bundle, generated: Path | None = None, build: Path | None = None) -> None:
        """Both folders are firmware_sim's own unless another bundle's are given."""
        folder = firmware.folder()
        places = {
            "BUNDLE": bundle.folder.resolve(),
            "GENERATED": generated or folder / "generated",
            "BUILD": build or folder / "build",
        }
        command = ["make", "--silent", "-C", str(folder), "host", *(f"{k}={v}" for k, v in places.items())]
        subprocess.run(command, check=True)
        self._library = ctypes.CDLL(str(places["BUILD"] / "host/libkws.so"))
        self._library.host_listen.restype = ctypes.c_size_t
        self.bundle = bundle

    @cached_property
    def model(self) -> IntegerModel:
        """The bundle's sizes and integers."""
        return read(self.bundle)

    def levels(self, pcm: Pcm) -> Bytes:
        """Levels (frame, mel) of (samples,) int16."""
        frames = len(pcm) // self.model.features.hop
        levels = np.zeros((frames, self.model.features.mels), np.uint8)
        self._library.host_levels(_pointer(pcm), ctypes.c_size_t(frames), _pointer(levels))
        return levels

    def layers(self, levels: Bytes) -> dict[str, npt.NDArray[Any]]:
        """Output of each layer (step, ...), by the name that it has in the golden vectors."""
        spec = self.model.network
        steps = len(levels) // spec.frames_per_step
        active = np.zeros((steps, spec.channels), np.uint8)
        seen = np.zeros((steps, spec.layers, spec.hidden), np.uint8)
        probability = np.zeros(steps, np.uint32)
        self._library.host_layers(
            _pointer(np.ascontiguousarray(levels)),
            ctypes.c_size_t(steps),
            _pointer(active),
            _pointer(seen),
            _pointer(probability),
        )
        layers = {f"layer_{i}": seen[:, i] for i in range(spec.layers)}
        return {"convolution": active, **layers, "probability": (probability / firmware.ONE).astype(np.float32)}

    def listen(
        self,
        pcm: Pcm,
        gate: Gate | None = None,
        limits: tuple[int, int] | None = None,
        *,
        chunk: int = 0,
        again: bool = False,
    ) -> Listened:
        """
        Run (samples,) int16 from silence; `limits` are the sums that fire and arm again, else the bundle's.

        `chunk` is the number of samples pushed at once, at most a step's; `again` runs it twice with a reset between.
        """
        manifest = self.bundle.manifest
        bounds = limits or tuple(
            firmware.least_sum(mean, manifest.smoothing) for mean in (manifest.threshold, manifest.release)
        )
        steps = len(pcm) // manifest.samples_per_step + 1
        sums, looked = np.zeros(steps, np.uint32), np.ones(steps, np.uint8)
        events = np.zeros((steps // (manifest.refractory + 1) + 2, 2), np.uint32)
        found = self._library.host_listen(
            _pointer(np.ascontiguousarray(pcm)),
            ctypes.c_size_t(len(pcm)),
            ctypes.byref(_Gate(*astuple(gate or Gate()))),
            _pointer(np.array(bounds, np.uint32)),
            ctypes.c_size_t(chunk or self.model.features.hop),
            ctypes.c_bool(again),
            _pointer(sums),
            _pointer(looked),
            _pointer(events),
        )
        fired = [(int(step), int(score)) for step, score in events[:found]]
        return Listened(sums[:-1], looked[:-1].astype(bool), fired)


def _pointer(values: npt.NDArray[Any]) -> ctypes.c_void_p:
    return values.ctypes.data_as(ctypes.c_void_p)  # keeps the array as long as the pointer


def recommended() -> Gate:
    """The settings that kws.h recommends."""
    header = (firmware.folder() / "include/kws.h").read_text("utf-8")
    numbers = {name.lower(): int(value) for name, value in re.findall(r"#define KWS_GATE_(\w+) (\d+)", header)}
    return Gate(**numbers)
