"""Tables in documents are what their commands make of the result files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks import ablation, exploration
from benchmarks.emulated import report

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("decision", "table"),
    [
        ("0001-integer-arithmetic", report.table),
        ("0004-the-data-engine", ablation.table),
        ("0006-a-teacher-that-has-heard-people", exploration.table),
    ],
)
def test_a_table_is_the_measured_one(decision: str, table: Callable[[], list[str]]) -> None:
    """
    The decision shows the table that the result files give.
    """
    document = (ROOT / f"docs/decisions/{decision}.md").read_text("utf-8")

    assert "\n".join(table()) in document


def test_the_results_are_those_of_the_recipes_that_the_rows_name() -> None:
    """
    Each result of the exploration was made by the recipe of its row, word and seed as they are now.
    """
    results = [json.loads(path.read_text("utf-8")) for path in exploration.RESULTS.glob("*.json")]

    assert results
    for result in results:
        assert exploration.recipe(result["row"], result["word"], result["seed"]).digest == result["recipe"]


def test_every_module_has_its_place_in_the_architecture() -> None:
    """
    The document names each module of the training package.
    """
    document = (ROOT / "docs/architecture.md").read_text("utf-8")
    folder = ROOT / "training/watchword_training"

    names = {p.stem for p in folder.glob("*.py")} | {p.name for p in folder.iterdir() if (p / "__init__.py").exists()}

    assert [name for name in sorted(names - {"__init__", "cache"}) if f"`{name}`" not in document] == []
