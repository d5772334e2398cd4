"""The CPUs that are compared, and how a program is run on each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.emulated import arm64

ROOT = Path(__file__).parents[2]
MINUTES = 10
"""A probe that takes longer has hung; it takes seconds."""


@dataclass(frozen=True, kw_only=True)
class Cpu:
    """A CPU as QEMU names it. `max` is none of them: with its SVE, QEMU 7.2 has given wrong 8-bit products on ARM."""

    name: str
    """Empty: the one of this machine, not emulated."""

    like: str
    """Where one meets it, and what its arithmetic has."""

    part: int | None = None
    """ARM's number of the core; None on x86-64."""


HERE = Cpu(name="", like="this machine")
CPUS = (
    Cpu(name="Nehalem", like="PC of 2008: SSE 4.2"),
    Cpu(name="SandyBridge", like="PC of 2011: AVX"),
    Cpu(name="Haswell-noTSX", like="PC of 2013: AVX2, FMA; no AVX-512, no VNNI"),
    Cpu(name="cortex-a53", like="Raspberry Pi 3", part=0xD03),
    Cpu(name="cortex-a72", like="Raspberry Pi 4", part=0xD08),
    Cpu(name="cortex-a76", like="Raspberry Pi 5: 8-bit dot products", part=0xD0B),
)


@dataclass(frozen=True)
class Answer:
    """What the probe gave on one CPU."""

    about: dict[str, Any]
    """Architecture, instruction sets and versions, as the program itself saw them."""

    values: dict[str, np.ndarray[Any, Any]]
    """By `<recording>/<stage>`."""


def ask(cpu: Cpu, bundle: Path, folder: Path) -> Answer:
    """Run the probe on the `stages.onnx` and the `recordings.npz` of `folder`."""
    answers = folder / f"{cpu.name or 'here'}.npz"
    command, packages = interpreter(cpu)
    probe = [Path(__file__).parent / "probe.py", bundle, folder / "stages.onnx", folder / "recordings.npz", answers]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(str(path) for path in (*packages, ROOT / "runtime")),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ORT_DISABLE_TELEMETRY": "1",
    }
    told = subprocess.run(
        [*command, *probe], env=environment, check=False, timeout=60 * MINUTES, capture_output=True, text=True
    )
    if told.returncode:
        raise SystemExit(f"the probe ended with {told.returncode} on {cpu.name or cpu.like}:\n{told.stderr}")
    with np.load(answers) as values:
        return Answer(json.loads(told.stdout), {name: values[name] for name in values.files})


def emulator(architecture: str) -> str:
    """The command that runs a program of another CPU."""
    name = f"qemu-{architecture}-static"
    if not shutil.which(name):
        raise SystemExit(f"{name} is missing; sudo apt-get install qemu-user-static")
    return name


def interpreter(cpu: Cpu) -> tuple[list[str | Path], list[Path]]:
    """The command that starts Python on `cpu`, and where its packages are when not its own."""
    if not cpu.name:
        return [sys.executable], []
    if cpu.part is None:
        return [emulator("x86_64"), "-cpu", cpu.name, sys.executable], []
    root = arm64.tree()
    (root / "proc/cpuinfo").write_text(
        f"processor : 0\nCPU implementer : 0x41\nCPU architecture: 8\nCPU variant : 0x0\nCPU part : {cpu.part:#x}\n"
        "CPU revision : 0\n\n"
    )
    return [emulator("aarch64"), "-cpu", cpu.name, "-L", root, arm64.python(root)], [root / "site"]
