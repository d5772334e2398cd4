"""The network of a well-known course's trigger-word exercise, trained on the same clips: the baseline row.

    python -m benchmarks.coursera --word alexa --shared ../shared/data --packaged recordings

A spectrogram of 101 bins and 5,511 frames for ten seconds, a convolution of 196 channels over 15 frames every fourth,
two recurrent layers of 128, dropout of 0.8, an output per step (A. Ng et al., "Sequence Models", Coursera 2018). Three
things differ: the frames are taken at 16 kHz, their power is a logarithm (the exercise's own recordings all had one
level), and the first and last dropouts alone are 0.8, so that few steps suffice. Nothing is quantized.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from benchmarks import exploration, people
from torch import Tensor, nn
from tqdm import tqdm

from watchword.detector import Event
from watchword.hearing import TAIL_SECONDS
from watchword.trigger import Smoothed, peaks
from watchword_training import conditions, det, pipeline
from watchword_training.clips import Mixer
from watchword_training.dataset import mixer
from watchword_training.evaluate import Evaluation
from watchword_training.labels import classification, targets
from watchword_training.protocol import Recordings
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.voices import Pcm
from watchword_training.workers import Workers, workers

RESULTS = Path(__file__).parent / "results/exploration"
WINDOW, HOP = 200, 29
KERNEL, STRIDE = 15, 4
STEP = HOP * STRIDE
SMOOTHING = round(0.16 * SAMPLE_RATE / STEP)
REFRACTORY = round(0.8 * SAMPLE_RATE / STEP)
STEPS, BATCH, LEARNING_RATE = 300, 16, 1e-3


class Baseline(nn.Module):
    """523,000 parameters."""

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
        """Logits (batch, step) of int16 samples (batch, time)."""
        frames = (pcm.float() / 32_768).unfold(1, WINDOW, HOP)
        power = torch.fft.rfft(frames * self.window).abs().square()
        x = self.convolution((power + 1e-8).log().transpose(1, 2))
        x = self.much(torch.relu(self.norms[0](x))).transpose(1, 2)
        for layer, norm in ((self.first, self.norms[1]), (self.second, self.norms[2])):
            x = norm(self.some(layer(x)[0]).transpose(1, 2)).transpose(1, 2)
        logits: Tensor = self.output(self.much(x)).squeeze(-1)
        return logits


def fitted(recipe: Recipe, clips: Mixer) -> Baseline:
    """The baseline, fitted to clips that are mixed as it goes: every step hears new ones."""
    torch.manual_seed(recipe.seed)
    model = Baseline()
    optimizer = torch.optim.Adam(model.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=STEPS)
    for step in tqdm(range(STEPS), desc="baseline", unit="step"):
        batch = [clips.clip(step * BATCH + i) for i in range(BATCH)]
        logits = model(torch.from_numpy(np.stack([clip.pcm for clip in batch])))
        pairs = [targets(recipe.fit, clip.spans, logits.shape[1], STEP) for clip in batch]
        target, weight = (torch.from_numpy(np.stack(part)) for part in zip(*pairs, strict=True))
        optimizer.zero_grad()
        classification(logits, target, weight).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return model.eval()


@torch.no_grad()
def smoothed(model: Baseline, pcm: Pcm) -> Smoothed:
    """Running means (step,) over a recording and the silence that follows every one."""
    padded = np.pad(pcm, (WINDOW + HOP * (KERNEL - STRIDE), round(TAIL_SECONDS * SAMPLE_RATE)))
    probabilities = torch.sigmoid(model(torch.from_numpy(padded)[None]))[0].numpy()
    kernel = np.full(SMOOTHING, 1 / SMOOTHING)
    means: Smoothed = np.convolve(probabilities.astype(np.float64), kernel)[: len(probabilities)]
    return means


def evaluation(model: Baseline, heard: Iterable[tuple[Pcm, Sequence[tuple[float, float]]]]) -> Evaluation:
    """Peaks of each recording, counted as everywhere."""
    result = Evaluation()
    for pcm, spans in heard:
        seconds = len(pcm) / SAMPLE_RATE
        found = [
            (min((p.step + 1) * STEP / SAMPLE_RATE, seconds), p.score) for p in peaks(smoothed(model, pcm), REFRACTORY)
        ]
        result.add([Event("", time, score) for time, score in found], spans, seconds)
    return result


def measured(model: Baseline, recordings: Recordings, pool: Workers) -> dict[str, Any]:
    """Headline figures as recorded, in ambience and far away."""
    spoken = [*recordings.words, *((pcm, []) for pcm in recordings.negatives)]
    results = {"clean": evaluation(model, spoken)}
    for name, condition in conditions.every(recordings.ambience, pool).items():
        results[name] = evaluation(model, ((condition(n, pcm), spans) for n, (pcm, spans) in enumerate(spoken)))
    return {
        "hours": round(results["clean"].hours, 3),
        "conditions": {name: det.headline(result) for name, result in results.items()},
    }


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--word", required=True)
    people.add_places(parser, Path("out/exploration"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    places = (arguments.shared, arguments.packaged)
    recipe = exploration.recipe("taught", arguments.word, 0)
    with workers(arguments.processes) as pool:
        material = pipeline.gather(recipe, people.given(*places), pool)
        model = fitted(recipe, mixer(material, "train", pool))
        figures = measured(model, people.recordings(recipe, *places), pool)
    found = {"word": arguments.word, "row": "course", "seed": 0, **figures}
    path = RESULTS / f"{arguments.word.replace(' ', '_')}-course-0.json"
    path.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
