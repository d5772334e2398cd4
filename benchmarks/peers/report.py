"""RESULTS.md: what was measured beside the peers and at the limits, from the files in results/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from benchmarks import people
from benchmarks.peers import quality

BENCHMARKS = Path(__file__).parents[1]
FOLDER = BENCHMARKS / "results/peers"
DOCUMENT = BENCHMARKS / "RESULTS.md"
PLOT = FOLDER / "det.svg"
SALT = "watchword"
"""Of the names inside the plot, so that it is written the same again."""


def write() -> None:
    """Write the document and its plot."""
    DOCUMENT.write_text("\n".join(document()) + "\n", "utf-8")
    if found := _read("peers/quality"):
        draw(found)


def document() -> list[str]:
    """The lines of RESULTS.md."""
    lines = [
        "# Side by side, and at the limits",
        "",
        "Written by `python -m benchmarks.peers report`; do not edit.",
        "",
        "The day in one go and the start were measured with one wide convolution, "
        + "before [decision 13](../docs/decisions/0013-small-convolutions-first.md).",
        "",
    ]
    for name, section in (
        ("peers/cost", _cost),
        ("peers/quality", _quality),
        ("peers/packed", _packed),
        ("soak", _soak),
        ("start", _start),
    ):
        if found := _read(name):
            lines += section(found)
    return lines


def _read(name: str) -> dict[str, Any] | None:
    path = BENCHMARKS / f"results/{name}.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _cost(found: dict[str, Any]) -> list[str]:
    lines = [
        "## What listening costs",
        "",
        f"{found['machine']}; other work ran beside, so ratios within a round count, not milliseconds. Paced: blocks "
        f"of noise arrive as from a microphone, and caches are cold at each. Medians of {found['rounds']} rounds in "
        "which the engines took turns, least and most in parentheses. Start: from Python's start to the first answer.",
        "",
        "| engine | version | words | block | CPU ms per s of audio | times Watchword | times compiled | resident MiB "
        "| start |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in found["rows"]:
        cpu, ratios = row["cpu_per_second"], (row["times_watchword"], row["times_compiled"])
        cells = [
            row["engine"],
            row["version"],
            str(row["words"]),
            f"{row['block'] / 16:g} ms, {'paced' if row['paced'] else 'as fast as it goes'}",
            f"{1000 * cpu['median']:.1f} ({1000 * cpu['least']:.1f} to {1000 * cpu['most']:.1f})",
            *(f"{ratio['median']:.2f} ({ratio['least']:.2f} to {ratio['most']:.2f})" for ratio in ratios),
            f"{row['resident_mib']['median']:.0f}",
            f"{row['ready_seconds']['median']:.2f} s",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]


def _quality(found: dict[str, Any]) -> list[str]:
    lines = [
        f"## What is heard of “{found['word']}”",
        "",
        f"{found['words']} recordings by more than 50 people, and {found['hours']} hours of acted speech "
        f"({found['speech']}) that Watchword never trained on, in one stream with pauses, scored every "
        "80 ms. Watchword's detector was trained from synthetic voices alone; the two others with models come with "
        "theirs, from far larger corpora. PocketSphinx reads the phrase and says yes or no at a setting. In so few "
        "hours both rates allow no false accept at all, or one.",
        "",
        "| engine | condition | missed at 0.5 FA/h (95 %) | at 0.1 | area |",
        "|---|---|---|---|---|",
    ]
    for row in found["rows"]:
        if "setting" in row:
            rate = f"{row['false_accepts_per_hour']:.1f} FA/h"
            cells = [
                f"{row['engine']} at {row['setting']:g}",
                row["condition"],
                f"{people.percent(row)} at {rate}",
                "",
                "",
            ]
        else:
            low, high = row["at"]["0.5"]["miss_rate_interval"]
            missed = f"{people.percent(row['at']['0.5'])} ({100 * low:.1f} to {100 * high:.1f})"
            cells = [
                row["engine"],
                row["condition"],
                missed,
                people.percent(row["at"]["0.1"]),
                f"{100 * row['area']:.1f}",
            ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, *_near(found), "", f"![misses against false accepts]({PLOT.relative_to(BENCHMARKS)})", ""]


def _near(found: dict[str, Any]) -> list[str]:
    share = f"{100 * quality.SHARE:g} %"
    lines = [
        "",
        f"{found['near_words']} words that sound like it, by synthetic voices that taught Watchword nothing, at the "
        f"threshold with which each engine comes and where it misses {share} of the people:",
        "",
        f"| engine | threshold | people missed | false accepts in {found['hours']} h | near words accepted "
        f"| where {share} are missed |",
        "|---|---|---|---|---|---|",
    ]
    for row in found["near"]:
        few = row["accepted_where_few_are_missed"]
        cells = [
            row["engine"],
            f"{row['threshold']:g}" if few is not None else "yes or no",
            f"{100 * row['missed']:.1f} %",
            str(row["false_accepts"]),
            str(row["accepted"]),
            str(few) if few is not None else "-",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _packed(found: dict[str, Any]) -> list[str]:
    lines = [
        f"## Sentences full of words like “{found['word']}”",
        "",
        f"{found['sentences']} sentences, {found['minutes']} minutes, in which voices that taught Watchword nothing "
        "say “activity”, “deactivated”, “captivate” and others, but never the word as one of its own.",
        "",
        "| engine | version | events |",
        "|---|---|---|",
    ]
    for row in found["rows"]:
        name = f"{row['engine']} at {row['threshold']:g}" if "threshold" in row else row["engine"]
        lines.append(f"| {name} | {row['version']} | {row['events']} |")
    return [*lines, ""]


def _soak(found: dict[str, Any]) -> list[str]:
    same = "the same" if found["identical"] else "not the same"
    return [
        "## A day in one go",
        "",
        f"{found['hours']} hours of audio in {found['pushes']:,} pushes of 80 ms, and again in pushes of an hour "
        f"(`python -m benchmarks.soak`): {found['events']} events at a low threshold, {same} in both. Resident memory "
        f"moved by {found['growth_mib']} MiB after the second hour; events came {found['drift_seconds']} s later in "
        "the second half of the day than in the first.",
        "",
    ]


def _start(found: dict[str, Any]) -> list[str]:
    return [
        "## From the command to the first sound",
        "",
        f"`watchword listen` on a PulseAudio source, {found['runs']} starts (`python -m benchmarks.start`): audio is "
        f"heard {found['median_seconds']:.2f} s after the command (median; {found['least_seconds']:.2f} to "
        f"{found['most_seconds']:.2f}); a Python that imports nothing takes {found['python_seconds']:.2f} s of that.",
        "",
    ]


def draw(found: dict[str, Any]) -> None:
    """The curves of all engines, a panel per condition."""
    conditions = list(dict.fromkeys(row["condition"] for row in found["rows"]))
    with mpl.rc_context({"svg.hashsalt": SALT}):
        figure, panels = plt.subplots(1, len(conditions), figsize=(9, 4), sharey=True, squeeze=False)
        for panel, condition in zip(panels[0], conditions, strict=True):
            for row in (row for row in found["rows"] if row["condition"] == condition):
                if "curve" in row:
                    panel.step(*zip(*row["curve"], strict=True), where="post", label=row["engine"])
                else:
                    panel.plot(row["false_accepts_per_hour"], row["miss_rate"], "k+")
            panel.set(title=condition, xlabel="false accepts per hour", xscale="symlog", ylim=(0, 1))
        panels[0][0].set_ylabel("missed")
        panels[0][-1].legend()
        figure.tight_layout()
        figure.savefig(PLOT, metadata={"Date": None})
        plt.close(figure)
