"""What the studies share: results become a write-up, figures redraw to the same bytes, one command line.

A study's numbers live in `results.json`. `README.md` is made of them and of `README.md.j2`, a template that may not
hold a number itself, so that a figure in the prose cannot differ from the one that was measured.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

Results = dict[str, Any]

HERE = Path(__file__).parent
RESULTS, WRITE_UP = "results.json", "README.md"
DATA = Path("../shared/data/cases")
DRAWN: Any = {
    "svg.hashsalt": "watchword",
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
}
"""How figures look; the salt makes their identifiers, and so their bytes, the same each time."""


FILTERS: dict[str, Callable[..., str]] = {
    "f": lambda value, digits=3: f"{value:.{digits}f}",
    "signed": lambda value, digits=3: f"{value:+.{digits}f}",
    "pct": lambda value, digits=1: f"{100 * value:.{digits}f} %",
    "n": lambda value: f"{value:,.0f}",
}
"""How templates write a number: with so many digits, with its sign, in per cent, with its thousands apart."""


class MissingDataError(Exception):
    """A file that a study reads is not there; the message tells where it comes from."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """One case study: what it measures, and how it draws that."""

    folder: Path
    """Where its write-up, results and figures lie."""

    measure: Callable[[Path, bool], Results]
    """From the folder of data; on a small part of it, in seconds, when the second argument is true."""

    draw: Callable[[Results], Mapping[str, Figure]]
    """Figures by file name, from nothing but results."""


def find(data: Path, name: str, source: str) -> Path:
    """The file `name` in the folder of data. MissingDataError tells its `source` when it is absent."""
    path = data / name
    if not path.is_file():
        raise MissingDataError(f"{path} is missing. It comes from {source}; put it there, or name its folder: --data")
    return path


def rounded(value: Any, digits: int = 6) -> Any:
    """The same results with at most `digits` significant digits, and with Python's own types."""
    if isinstance(value, Mapping):
        return {str(k): rounded(v, digits) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [rounded(v, digits) for v in value]
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.{digits}g}")
    return value.item() if isinstance(value, np.generic) else value


def write(study: Study, results: Results, out: Path) -> None:
    """Write results, figures and write-up into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / RESULTS).write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    with mpl.rc_context(DRAWN):
        for name, figure in study.draw(results).items():
            figure.savefig(out / name, format="svg", metadata={"Date": None})
    (out / WRITE_UP).write_text(render(study.folder, results), "utf-8")


def read(folder: Path) -> Results:
    """The results that were committed with a study."""
    results: Results = json.loads((folder / RESULTS).read_text("utf-8"))
    return results


def folders() -> list[Path]:
    """The folders of the studies, in order."""
    return sorted(path.parent for path in HERE.glob("*/study.py"))


def every() -> Results:
    """The committed results of all studies, by the part of the folder's name after the number."""
    return {folder.name[3:]: read(folder) for folder in folders()}


def render(folder: Path, results: Results) -> str:
    """The write-up: the folder's template with the numbers of its results. A name that results lack is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 (Markdown of our own, not a page that takes input)
    )
    environment.filters |= FILTERS
    return environment.get_template(f"{WRITE_UP}.j2").render(results)


def main(study: Study) -> None:
    """Read the command line, measure, and write. Exits with 1 where data is missing."""
    parser = argparse.ArgumentParser(description=f"Measure {study.folder.name} and write results, figures and prose.")
    parser.add_argument("--data", type=Path, default=DATA, help=f"folder of the data that no package carries ({DATA})")
    parser.add_argument("--out", type=Path, help="where to write (the study's own folder)")
    parser.add_argument("--smoke", action="store_true", help="a small part of the data, in seconds; needs --out")
    arguments = parser.parse_args()
    if arguments.smoke and not arguments.out:
        parser.error("--smoke would write over what was measured: give --out another folder")
    try:
        results = rounded(study.measure(arguments.data, arguments.smoke))
    except MissingDataError as exc:
        sys.exit(f"{study.folder.name}: {exc}")
    write(study, results, arguments.out or study.folder)
