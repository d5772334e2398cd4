"""The results file, and the tables that documents show of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.firmware import boards

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks/results/firmware.json"
DOCUMENTS = (ROOT / "firmware_sim/README.md", ROOT / "docs/decisions/0008-firmware.md")
MARK = "<!-- table: "
"""What a table begins with in a document, its name behind it; `<!-- end -->` ends it."""


def results() -> dict[str, Any]:
    """What was measured last."""
    measured: dict[str, Any] = json.loads(RESULTS.read_text("utf-8"))
    return measured


def replaced(text: str) -> str:
    """A document with its tables as the results have them."""
    found = results()
    return re.sub(
        rf"({MARK}(\w+) -->\n).*?(<!-- end -->)",
        lambda m: m[1] + "\n" + "\n".join(TABLES[m[2]](found)) + "\n\n" + m[3] if NEEDS[m[2]] in found else m[0],
        text,
        flags=re.DOTALL,
    )


def _table(*rows: tuple[str, ...]) -> list[str]:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return [head, "|" + "---|" * len(rows[0]), *body]


def _thousands(number: int) -> str:
    return f"{number:,}"


def speed(found: dict[str, Any]) -> list[str]:
    """Instructions, exact, and cycles, estimated."""
    head = ("board", "core", "kernel", "instructions for 20 ms", "at worst", "budget", "longest 10 ms", "plain C")
    rows = [
        (
            row["board"],
            row["core"],
            row["kernel"],
            *(_thousands(row[name]) for name in ("instructions_per_20_ms", "worst_per_20_ms")),
            _thousands(boards.INSTRUCTIONS[row["board"]]),
            _thousands(row["worst_block"]),
            f"{row['plain_instructions_per_step'] / row['instructions_per_step']:.1f} times as many",
            _thousands(row["estimated_cycles_per_step"] // 2),
            f"{100 * row['estimated_load']:.0f} %",
        )
        for row in found["boards"]
    ]
    return _table((*head, "cycles for 20 ms (estimate)", "load at 64 MHz (estimate)"), *rows)


def memory(found: dict[str, Any]) -> list[str]:
    """Bytes."""
    rows = [
        (row["board"], *(_thousands(row[name]) for name in ("flash", "ram", "detector", "stack")))
        for row in found["boards"]
    ]
    budgets = ("budget", _thousands(boards.FLASH), _thousands(boards.RAM), "", _thousands(boards.STACK))
    return _table(("board", "flash", "static RAM, stack included", "of it the detector", "stack used"), *rows, budgets)


def accuracy(found: dict[str, Any]) -> list[str]:
    """The C against the bundle."""
    rows = [
        (name, f"{row['hours'] * 60:.1f}", _thousands(row["levels"]), str(row["different"]), str(row["apart"]))
        for name, row in found["accuracy"].items()
    ]
    return _table(("audio", "minutes", "levels", "that differ", "by at most"), *rows)


def events(found: dict[str, Any]) -> list[str]:
    """Events of the C and of the bundle."""
    rows = [
        (name, *(str(row[part]) for part in ("bundle", "firmware", "both", "values")))
        for name, row in found["events"].items()
    ]
    return _table(
        ("audio", "events of the ONNX model", "of the firmware", "at the same step", "values of layers that differ"),
        *rows,
    )


def gate(found: dict[str, Any]) -> list[str]:
    """What the gate skips and what it loses."""
    rows = [
        (
            name,
            f"{row['hours']:.2f}",
            str(row["utterances"] or "-"),
            str(row["cut"]) if row["utterances"] else "-",
            f"{row['events']}, {row['events_lost']}",
            f"{row['low_events']}, {row['low_events_lost']}",
            f"{100 * row['skipped']:.0f} %",
            f"{100 * row['saved']:.0f} %",
        )
        for name, row in found["gate"]["sets"].items()
    ]
    head = ("set", "hours", "utterances", "cut", "events, lost", "at 0.2, lost", "steps skipped", "instructions saved")
    return _table(head, *rows)


def faults(found: dict[str, Any]) -> list[str]:
    """Events that are left through faulty microphones."""
    rows = [(name, str(row["firmware"]), str(row["bundle"])) for name, row in found["faults"].items()]
    return _table(("microphone", "events of the firmware", "of the ONNX model"), *rows)


TABLES: dict[str, Callable[[dict[str, Any]], list[str]]] = {
    table.__name__: table for table in (speed, memory, accuracy, events, gate, faults)
}

NEEDS = {"speed": "boards", "memory": "boards"} | {name: name for name in ("accuracy", "events", "gate", "faults")}
"""Which part of the results a table shows."""
