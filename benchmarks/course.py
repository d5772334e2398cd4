"""The network of a well-known course's trigger-word exercise, trained on what the quick recipe hears: the baseline row.

    python -m benchmarks.course --word computer --shared ../shared/data --packaged recordings

A spectrogram of 101 bins and 5,511 frames for ten seconds, a convolution of 196 channels over 15 frames every fourth,
two recurrent layers of 128, an output per step (A. Ng et al., "Sequence Models", Coursera 2018). Three things differ:
the frames are taken at 16 kHz, their power is a logarithm (the exercise's own recordings all had one level), and the
first and last dropouts alone are 0.8, so that few steps suffice. It hears the mixed clips and recordings that the quick
recipe's network hears, as many of each in a step, for as many steps; labels alone teach it, and nothing is quantized.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain

import numpy as np
import torch
from benchmarks import confirmation, exploration, people
from benchmarks.floating import Listener, measured
from torch import Tensor, nn
from tqdm import tqdm

from watchword_training import parts, pipeline, sources
from watchword_training.batches import shares
from watchword_training.bench import Bench, bench
from watchword_training.clips import Clip
from watchword_training.labels import classification, targets
from watchword_training.recipe import Recipe
from watchword_training.workers import Files, Workers, workers

WINDOW, HOP = 200, 29
KERNEL, STRIDE = 15, 4
STEP = HOP * STRIDE
LEARNING_RATE = 1e-3
PART = 50
"""Clips that a task makes."""


class Baseline(nn.Module):
    """522,000 parameters."""

    window: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW))
        self.convolution = nn.Conv1d(WINDOW // 2 + 1, 196, KERNEL, STRIDE)
        self.norms = nn.ModuleList([nn.BatchNorm1d(size) for size in (196, 128, 128)])
        self.first, self.second = nn.GRU(196, 128, batch_first=True), nn.GRU(128, 128, batch_first=True)
        self.much, self.some = nn.Dropout(0.8), nn.Dropout(0.2)
        self.output = nn.Linear(128, 1)

    def forward(self, pcm: Tensor) -> Tensor:
        """Logits (batch, step) of int16 samples (batch, time), preceded by silence."""
        padded = nn.functional.pad(pcm.float() / 32_768, (WINDOW + HOP * (KERNEL - STRIDE - 1), 0))
        power = torch.fft.rfft(padded.unfold(1, WINDOW, HOP) * self.window).abs().square()
        x = self.convolution((power + 1e-8).log().transpose(1, 2))
        x = self.much(torch.relu(self.norms[0](x))).transpose(1, 2)
        for layer, norm in ((self.first, self.norms[1]), (self.second, self.norms[2])):
            x = norm(self.some(layer(x)[0]).transpose(1, 2)).transpose(1, 2)
        logits: Tensor = self.output(self.much(x)).squeeze(-1)
        return logits


def heard(table: Bench, pool: Workers) -> list[list[Clip]]:
    """Every mixed clip, and every chosen stretch of the given recordings."""
    mixed, recorded = range(table.recipe.clips.train), range(len(table.stretches().chosen))
    return [_made(_mixed, table, mixed, pool), _made(_recorded, table, recorded, pool)]


def _made(make: Callable[..., list[Clip]], table: Bench, numbers: range, pool: Workers) -> list[Clip]:
    made = parts.work(pool, partial(make, table), parts.cut(numbers, PART), "clips", table.files)
    return list(chain.from_iterable(made))


def _mixed(table: Bench, numbers: range, files: Files) -> list[Clip]:
    mixer = table.at(files).mixer()
    return [mixer.clip(i) for i in numbers]


def _recorded(table: Bench, numbers: range, files: Files) -> list[Clip]:
    stretches = table.at(files).stretches()
    return [stretches.clip(stretches.chosen[i]) for i in numbers]


def fitted(recipe: Recipe, sets: Sequence[Sequence[Clip]]) -> Baseline:
    """The baseline, fitted in as many steps as the recipe's network to batches of as many."""
    torch.set_num_threads(1)  # of several the sums, and so the figures, would be others
    torch.manual_seed(recipe.seed)
    rng, fit = np.random.default_rng(recipe.seed), recipe.fit
    model = Baseline()
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=fit.steps)
    for _ in tqdm(range(fit.steps), desc="baseline", unit="step"):
        batch = [clips[i] for clips, chosen in shares(rng, sets, fit.batch) for i in chosen]
        logits = model(torch.from_numpy(np.stack([clip.pcm for clip in batch])))
        pairs = [targets(fit, clip.spans, logits.shape[1], STEP) for clip in batch]
        target, weight = (torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))
        optimizer.zero_grad()
        classification(logits, target, weight).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return model.eval()


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--word", required=True, help="alexa, computer or 'smart mirror'")
    people.add_places(parser)
    arguments = parser.parse_args()
    recipe, places = confirmation.recipe("quick", arguments.word, 0), (arguments.shared, arguments.packaged)
    with workers(arguments.processes) as pool:
        material = pipeline.gather(recipe, people.given(*places), pool)
        model = fitted(recipe, heard(bench(material, "train", pool), pool))
        listener = Listener(
            probabilities=lambda pcm: torch.sigmoid(model(pcm)),
            hop=STEP,
            smoothing_seconds=recipe.trigger.smoothing_seconds,
            refractory_seconds=recipe.trigger.refractory_seconds,
        )
        figures = measured(listener, people.recordings(sources.used(material), recipe, *places), pool)
    taught = f"{recipe.fit.steps} steps on what the quick recipe hears, labels alone"
    exploration.write(recipe, "course", f"baseline: the course's network, {taught}", 1, figures)


if __name__ == "__main__":
    main()
