"""How fast networks learn to hear: the ears' own clips, the same steps, other layers.

    python -m benchmarks.hearing run --row shipped --shared ../shared/data --packaged recordings
    python -m benchmarks.hearing table docs/decisions/0013-small-convolutions-first.md

`run` fits one network to the embeddings of clear speech in fewer steps than the recipe "ears", in floating point,
and writes a file into benchmarks/results/hearing with the share of the variance that it misses of unheard clips;
`table` puts all of them into a document, those too that were fitted by AdamW alone (decision 14).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from benchmarks import people

from watchword_training import pipeline, pretraining, recipes
from watchword_training.model_specs import ConvolutionSpec, NetworkSpec
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.shards import generation
from watchword_training.workers import workers

RESULTS = Path(__file__).parent / "results/hearing"
STEPS = 500
FRAMES = 100
"""Of levels in a second."""

SMALL = (
    ConvolutionSpec(channels=16, frames=4, bands=5, frame_stride=2, band_stride=2),
    ConvolutionSpec(channels=32, frames=4, bands=4, frame_stride=2, band_stride=2),
    ConvolutionSpec(channels=48, frames=3, bands=4, band_stride=2),
)
ROWS: Mapping[str, tuple[str, NetworkSpec]] = {
    "shipped": ("as in the recipe", recipes.load("ears").network),
    "shallow": (
        "three small convolutions, answers every 40 ms",
        NetworkSpec(local=SMALL, kernel=3, stride=1, channels=112, hidden=144, layers=1, dropout=0.05),
    ),
    "wide": (
        "one convolution over all bands, two recurrent layers, answers every 40 ms",
        NetworkSpec(channels=128, hidden=112, dropout=0.05),
    ),
}
"""By name: what it is, and its network."""


def recipe(row: str, seed: int) -> Recipe:
    """The recipe of a row."""
    ears = recipes.load("ears")
    fit = replace(ears.fit, ears=False, steps=STEPS, batch=32, learning_rate=1e-2, averaging=0.99)
    return replace(ears, seed=seed, network=ROWS[row][1], fit=fit)


def products(network: NetworkSpec, mels: int) -> int:
    """Multiplications in a second: each weight of a convolution once at each place, others once a step."""
    rate, total = FRAMES, 0
    for convolved in network.convolutions(mels):
        rate //= convolved.spec.frame_stride
        total += convolved.columns * convolved.spec.channels * convolved.places * rate
    inputs = [network.channels, *(network.hidden for _ in range(network.layers - 1))]
    return total + rate * sum(3 * network.hidden * (size + network.hidden) for size in inputs)


def run(arguments: argparse.Namespace) -> None:
    """Fit one row, and write what it misses."""
    chosen = recipe(arguments.row, arguments.seed)
    with workers(arguments.processes) as pool:
        material, train, validation = pretraining.clips(
            replace(chosen, seed=0), people.given(arguments.shared, arguments.packaged), pool
        )
    folder = pipeline.kept("runs", generation(material), len(train), chosen.network, chosen.fit, chosen.seed)
    fitted = pretraining.fitted(chosen, train, validation, folder)
    with torch.no_grad():
        left = float(pretraining.missed(chosen, *fitted, validation, np.arange(len(validation))))
    mels = chosen.features.mels
    found = {
        "row": arguments.row,
        "what": ROWS[arguments.row][0],
        "seed": arguments.seed,
        "steps": STEPS,
        "weights": sum(p.numel() for p in Network(chosen.network, mels).parameters()),
        "multiplications_per_second": products(chosen.network, mels),
        "missed": round(left, 4),
    }
    people.keep(RESULTS / f"{arguments.row}-{arguments.seed}.json", found)


def table() -> list[str]:
    """The results as lines of a Markdown table, the best first."""
    lines = [
        f"| network | seed | weights | million multiplications per second | variance missed after {STEPS} steps |",
        "|---|---|---|---|---|",
    ]
    results = [json.loads(path.read_text("utf-8")) for path in RESULTS.glob("*.json")]
    for result in sorted(results, key=lambda r: float(r["missed"])):
        cells = [
            result["what"],
            str(result["seed"]),
            f"{result['weights']:,}",
            f"{result['multiplications_per_second'] / 1e6:.1f}",
            f"{100 * result['missed']:.1f} %",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, None, ROWS, run, table)
