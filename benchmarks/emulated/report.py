"""The results file, and the table that a document shows of it."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.emulated.compare import here, prepare, row
from benchmarks.emulated.cpus import CPUS, HERE, ROOT, ask, emulator

from watchword.bundle import MODEL, load

RESULTS = ROOT / "benchmarks/results/emulated.json"


def measure(bundle: Path) -> dict[str, Any]:
    """Run the bundle on every CPU."""
    version = subprocess.check_output([emulator("aarch64"), "--version"], text=True).split()[2]
    with TemporaryDirectory() as folder:
        prepare(bundle, Path(folder))
        expected, found = here(bundle, Path(folder))
        rows = [row(HERE, expected, expected)]
        for cpu in CPUS:
            began = time.monotonic()
            rows.append(row(cpu, ask(cpu, bundle, Path(folder)), expected))
            print(f"{cpu.name}: {total(rows[-1])} values differ ({time.monotonic() - began:.0f} s)")
    return {"model_sha256": load(bundle).manifest.sha256[MODEL], "qemu": version, **found, "cpus": rows}


def total(figures: dict[str, Any]) -> int:
    """How many integers, probabilities and events of one CPU are not the expected ones."""
    return sum(figures["differences"].values())


def results() -> dict[str, Any]:
    """What was measured last."""
    measured: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    return measured


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    lines = [
        "| CPU | instruction sets | levels and layers that differ | probabilities | events "
        "| largest difference before rounding, levels |",
        "|---|---|---|---|---|---|",
    ]
    for figures in results()["cpus"]:
        counts = figures["differences"]
        inner = sum(counts[name] for name in counts if name in ("levels", "convolution") or name.startswith("layer_"))
        outer = counts["probability"] + counts["smoothed"] + counts["streamed"]
        events = counts["event_time"] + counts["event_score"]
        cells = [
            f"{figures['cpu']} ({figures['like']})" if figures["cpu"] else f"{figures['like']}, not emulated",
            f"{figures['architecture']}: {', '.join(figures['instructions'])}",
            *(str(count) for count in (inner, outer, events)),
            f"{figures['largest_before_rounding']:.1e}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines
