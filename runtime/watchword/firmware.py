"""The firmware on an emulated board: recordings through the detector that microcontrollers run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from watchword.detector import Detector, Event
from watchword.errors import FirmwareError
from watchword.hearing import Heard, inside
from watchword.network import Pcm

ONE = 16_384
"""What the firmware's probabilities count up to."""

TOOLS = ("make", "arm-none-eabi-gcc", "qemu-system-arm")


def least_sum(mean: float, smoothing: int) -> int:
    """The least sum of `smoothing` of the firmware's probabilities whose mean, as in `Trigger`, reaches `mean`."""
    first = int(mean * smoothing * ONE)
    return next(s for s in range(max(first - 1, 0), first + 3) if s / ONE / smoothing >= mean)


@dataclass
class Told:
    """What the firmware says of one recording."""

    events: list[tuple[int, int]] = field(default_factory=list)
    """Step and score, as a sum of probabilities."""

    steps: list[int] = field(default_factory=list)
    """Score after each step."""

    report: dict[str, int] = field(default_factory=dict)
    """What it cost, by name."""

    stuck: list[int] = field(default_factory=list)
    """Half in which the microphone was found to repeat itself."""


def folder() -> Path:
    """The sources of the firmware; `WATCHWORD_FIRMWARE` names another folder."""
    path = Path(os.environ.get("WATCHWORD_FIRMWARE") or Path(__file__).parents[2] / "firmware_sim")
    if not (path / "Makefile").is_file():
        raise FirmwareError(
            f"there is no firmware in {path}; its sources come with a checkout of the project, whose folder "
            "firmware_sim WATCHWORD_FIRMWARE may name"
        )
    return path


def boards() -> list[str]:
    """Names of the boards that the firmware runs on."""
    return sorted(path.stem for path in (folder() / "boards").glob("*.mk"))


def run(
    board: str, wav: Path, options: Mapping[str, int], variables: Mapping[str, str | int] | None = None
) -> Iterator[str]:
    """Lines that the firmware writes about the recording `wav`; built first when its sources changed."""
    if board not in boards():
        raise FirmwareError(f"there is no board {board!r}; there are {', '.join(boards())}")
    if absent := [tool for tool in TOOLS if not shutil.which(tool)]:
        raise FirmwareError(f"the firmware needs {' and '.join(absent)}: make firmware")
    given = {
        "BOARD": board,
        "WAV": wav,
        "OPTIONS": " ".join(f"{name}={value}" for name, value in options.items()),
        **(variables or {}),
    }
    command = ["make", "--silent", "-C", str(folder()), "run", *(f"{name}={value}" for name, value in given.items())]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line.strip())
            yield lines[-1]
    if process.returncode:
        said = "; ".join(line for line in lines if line and not line.startswith(("event", "step", "report")))
        raise FirmwareError(
            f"the firmware for {board} does not run: {said} (it needs {', '.join(TOOLS)}: make firmware)"
        )


def told(lines: Iterable[str], on_event: Callable[[int, int], None] = lambda *_: None) -> Told:
    """Read the firmware's lines, telling each event as it comes."""
    result = Told()
    for line in lines:
        match line.split():
            case ["event", step, score, *_]:
                result.events.append((int(step), int(score)))
                on_event(int(step), int(score))
            case ["step", _, score]:
                result.steps.append(int(score))
            case ["report", name, value]:
                result.report[name] = int(value)
            case ["stuck", half]:
                result.stuck.append(int(half))
    return result


def hear(
    board: str, detector: Detector, blocks: Iterable[Pcm], on_event: Callable[[Event], None] = lambda _: None
) -> Heard:
    """What `hearing.hear` gives, from the firmware on an emulated `board`; `detector` says which bundle and when."""
    manifest, pcm = detector.manifest, np.concatenate(list(blocks))
    seconds, smoothing = len(pcm) / manifest.sample_rate, manifest.smoothing
    settings = detector.trigger_settings
    limits = {name: least_sum(getattr(settings, name), smoothing) for name in ("threshold", "release")}
    events: list[Event] = []

    def tell(step: int, score: int) -> None:
        time = round((step + 1) * manifest.step_seconds, 3)
        events.append(inside(Event(manifest.word, time, score / ONE / smoothing), seconds))
        on_event(events[-1])

    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch) / "recording.wav"
        soundfile.write(wav, pcm, manifest.sample_rate, subtype="PCM_16")
        bundle = {"BUNDLE": str(detector.folder.resolve())}
        said = told(run(board, wav, {"steps": 1, **limits}, bundle), tell)
    smoothed = np.array(said.steps) / ONE / smoothing
    peaks = [inside(peak, seconds) for peak in detector.peaks(smoothed)]
    return Heard(seconds, events, peaks, pcm, smoothed)
