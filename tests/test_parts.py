"""Work in parts."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from watchword_training import parts
from watchword_training.workers import Files, Local


def test_numbers_are_cut() -> None:
    """
    Every number is in one part, and none but the last is small; of nothing there are no parts.
    """
    assert parts.cut(range(3, 10), 3) == [range(3, 6), range(6, 9), range(9, 10)]
    assert parts.cut(range(0), 3) == []


def slowly(word: str, part: range, files: Files) -> tuple[str, int, list[str]]:
    """Take the longer the earlier the part is; tell what it was given."""
    time.sleep(0.3 / (1 + part.start))
    return word, sum(part), [path.read_text() for path in files.values()]


def test_results_come_in_the_order_of_the_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Two processes that end the second part first give what one gives; the bar has counted every number.
    """
    (tmp_path / "told").write_text("a file")
    some = parts.cut(range(5), 2)

    found = parts.work(Local(2), partial(slowly, "a word"), some, "adding", [tmp_path / "told"])

    assert found == [("a word", sum(part), ["a file"]) for part in some]
    assert "adding: 100%" in capsys.readouterr().err
