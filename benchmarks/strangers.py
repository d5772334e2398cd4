"""What the ears miss of clean speech: of the recordings that they were made of, of others, and of other people.

    python -m benchmarks.strangers run --shared ../shared/data --packaged recordings
    python -m benchmarks.strangers table docs/decisions/0013-small-convolutions-first.md

`run` writes benchmarks/results/strangers.json with the share of the embeddings' variance that the ears of the
package miss where somebody speaks. Ears that miss more of people whom they never heard would need more people; ears
that miss as much of all would need a better network, or better lessons: beside it stands how far the embeddings
themselves move, as a share of the same variance, when white noise is added that hardly anybody would hear.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from benchmarks import people
from torch import Tensor
from tqdm import tqdm

from watchword_training import ears, recipes
from watchword_training.corpus import open_corpus
from watchword_training.data_specs import Split
from watchword_training.ears import Reading
from watchword_training.embedding import Embedding
from watchword_training.frontend import Frontend
from watchword_training.network import Network
from watchword_training.noise import amplitude, to_pcm
from watchword_training.recipe import EMBEDDING_HOP, SAMPLE_RATE, Recipe
from watchword_training.voices import Pcm

RESULTS = Path(__file__).parent / "results/strangers.json"
SECONDS = 240
"""Of each part."""

LONGEST = 10 * SAMPLE_RATE
"""Samples of a recording that are heard, at most."""

SHORTEST = 8
"""Hops that it needs."""

NOISE = 30
"""How far below the loudest hop white noise lies that is added (decibels)."""

PARTS: Mapping[Split, str] = {"train": "heard", "test": "others of the same kind"}
LOUD = 1e-3
"""Power of a hop in which somebody speaks, beside the loudest of the recording."""


class Listener:
    """The ears of the package, beside what they imitate."""

    def __init__(self, recipe: Recipe) -> None:
        made = ears.load()
        self._network, self._reading = Network(made.network, recipe.features.mels), Reading(made.network.hidden)
        made.begin(self._network, self._reading)
        self._network.eval()
        self._steps = recipe.embedded_steps
        self._frontend, self._embedding = Frontend(recipe.features), Embedding()

    @torch.no_grad()
    def shares(self, pieces: Sequence[Pcm]) -> tuple[float, float]:
        """Shares of the variance of the embeddings of some recordings: what is missed, and what noise moves."""
        missed = moved = whole = seconds = 0.0
        rng = np.random.default_rng(0)
        for i in rng.permutation(len(pieces)):
            hops = min(len(pieces[i]), LONGEST) // EMBEDDING_HOP
            if hops < SHORTEST or seconds > SECONDS:
                continue
            pcm = np.array(pieces[i][: hops * EMBEDDING_HOP])
            levels = self._frontend.clip(torch.from_numpy(pcm)[None])
            read = self._reading(self._network.hidden(levels)[0, self._steps])
            wanted = self._wanted(pcm)
            power = np.square(pcm.reshape(hops, EMBEDDING_HOP).astype(float)).mean(1)
            spoken = torch.from_numpy(power > LOUD * power.max())
            noise = rng.normal(0, np.sqrt(power.max()) * amplitude(-NOISE), len(pcm))
            disturbed = self._wanted(to_pcm(pcm + noise))
            missed += float((read - wanted)[spoken].square().sum())
            moved += float((disturbed - wanted)[spoken].square().sum())
            whole += float(wanted[spoken].square().sum())
            seconds += len(pcm) / SAMPLE_RATE
        return missed / whole, moved / whole

    def _wanted(self, pcm: Pcm) -> Tensor:
        return self._reading.standardized(torch.from_numpy(self._embedding.clip(pcm).astype(np.float32)))


def parts(recipe: Recipe, shared: Path, packaged: Path) -> Iterator[tuple[str, str, Sequence[Pcm]]]:
    """Who is heard, whether the ears heard it before, and the recordings."""
    for folder in people.given(shared, packaged, noise=False).negatives:
        corpus = open_corpus(folder.path)
        pieces = corpus.pieces()
        for split, told in PARTS.items():
            indices = corpus.indices(split, recipe.clips.validation_share, recipe.clips.test_share)
            yield folder.path.name, told, [pieces[i] for i in indices]
    for path in (packaged / people.UNHEARD[0], *(shared / "words" / word for word in people.WORDS)):
        yield path.name, "other people", open_corpus(path).pieces()


def run(arguments: argparse.Namespace) -> None:
    """Write what is missed of every part."""
    recipe = recipes.load("ears")
    listener = Listener(recipe)
    rows = []
    heard = list(parts(recipe, arguments.shared, arguments.packaged))
    for name, kind, pieces in tqdm(heard, desc="listening", unit="part"):
        missed, moved = listener.shares(pieces)
        rows.append({"of": name, "told": kind, "missed": round(missed, 3), "moved": round(moved, 3)})
    people.keep(RESULTS, {"ears": ears.digest(), "rows": rows})


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    lines = [
        f"| recordings | for the ears | variance missed, clean | moved by noise {NOISE} dB below |",
        "|---|---|---|---|",
    ]
    for row in json.loads(RESULTS.read_text("utf-8"))["rows"]:
        lines.append(f"| {row['of']} | {row['told']} | {100 * row['missed']:.0f} % | {100 * row['moved']:.0f} % |")
    return lines


if __name__ == "__main__":
    people.command(__doc__, None, (), run, table)
