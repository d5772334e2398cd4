"""What the firmware costs and how it agrees with the bundle it was generated from.

    python -m benchmarks.firmware [PART...] [--shared FOLDER]

The parts are boards, agreement and gate; all of them unless some are named. Writes benchmarks/results/firmware.json
and the tables in the documents; fails when a budget is exceeded or the energy gate loses a word. FOLDER has recordings
in words/, speech/ and noise/; without it the gate is measured on synthetic voices alone. The part "settings" tries
other settings of the gate, which depend on no weights.
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

PARTS = ("boards", "agreement", "gate")


def main() -> int:
    """Measure, write, show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "settings", []], metavar="PART")
    parser.add_argument("--shared", type=Path, default=report.ROOT.parent / "shared/data", metavar="FOLDER")
    arguments = parser.parse_args()
    bundle = load("activate")
    digest = bundle.manifest.sha256[MODEL]
    found = report.results() if report.RESULTS.is_file() else {}
    if found.get("model_sha256") != digest:
        found = {"model_sha256": digest}  # figures of another bundle say nothing of this one
    broken = []
    for part in arguments.parts or PARTS:  # Python 3.11 holds the empty list, too, against the choices
        if part == "boards":
            tools = {name: _version(command) for name, command in TOOLS.items()}
            found |= tools | {"boards": [boards.measure(board, bundle) for board in boards.CORES]}
            broken += [line for row in found["boards"] for line in boards.exceeded(row)]
        elif part == "agreement":
            found |= agreement.every(Library(bundle), arguments.shared)
        elif part == "gate":
            broken += _gate(found, Library(bundle), arguments.shared)
        else:
            for tried in gate.tried(Library(bundle), arguments.shared):
                print(tried, flush=True)
        _write(found)
    print("\n".join(broken) or "every budget that was measured is kept, the gate loses nothing")
    return int(bool(broken))


TOOLS = {"compiler": "arm-none-eabi-gcc", "emulator": "qemu-system-arm"}


def _version(command: str) -> str:
    return subprocess.check_output([command, "--version"], text=True).splitlines()[0]


def _gate(found: dict[str, Any], library: Library, shared: Path) -> list[str]:
    """Measure the gate, counting the instructions of the Cortex-M4F; what it lost, in words."""
    costs = next(row for row in found["boards"] if row["board"] == "an386")
    sets: dict[str, dict[str, Any]] = {}
    found["gate"] = {"settings": asdict(recommended()), "sets": sets}
    for name, figures in gate.every(library, shared, recommended(), costs):
        sets[name] = figures
        print(name, figures, flush=True)
    return gate.lost(sets)


def _write(found: dict[str, Any]) -> None:
    """Keep what was found, and show it in the documents."""
    report.RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for document in report.DOCUMENTS:
        document.write_text(report.replaced(document.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
