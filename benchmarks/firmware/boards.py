"""What the firmware costs on each emulated board: instructions counted exactly, cycles estimated, memory, real time."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from watchword import Bundle, firmware
from watchword.errors import FirmwareError
from watchword.firmware import Told

CORES = {
    "an385": "Cortex-M3",
    "an386": "Cortex-M4F",
    "an500": "Cortex-M7",
    "an505": "Cortex-M33",
    "an547": "Cortex-M55",
}
FLASH, RAM, STACK = 400 * 1024, 40 * 1024, 2 * 1024
INSTRUCTIONS = {"an385": 620_000, "an386": 350_000, "an500": 350_000, "an505": 350_000, "an547": 140_000}
"""Most instructions for 20 ms of audio, on average and at worst."""

CLOCK = 64e6
"""Hertz of the processor that the estimated load is told for."""

EXACT_SHIFT, PACE = 6, 16
"""64 ns an instruction, so that a core clock is less than one; audio comes slower by as much and more."""

SECONDS = 0.02
OWN = re.compile(r"kws_\w+|four_rows|mem(cpy|move|set)")
"""Functions of the library, as the profiler names them; the checksum is only taken at the start."""


def measure(board: str, bundle: Bundle) -> dict[str, Any]:
    """Cost of the golden recording on `board`."""
    exact, share = counted(board, bundle)
    live = listened(board, bundle, {"steps": 0})
    plain, _ = counted(board, bundle, KERNEL="plain")
    sections = _sections(next((firmware.folder() / "build").glob(f"{board}-{_kernel(board)}/kws.elf")))
    seconds, step = bundle.manifest.step_seconds, exact["step"]
    return {
        "board": board,
        "core": CORES[board],
        "kernel": _kernel(board),
        "instructions_per_step": step,
        "worst_step": exact["worst_step"],
        "worst_block": exact["worst_block"],
        "instructions_per_20_ms": round(step * SECONDS / seconds),
        "worst_per_20_ms": round(exact["worst_step"] * SECONDS / seconds),
        "plain_instructions_per_step": plain["step"],
        "estimated_cycles_per_step": round(step * share),
        "estimated_load": step * share / (CLOCK * seconds),
        "flash": sections["text"] + sections["data"],
        "ram": sections["data"] + sections["bss"],
        "stack": exact["stack"],
        "detector": exact["detector"],
        "overruns": live.report["overruns"],
        "events": len(live.events),
    }


def listened(board: str, bundle: Bundle, options: dict[str, int], **variables: str | int) -> Told:
    """What the firmware tells of the golden recording."""
    with tempfile.TemporaryDirectory() as scratch:
        wav = Path(scratch) / "golden.wav"
        pcm = np.load(bundle.folder / "vectors.npz")["pcm"]
        soundfile.write(wav, pcm, bundle.manifest.sample_rate, subtype="PCM_16")
        given = {"BUNDLE": str(bundle.folder.resolve()), **variables}
        return firmware.told(firmware.run(board, wav, {"tail": 0, **options}, given))


def counted(board: str, bundle: Bundle, **variables: str) -> tuple[dict[str, int], float]:
    """Instructions of a step and of a block, bytes of stack and detector; and estimated cycles of an instruction."""
    with tempfile.TemporaryDirectory() as scratch:
        profile = Path(scratch) / "profile.txt"
        plugin = {"PROFILE": str(profile)} if not variables else {}
        told = listened(board, bundle, {"pace": PACE}, SHIFT=EXACT_SHIFT, **plugin, **variables)
        instructions, cycles = own(profile.read_text("utf-8")) if plugin else (1, 0)
    report = told.report
    per_clock = 1000 / report["core_megahertz"] / 2**EXACT_SHIFT
    names = {"step": "step_clocks", "worst_step": "worst_step_clocks", "worst_block": "worst_block_clocks"}
    numbers = {name: round(report[clocks] * per_clock) for name, clocks in names.items()}
    return {**numbers, "stack": report["stack_bytes"], "detector": report["detector_bytes"]}, cycles / instructions


def exceeded(figures: dict[str, Any]) -> list[str]:
    """Budgets that a board's figures break, in words."""
    limits = {
        "worst_per_20_ms": INSTRUCTIONS[figures["board"]],
        "flash": FLASH,
        "ram": RAM,
        "stack": STACK,
        "overruns": 0,
    }
    return [
        f"{figures['board']}: {name} is {figures[name]}, the budget {most}"
        for name, most in limits.items()
        if figures[name] > most
    ]


def _kernel(board: str) -> str:
    text = (firmware.folder() / f"boards/{board}.mk").read_text("utf-8")
    found = re.search(r"^KERNEL \?= (\w+)$", text, re.MULTILINE)
    if not found:
        raise FirmwareError(f"boards/{board}.mk names no KERNEL")
    return found[1]


def own(profile: str) -> tuple[int, int]:
    """Instructions and estimated cycles in the library's functions, from the profiler's lines; not those at boot."""
    rows = [line.split() for line in profile.splitlines()]
    counts = [(int(n), int(c)) for name, n, c in rows if OWN.fullmatch(name) and name != "kws_checksum"]
    return sum(instructions for instructions, _ in counts), sum(cycles for _, cycles in counts)


def _sections(elf: Path) -> dict[str, int]:
    """Bytes by the names that size gives them."""
    names, numbers = (
        line.split()
        for line in subprocess.run(
            ["arm-none-eabi-size", elf], check=True, capture_output=True, text=True
        ).stdout.splitlines()
    )
    return {name: int(number) for name, number in zip(names[:3], numbers[:3], strict=True)}
