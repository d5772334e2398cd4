"""The network of a well-known course's trigger-word exercise, trained on clips of the quick recipe: the baseline row.

    python -m benchmarks.course --word computer --shared ../shared/data --packaged recordings

A spectrogram of 101 bins and 5,511 frames for ten seconds, a convolution of 196 channels over 15 frames every fourth,
two recurrent layers of 128, an output per step (A. Ng et al., "Sequence Models", Coursera 2018). Three things differ:
the frames are taken at 16 kHz, their power is a logarithm (the exercise's own recordings all had one level), and the
first and last dropouts alone are 0.8, so that few steps suffice. Nothing is quantized.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from benchmarks import confirmation, exploration, people
from benchmarks.floating import Listener, measured
from torch import Tensor, nn
from tqdm import tqdm

from watchword_training import pipeline, sources
from watchword_training.bench import mixer
from watchword_training.clips import Mixer
from watchword_training.labels import classification, targets
from watchword_training.recipe import Recipe
from watchword_training.workers import workers

WINDOW, HOP = 200, 29
KERNEL, STRIDE = 15, 4
STEP = HOP * STRIDE
STEPS, BATCH, LEARNING_RATE = 300, 16, 1e-3


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


def fitted(recipe: Recipe, clips: Mixer) -> Baseline:
    """The baseline, fitted to clips that are mixed as it goes: every step hears new ones."""
    torch.set_num_threads(1)
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


def main() -> None:
    """Train, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--word", required=True, help="alexa, computer or 'smart mirror'")
    people.add_places(parser)
    arguments = parser.parse_args()
    recipe, places = confirmation.recipe("quick", arguments.word, 0), (arguments.shared, arguments.packaged)
    with workers(arguments.processes) as pool:
        material = pipeline.gather(recipe, people.given(*places), pool)
        model = fitted(recipe, mixer(material, "train", pool))
        listener = Listener(
            probabilities=lambda pcm: torch.sigmoid(model(pcm)),
            hop=STEP,
            smoothing_seconds=recipe.trigger.smoothing_seconds,
            refractory_seconds=recipe.trigger.refractory_seconds,
        )
        figures = measured(listener, people.recordings(sources.used(material), recipe, *places), pool)
    clips = f"{STEPS} steps of {BATCH} clips of the quick recipe, never repeated"
    exploration.write(recipe, "course", f"baseline: the course's network, {clips}, labels alone", 1, figures)


if __name__ == "__main__":
    main()
