"""The shipped bundle on other CPUs: what `make emulated` found for it, and that this machine agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from benchmarks.emulated import compare, report
from benchmarks.emulated.cpus import CPUS, HERE, Answer

from watchword import Bundle
from watchword.bundle import MODEL


def test_every_cpu_gives_the_same_bits(bundle: Bundle) -> None:
    """
    On each CPU the model that is shipped gave the levels, layers, probabilities and events of all others.
    """
    found = report.results()

    assert found["model_sha256"] == bundle.manifest.sha256[MODEL]
    assert [figures["cpu"] for figures in found["cpus"]] == ["", *(cpu.name for cpu in CPUS)]
    assert all(report.total(figures) == 0 for figures in found["cpus"])
    assert set(found["golden_differences"].values()) == {0}


def test_the_cpus_differ() -> None:
    """
    Among them are one without AVX, one with AVX2 and without AVX-512, an ARM with 8-bit dot products and one without.
    """
    x86, arm = (
        [set(f["instructions"]) for f in report.results()["cpus"] if f["cpu"] and f["architecture"] == name]
        for name in ("x86_64", "aarch64")
    )

    assert any("AVX" not in instructions for instructions in x86)
    assert any("AVX2" in instructions and "AVX512F" not in instructions for instructions in x86)
    assert {"ASIMDDP" in instructions for instructions in arm} == {True, False}


def test_this_machine_gives_the_stored_bits(bundle: Bundle, tmp_path: Path) -> None:
    """
    The CPU that runs the tests gives the golden vectors, the stored probabilities and events, also when streaming.
    """
    compare.prepare(bundle.folder, tmp_path)

    answer, found = compare.here(bundle.folder, tmp_path)

    stored = report.results()
    assert found["golden_differences"] == stored["golden_differences"]
    assert found["recordings"] == stored["recordings"]
    assert report.total(compare.row(HERE, answer, answer)) == 0


def test_levels_are_far_from_their_edges() -> None:
    """
    Logarithms do differ between CPUs, but by less than a thousandth of what would make one of them another level.
    """
    found = report.results()

    assert 0 < max(figures["largest_before_rounding"] for figures in found["cpus"]) < found["nearest_edge"] / 1000


@pytest.mark.parametrize("stage", ["levels", "probability", "streamed", "event_time"])
def test_a_difference_is_counted(stage: str) -> None:
    """
    One value that differs in its last bit, in any stage, is one difference.
    """
    values: dict[str, np.ndarray[Any, Any]] = {
        "word/levels": np.array([[3, 4]], np.uint8),
        "word/probability": np.array([0.25], np.float32),
        "word/smoothed": np.array([0.25]),
        "word/streamed": np.array([0.25]),
        "word/event_time": np.array([1.04]),
    }
    about = {"instructions": ["AVX"]}
    changed = values[f"word/{stage}"].copy()
    changed.view(np.uint8).flat[0] ^= 1

    same = compare.row(HERE, Answer(about, values), Answer(about, values))
    other = compare.row(HERE, Answer(about, {**values, f"word/{stage}": changed}), Answer(about, values))

    assert report.total(same) == 0
    assert {name: count for name, count in other["differences"].items() if count} == {stage: 1}


def test_a_missing_event_is_counted() -> None:
    """
    An event that only one CPU has is a difference.
    """
    assert compare.differing(np.array([]), np.array([1.04])) == 1
