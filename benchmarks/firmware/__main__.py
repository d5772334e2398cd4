"""What the firmware costs and how it agrees with the bundle it was generated from.

    python -m benchmarks.firmware [--shared FOLDER] [--choose]

Writes benchmarks/results/firmware.json and the tables in the documents; fails when a budget is exceeded or the energy
gate loses a word. FOLDER has recordings in words/, speech/ and noise/; without it the gate is measured on synthetic
voices alone. --choose also tries the gate's other settings, which depend on no weights.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.firmware import agreement, boards, gate, report
from benchmarks.firmware.host import Library, recommended

from watchword.bundle import MODEL, load


def main() -> int:
    """Measure, write, show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=report.ROOT.parent / "shared/data", metavar="FOLDER")
    parser.add_argument("--choose", action="store_true")
    arguments = parser.parse_args()
    bundle = load("activate")
    library = Library(bundle)
    if arguments.choose:
        for tried in gate.tried(library, arguments.shared):
            print(tried)
    found: dict[str, Any] = {
        "model_sha256": bundle.manifest.sha256[MODEL],
        "compiler": _first_line("arm-none-eabi-gcc", "--version"),
        "emulator": _first_line("qemu-system-arm", "--version"),
        **agreement.every(library, arguments.shared),
        "boards": [boards.measure(board, bundle) for board in boards.CORES],
    }
    costs = next(row for row in found["boards"] if row["board"] == "an386")
    sets = gate.every(library, arguments.shared, recommended(), costs)
    found["gate"] = {"settings": asdict(recommended()), "sets": sets}
    report.RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for document in report.DOCUMENTS:
        document.write_text(report.replaced(document.read_text("utf-8")), "utf-8")
    for table in report.TABLES.values():
        print("\n".join(table(found)), end="\n\n")
    broken = [line for row in found["boards"] for line in boards.exceeded(row)] + gate.lost(sets)
    print("\n".join(broken) or "every budget is kept, the gate loses nothing")
    return int(bool(broken))


def _first_line(*command: str) -> str:
    return subprocess.check_output(command, text=True).splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
