"""The runtime's tests and real detections on a Raspberry Pi 4, emulated; its events must be this machine's.

python -m benchmarks.emulated.suite
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.emulated import arm64
from benchmarks.emulated.cpus import CPUS, ROOT, interpreter

from watchword.bundle import load
from watchword_training import library

CPU = next(cpu for cpu in CPUS if cpu.name == "cortex-a72")
MODULES = (
    *("audio", "backlog", "bundle", "calibration", "detectors", "hearing", "input_stream", "keeper", "listen"),
    *("openwakeword", "recording", "trigger"),
)
"""Tests that start no other program: without the kernel's help an emulated one cannot."""

CROSS_COMPILER = "aarch64-linux-gnu-gcc"
PACKAGES = ("hypothesis", "onnx", "pytest", "soundfile", "soxr")


def main() -> int:
    """Run both; gives the number of what failed."""
    site = arm64.with_packages(PACKAGES)
    tests = [str(ROOT / f"tests/test_{name}.py") for name in MODULES]
    options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={ROOT}", "--import-mode=importlib"]
    failed = int(_run(site, "-m", "pytest", *options, *tests).returncode != 0)
    with tempfile.TemporaryDirectory() as scratch:
        own, other = (Path(scratch) / name for name in ("own.so", "other.so"))
        library.build(load("activate"), own)
        library.build(load("activate"), other, CROSS_COMPILER)
        failed += _differ("ONNX Runtime", site, [], [])
        failed += _differ("compiled", site, ["--compiled", str(own)], ["--compiled", str(other)])
    return failed


def _differ(what: str, site: Path, here: Sequence[str], there: Sequence[str]) -> bool:
    """Whether a detection gives other events there than here, each with its options; says what was found."""
    examples = [str(path) for path in sorted((ROOT / "examples").glob("*.flac"))]
    detection = ["-m", "watchword", "detect", "--json", *examples]
    expected, found = (
        _events(_here(*detection, *here).stdout),
        _events(_run(site, *detection, *there, capture=True).stdout),
    )
    print(f"{what}: {sum(map(len, expected.values()))} events in {len(expected)} recordings, ", end="")
    print("the same as on this machine" if found == expected else f"other than on this machine:\n{found}\n{expected}")
    return found != expected


def _run(site: Path, *words: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
    command, packages = interpreter(CPU)
    path = os.pathsep.join(str(folder) for folder in (site, *packages, ROOT / "runtime", ROOT))
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [*command, *words], env=environment, check=capture, capture_output=capture, text=True, cwd=ROOT
    )


def _here(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True)


def _events(lines: str) -> dict[str, list[dict[str, float]]]:
    found = [json.loads(line) for line in lines.splitlines()]
    return {report["file"]: report["events"] for report in found}


if __name__ == "__main__":
    sys.exit(main())
