"""Whether the shipped bundle gives the same bits on other CPUs, emulated by QEMU.

    python -m benchmarks.emulated

Writes benchmarks/results/emulated.json, prints its table, and fails when a value differs.
"""

from __future__ import annotations

import json
import sys

from benchmarks.emulated.cpus import ROOT
from benchmarks.emulated.report import RESULTS, measure, table, total


def main() -> int:
    """Measure, write, show."""
    found = measure(ROOT / "models/activate")
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print("\n".join(table()))
    return int(any(total(figures) for figures in found["cpus"]) or any(found["golden_differences"].values()))


if __name__ == "__main__":
    sys.exit(main())
