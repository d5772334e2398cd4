"""Clips for people: the sound as WAV, the spectrogram and the labels as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import torch
from matplotlib.figure import Figure

from watchword_training.clips import Clip, Mixer
from watchword_training.dataset import Material
from watchword_training.frontend import Frontend
from watchword_training.labels import targets
from watchword_training.lines import Split
from watchword_training.recipe import SAMPLE_RATE, Recipe


def write(material: Material, split: Split, indices: Sequence[int], folder: Path) -> list[Path]:
    """Write the clips `indices` of `split` into `folder`; gives the WAV files, each with a PNG beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    mixer = Mixer(material.recipe, split, material.sounds(split))
    frontend = Frontend(material.recipe.features)
    written = []
    for index in indices:
        clip = mixer.clip(index)
        path = folder / f"{split}-{index}.wav"
        soundfile.write(path, clip.pcm, SAMPLE_RATE)
        picture(material.recipe, clip, frontend).savefig(path.with_suffix(".png"), dpi=110)
        written.append(path)
    return written


def picture(recipe: Recipe, clip: Clip, frontend: Frontend) -> Figure:
    """Spectrogram above, labels below, the words named where they lie."""
    levels = frontend.clip(torch.from_numpy(clip.pcm)[None])[0].numpy()
    seconds = len(clip.pcm) / SAMPLE_RATE
    figure = Figure(figsize=(12, 4.5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    above.imshow(levels.T, origin="lower", aspect="auto", extent=(0, seconds, 0, levels.shape[1]), cmap="magma")
    above.set_ylabel("mel band")
    for word in clip.words:
        start, end = word.start / SAMPLE_RATE, word.end / SAMPLE_RATE
        colour = "lime" if word.positive else "white"
        above.plot([start, end], [1, 1], color=colour, linewidth=3)
        above.text(start, 2, word.kind, color=colour, fontsize=8)
    target, weight = targets(recipe, clip.spans, len(levels) // recipe.network.stride)
    time = (np.arange(len(target)) + 1) * recipe.samples_per_step / SAMPLE_RATE
    below.step(time, target, where="pre", label="target")
    below.step(time, weight, where="pre", label="weight", alpha=0.5)
    below.set_xlabel("seconds")
    below.legend(loc="upper right", fontsize=8)
    return figure
