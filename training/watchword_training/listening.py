"""Clips for people: the sound, its picture, and a page that shows and plays them without a network."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import soundfile
import torch
from matplotlib.figure import Figure

from watchword_training.clips import Clip, Mixer
from watchword_training.data_specs import Split
from watchword_training.frontend import Frontend
from watchword_training.labels import targets
from watchword_training.recipe import SAMPLE_RATE, Recipe

LEFT, RIGHT = 0.06, 0.99
"""Shares of a picture's width between which its plots lie; the page's cursor moves between them."""


def write(recipe: Recipe, mixer: Mixer, split: Split, indices: Sequence[int], folder: Path) -> Path:
    """Write the clips `indices` of `split` into `folder`; gives the page that shows them."""
    folder.mkdir(parents=True, exist_ok=True)
    frontend = Frontend(recipe.features)
    entries = []
    for index in indices:
        clip, name = mixer.clip(index), f"{split}-{index}"
        soundfile.write(folder / f"{name}.wav", clip.pcm, SAMPLE_RATE)
        picture(recipe, clip, frontend).savefig(folder / f"{name}.png", dpi=110)
        entries.append({"clip": name, **clip.entry})
    (folder / "clips.json").write_text(json.dumps(entries, indent=1) + "\n", "utf-8")
    page = folder / "index.html"
    page.write_text(page_of(f"{recipe.word}: {split} clips", entries, recipe.clips.seconds), "utf-8")
    return page


def page_of(title: str, entries: Sequence[dict[str, Any]], seconds: float) -> str:
    """The page that shows clips which lie beside it; `entries` are those of the index."""
    template = Template(resources.files("watchword_training").joinpath("preview.html").read_text("utf-8"))
    return template.substitute(
        title=escape(title),
        count=len(entries),
        clips="\n".join(map(_article, entries)),
        left=f"{100 * LEFT}%",
        left_share=LEFT,
        right_share=RIGHT,
        seconds=seconds,
    )


def _article(entry: dict[str, Any]) -> str:
    name = escape(entry["clip"])
    made = {
        "level": f"{entry['level']} dBFS",
        "signal to noise": f"{entry['snr']} dB",
        "room": "none" if entry["room"] is None else str(entry["room"]),
        "background": "; ".join(entry["background"]),
        "channel": ", ".join(entry["effects"]) or "clean",
    }
    words = [
        f'<dt><button class="{"yes" if word["positive"] else "no"}" data-start="{word["start"] / SAMPLE_RATE:.2f}">'
        f"{escape(word['kind'])} {word['start'] / SAMPLE_RATE:.2f} to {word['end'] / SAMPLE_RATE:.2f} s</button></dt>"
        f'<dd class="source">{escape(word["source"])}</dd>'
        for word in entry["words"]
    ]
    facts = [f"<dt>{key}</dt><dd>{escape(value)}</dd>" for key, value in made.items()]
    return "\n".join(
        [
            f'<article id="{name}"><h2>{name}</h2>',
            f'<div class="picture"><img src="{name}.png" alt="spectrogram and target of {name}" loading="lazy">'
            '<div class="cursor"></div></div>',
            f'<audio src="{name}.wav" controls preload="none"></audio>',
            f"<dl>{''.join(words)}{''.join(facts)}</dl></article>",
        ]
    )


def picture(recipe: Recipe, clip: Clip, frontend: Frontend) -> Figure:
    """The spectrogram with the words named where they lie; below, the waveform with target and weight."""
    levels = frontend.clip(torch.from_numpy(clip.pcm)[None])[0].numpy()
    seconds = len(clip.pcm) / SAMPLE_RATE
    figure = Figure(figsize=(12, 4.5))
    figure.subplots_adjust(left=LEFT, right=RIGHT, top=0.97, bottom=0.1, hspace=0.08)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1.4])
    above.imshow(levels.T, origin="lower", aspect="auto", extent=(0, seconds, 0, levels.shape[1]), cmap="magma")
    above.set_ylabel("mel band")
    for word in clip.words:
        start, end = word.start / SAMPLE_RATE, word.end / SAMPLE_RATE
        colour = "lime" if word.positive else "white"
        above.plot([start, end], [1, 1], color=colour, linewidth=3)
        above.text(start, 2, word.kind, color=colour, fontsize=8)
    below.plot(np.arange(len(clip.pcm)) / SAMPLE_RATE, clip.pcm / 32_768, color="0.7", linewidth=0.3)
    steps = len(levels) // recipe.network.frames_per_step
    target, weight = targets(recipe.fit, clip.spans, steps, recipe.samples_per_step)
    time = (np.arange(len(target)) + 1) * recipe.samples_per_step / SAMPLE_RATE
    below.step(time, target, where="pre", label="target", color="tab:green")
    below.step(time, weight, where="pre", label="weight", color="tab:orange", alpha=0.7)
    below.set(xlabel="seconds", xlim=(0, seconds), ylim=(-1.05, max(1.1, recipe.fit.positive_weight + 0.1)))
    below.legend(loc="upper right", fontsize=8)
    return figure
