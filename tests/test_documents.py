"""Tables in documents are what their commands make of the result files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks import ablation, attempts, budget, confirmation, exploration, hearing, pace, strangers
from benchmarks.emulated import report
from benchmarks.peers import report as peers

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("decision", "table"),
    [
        ("0001-integer-arithmetic", report.table),
        ("0004-the-data-engine", ablation.table),
        ("0007-ears-that-come-with-the-package", exploration.table),
        ("0007-ears-that-come-with-the-package", confirmation.table),
        ("0010-what-listening-costs", attempts.table),
        ("0013-small-convolutions-first", hearing.table),
        ("0013-small-convolutions-first", strangers.table),
        ("0016-as-slowly-as-people", pace.table),
        ("0023-how-long-a-word-takes", budget.table),
    ],
)
def test_a_table_is_the_measured_one(decision: str, table: Callable[[], list[str]]) -> None:
    """
    The decision shows the table that the result files give.
    """
    document = (ROOT / f"docs/decisions/{decision}.md").read_text("utf-8")

    assert "\n".join(table()) in document


def test_every_module_has_its_place_in_the_architecture() -> None:
    """
    The document names each module of the training package.
    """
    document = (ROOT / "docs/architecture.md").read_text("utf-8")
    folder = ROOT / "training/watchword_training"

    names = {p.stem for p in folder.glob("*.py")} | {p.name for p in folder.iterdir() if (p / "__init__.py").exists()}

    assert [name for name in sorted(names - {"__init__", "cache"}) if f"`{name}`" not in document] == []


def test_results_are_what_was_measured() -> None:
    """
    RESULTS.md is what `benchmarks.peers report` writes of the committed results.
    """
    assert peers.DOCUMENT.read_text("utf-8").splitlines() == peers.document()
