"""The runtime's tests and a real detection on a Raspberry Pi 4, emulated; its events must be this machine's.

python -m benchmarks.emulated.suite
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.emulated import arm64
from benchmarks.emulated.cpus import CPUS, ROOT, interpreter

CPU = next(cpu for cpu in CPUS if cpu.name == "cortex-a72")
MODULES = (
    *("audio", "backlog", "bundle", "calibration", "detectors", "hearing", "input_stream", "keeper", "listen"),
    *("openwakeword", "recording", "trigger"),
)
"""Tests that start no other program: without the kernel's help an emulated one cannot."""

PACKAGES = ("hypothesis", "onnx", "pytest", "soundfile", "soxr")


def main() -> int:
    """Run both; gives the number of what failed."""
    site = arm64.with_packages(PACKAGES)
    tests = [str(ROOT / f"tests/test_{name}.py") for name in MODULES]
    options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={ROOT}", "--import-mode=importlib"]
    failed = int(_run(site, "-m", "pytest", *options, *tests).returncode != 0)
    examples = [str(path) for path in sorted((ROOT / "examples").glob("*.flac"))]
    detection = ["-m", "watchword", "detect", "--json", *examples]
    there, here = (_events(run.stdout) for run in (_run(site, *detection, capture=True), _here(*detection)))
    print(f"{sum(map(len, here.values()))} events in {len(here)} recordings, ", end="")
    print("the same as on this machine" if there == here else f"other than on this machine:\n{there}\n{here}")
    return failed + int(there != here)


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
