"""What `evaluate` found, for people: tables, plots, and one page that holds all of them."""

from __future__ import annotations

import base64
import io
import json
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from watchword_training import shown

HEADER = ["condition", "missed", "false accepts / h", "missed at 0.5 / h", "missed at 0.1 / h", "area"]
FOLDERS = ["folder", "words", "missed", "hours", "false accepts", "per hour"]


def rows(measured: dict[str, Any]) -> list[list[str]]:
    """A row for each condition, under `HEADER`."""
    return [
        [
            name,
            shown.missed(f),
            shown.rate(f),
            *(shown.missed(f["at"][rate]) if "at" in f else "-" for rate in ("0.5", "0.1")),
            _area(f),
        ]
        for name, f in measured["conditions"].items()
    ]


def folders(measured: dict[str, Any]) -> list[list[str]]:
    """A row for each folder: its name, words, misses, hours and rate."""
    return [shown.row(name, figures) for name, figures in measured["folders"].items()]


def facts(measured: dict[str, Any]) -> list[str]:
    """Sentences on latency, near words, the float model, and speed."""
    late, near, said = measured["latency"], measured["confusables"], []
    if late["events"]:
        said.append(
            f"Event after the word's end: median {late['median_ms']} ms, 95th percentile {late['p95_ms']} ms "
            f"({late['events']} events)."
        )
    if near["words"]:
        low, high = (100 * bound for bound in near["interval"])
        names = ", ".join(near["names"]) or "none"
        said.append(
            f"Near words accepted: {near['accepted']} of {near['words']} ({100 * near['share']:.1f} %, "
            f"{low:.1f} to {high:.1f}): {names}."
        )
    if "float" in measured:
        floating, integer = (f"{100 * measured[kind]['miss_rate']:.1f} %" for kind in ("float", "integer"))
        said.append(
            f"On the mixed clips of its own test voices the integer model, as shipped, misses {integer}; "
            f"the floating-point model misses {floating} at as many false accepts."
        )
    return [*said, f"Measured at {measured['times_real_time']} times real time on one core."]


def text(measured: dict[str, Any]) -> str:
    """Everything for a terminal."""
    tables = [[HEADER, *rows(measured)], [FOLDERS, *folders(measured)]]
    return "\n\n".join([*map(_aligned, tables), "\n".join(facts(measured))])


def write(measured: dict[str, Any], folder: Path) -> Path:
    """Write `evaluation.json`, `det.png`, `scores.png` and the page; gives the page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    pictures = {"det": _png(det_plot(measured)), "scores": _png(score_plot(measured))}
    for name, png in pictures.items():
        (folder / f"{name}.png").write_bytes(png)
    template = Template(resources.files("watchword_training").joinpath("report.html").read_text("utf-8"))
    page = folder / "report.html"
    page.write_text(
        template.substitute(
            title=escape(f'How well "{measured["word"]}" is heard'),
            words=measured["words"],
            hours=f"{measured['hours']:.2f}",
            threshold=measured["threshold"],
            conditions=_html([HEADER, *rows(measured)]),
            folders=_html([FOLDERS, *folders(measured)]),
            facts="".join(f"<li>{escape(fact)}</li>" for fact in facts(measured)),
            **{name: base64.b64encode(png).decode() for name, png in pictures.items()},
        ),
        "utf-8",
    )
    return page


def det_plot(measured: dict[str, Any]) -> Figure:
    """Miss rate against false accepts per hour, a line for each condition."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for name, figures in measured["conditions"].items():
        if "curve" in figures:
            rates, misses = np.array(figures["curve"]).T
            axes.step(np.maximum(rates, 1 / (2 * measured["hours"])), 100 * misses, where="post", label=name)
    axes.set(xscale="log", xlabel="false accepts per hour", ylabel="missed (%)", ylim=(0, None))
    axes.grid(alpha=0.3)
    if axes.get_lines():
        axes.legend()
    return figure


def score_plot(measured: dict[str, Any]) -> Figure:
    """Histograms of the peaks in words and outside, as recorded; the threshold as a line."""
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    axes = figure.subplots()
    scores = measured["conditions"]["clean"]["scores"]
    for name, counts in scores.items():
        shares, edges = np.array(counts) / max(sum(counts), 1), np.linspace(0, 1, len(counts) + 1)
        axes.stairs(shares, edges, label=name, fill=True, alpha=0.5)
    axes.axvline(measured["threshold"], color="black", linewidth=1, label="threshold")
    axes.set(xlabel="peak of the smoothed probability", ylabel="share", yscale="log")
    axes.legend()
    return figure


def _png(figure: Figure) -> bytes:
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=120)
    return file.getvalue()


def _area(figures: dict[str, Any]) -> str:
    return f"{100 * figures['area']:.1f} %" if "area" in figures else "-"


def _aligned(table: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in table)


def _html(table: list[list[str]]) -> str:
    head, *body = table
    named = "".join(f"<th>{cell}</th>" for cell in head)
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in body)
    return f"<table><tr>{named}</tr>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"
