"""Tables in documents are what their commands make of the result files."""

from __future__ import annotations

from pathlib import Path

from benchmarks import ablation

ROOT = Path(__file__).parents[1]


def test_the_ablation_is_the_measured_one() -> None:
    """
    The decision shows the table that the result files give.
    """
    document = (ROOT / "docs/decisions/0004-the-data-engine.md").read_text("utf-8")

    assert "\n".join(ablation.table()) in document


def test_every_module_has_its_place_in_the_architecture() -> None:
    """
    The document names each module of the training package.
    """
    document = (ROOT / "docs/architecture.md").read_text("utf-8")
    folder = ROOT / "training/watchword_training"

    names = {p.stem for p in folder.glob("*.py")} | {p.name for p in folder.iterdir() if (p / "__init__.py").exists()}

    assert [name for name in sorted(names - {"__init__", "cache"}) if f"`{name}`" not in document] == []
