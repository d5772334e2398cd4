"""The case studies: they run, their prose is what their results say, and their figures redraw to the same bytes."""

from __future__ import annotations

import copy
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from case_studies import room

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("CASES_DATA", room.DATA))
FOLDERS = room.folders()
NEEDS = {"02_faster_checkout": "checkout", "04_music_recommendation": "lastfm"}

LITERAL = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}"  # what the results fill in
    r"|`[^`\n]*`|\]\([^)]*\)|<https?:[^>]*>"  # code, where links lead, addresses
    r"|^>.*$"  # the question as it was asked
    r"|et al\., \d{4}"  # who is cited
    r"|hetrec2011-lastfm-2k|CC BY \d\.\d|Apache-\d\.\d",  # names
    re.MULTILINE | re.DOTALL,
)


def digits(template: str) -> list[str]:
    """The numbers that a template states itself."""
    return re.findall(r"\S*\d\S*", LITERAL.sub("", template))


def words(page: str) -> int:
    """Words of prose: no headings, tables or pictures."""
    return sum(len(line.split()) for line in page.splitlines() if not line.startswith(("#", "|", "!", ">")))


def shape(value: Any) -> Any:
    """The names in results, without their values; of lists, what their members have."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], dict) else []
    return None


def study(folder: Path) -> room.Study:
    found = importlib.import_module(f"case_studies.{folder.name}.study").STUDY
    assert isinstance(found, room.Study)
    return found


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def folder(request: pytest.FixtureRequest) -> Path:
    """The folder of each study."""
    path: Path = request.param
    return path


def test_a_study_runs(folder: Path, tmp_path: Path) -> None:
    """
    On a small part of its data each study writes results of the committed form, its figures and its page.
    """
    if (needed := NEEDS.get(folder.name)) and not (ROOT / DATA / needed).is_dir():
        pytest.skip(f"{DATA / needed} is not here; case_studies/README.md tells where its data comes from")
    command = [sys.executable, "-m", f"case_studies.{folder.name}.study", "--data", str(DATA)]
    done = subprocess.run(
        [*command, "--smoke", "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    results = json.loads((tmp_path / room.RESULTS).read_text("utf-8"))
    assert shape(results) == shape(room.read(folder))
    assert {path.name for path in tmp_path.glob("*.svg")} == {path.name for path in folder.glob("*.svg")}
    assert (tmp_path / room.WRITE_UP).read_text("utf-8") == room.render(folder, results)


def test_data_that_is_missing_is_named(tmp_path: Path) -> None:
    """
    Without its data a study ends with 1 and tells the file, where it comes from and the option.
    """
    command = [sys.executable, "-m", "case_studies.04_music_recommendation.study", "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert str(tmp_path / "lastfm/user_artists.dat") in done.stderr
    assert "https://grouplens.org" in done.stderr
    assert "--data" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_prose_is_what_was_measured(folder: Path) -> None:
    """
    Each page is its template with the numbers of its results, to the letter.
    """
    assert (folder / room.WRITE_UP).read_text("utf-8") == room.render(folder, room.read(folder))


def test_the_list_is_what_was_measured() -> None:
    """
    The page that lists the studies has the numbers of all results.
    """
    assert (room.HERE / room.WRITE_UP).read_text("utf-8") == room.render(room.HERE, room.every())


@pytest.mark.parametrize("template", [room.HERE, *FOLDERS], ids=lambda folder: folder.name)
def test_no_number_is_written_by_hand(template: Path) -> None:
    """
    A template states no number itself, apart from the question, code, citations and where links lead.
    """
    assert digits((template / f"{room.WRITE_UP}.j2").read_text("utf-8")) == []


def test_a_number_by_hand_is_found() -> None:
    """
    The search for digits finds one in prose, in a heading and in a table, and passes over what results fill in.
    """
    assert digits("AP of 0.71 or {{ a.b[2]|f(3) }}\n# In 3 steps\n| x | 4 % |") == ["0.71", "3", "4"]


def test_another_result_is_another_page(folder: Path) -> None:
    """
    Pages depend on their results: with each number one tenth larger, more than thirty numbers of the page differ.
    """
    page = room.render(folder, room.read(folder))
    other = room.render(folder, larger(copy.deepcopy(room.read(folder))))

    numbers, others = (re.findall(r"\d[\d,.]*", text) for text in (page, other))
    assert sum(a != b for a, b in zip(numbers, others, strict=False)) > 30


def larger(value: Any) -> Any:
    """The same results with each number a tenth larger."""
    if isinstance(value, dict):
        return {key: larger(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [larger(inner) for inner in value]
    return value * 1.1 if isinstance(value, int | float) and not isinstance(value, bool) else value


def test_a_page_reads_in_a_sitting(folder: Path) -> None:
    """
    The prose of a study takes two pages at most, in the five parts of its form, and commits to no single approach.
    """
    page = (folder / room.WRITE_UP).read_text("utf-8")

    assert words(page) <= 1_100
    assert re.findall(r"^## (\w+)", page, re.MULTILINE) == ["Ask", "Suppose", "Plan", "Execute", "Recap"]
    for part in ("A leak made visible.", "What did not work.", "Limits.", "To ask the interviewer."):
        assert f"**{part}**" in page
    assert "correct approach" not in page


def test_figures_are_drawn_from_results(folder: Path, tmp_path: Path) -> None:
    """
    Figures drawn from the committed results are the committed ones, byte for byte, with the Matplotlib that drew them.
    """
    room.write(study(folder), room.read(folder), tmp_path)

    for drawn in tmp_path.glob("*.svg"):
        committed = (folder / drawn.name).read_bytes()
        if f"Matplotlib v{mpl.__version__}".encode() not in committed:
            pytest.skip(f"the committed figures were drawn by another Matplotlib than {mpl.__version__}")
        assert drawn.read_bytes() == committed


def test_the_simulation_is_the_published_one() -> None:
    """
    Customer 596 of the published simulation buys first at second 31, at terminal 3156, for 57.16.
    """
    fraud: Any = importlib.import_module("case_studies.03_card_fraud.study")
    profiles = fraud.np.random.RandomState(0).uniform([0, 0, 5, 0], [100, 100, 100, 4], (5_000, 4))
    places = fraud.np.random.RandomState(1).uniform(0, 100, (10_000, 2))

    assert sorted(fraud.bought(596, profiles[596], places, 1))[0] == (31, 596, 3156, 57.16)


def test_the_correction_undoes_a_weight() -> None:
    """
    A probability whose odds were multiplied by a weight comes back.
    """
    fraud: Any = importlib.import_module("case_studies.03_card_fraud.study")
    probability = fraud.np.array([0.001, 0.2, 0.9])
    odds = 30 * probability / (1 - probability)

    assert fraud.corrected(odds / (1 + odds), 30) == pytest.approx(probability)


def test_a_card_in_the_past_counts_only_known_labels() -> None:
    """
    A terminal's frauds count a week late, and only while they lie in the window.
    """
    fraud: Any = importlib.import_module("case_studies.03_card_fraud.study")
    np, day = fraud.np, fraud.DAY
    time = np.array([0, 6, 7, 8, 20]) * day + 5

    count, frauds = fraud.sums(np.zeros(5, int), time, np.array([1, 0, 0, 0, 0]), late=7, days=1)

    assert count.tolist() == [0, 0, 1, 0, 0]
    assert frauds.tolist() == [0, 0, 1, 0, 0]


@pytest.mark.parametrize("part", ["bundle", "trials", "strangers", "deployment"])
def test_the_project_is_cited_as_it_is(part: str) -> None:
    """
    What the first study cites is what the bundle and the benchmarks hold now; `make cases` renews it.
    """
    trigger: Any = importlib.import_module("case_studies.01_trigger_word.study")

    assert room.rounded(getattr(trigger, part)()) == room.read(room.HERE / "01_trigger_word")[part]
