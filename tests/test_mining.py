"""Hard negatives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from tests.recordings import speechlike

from watchword_training import mining
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.sounds import Library, Piece


class Loud(Network):
    """Takes for the word whatever sounds."""

    def forward(self, levels: torch.Tensor) -> torch.Tensor:
        """Logits (batch, step): high where the last frames are loud."""
        stride = self.spec.stride
        steps = levels[:, : levels.shape[1] // stride * stride].double().mean(2).unfold(1, stride, stride).mean(2)
        return (steps - 120) * 2


def library(folder: Path) -> Library:
    """A short word, and half a minute of silence with a sound at 20 s."""
    long = np.zeros(30 * 16_000, np.int16)
    long[20 * 16_000 : 21 * 16_000] = speechlike(1.0)
    np.save(folder / "all.npy", np.concatenate([speechlike(1.0), long]))
    word = Piece(0, 0, 16_000, (0, 16_000), "word")
    speech = Piece(0, 16_000, len(long), (0, len(long)), "speech")
    return Library((folder / "all.npy",), {"near": [word], "positive": [word], "speech": [speech]})


def test_what_is_taken_for_the_word_is_found(tmp_path: Path) -> None:
    """
    A short sound is kept whole, of a long one what surrounds the peak; positives are not looked through.
    """
    recipe = Recipe()

    found = mining.mine(recipe, Loud(recipe.network, recipe.features.mels), library(tmp_path))

    assert found[0] == Piece(0, 0, 16_000, (0, 16_000), "word")
    assert {piece.source.partition(" ")[0] for piece in found} == {"word", "speech"}
    for piece in found[1:]:
        assert piece.length <= mining.BEFORE + mining.AFTER
        assert piece.start <= 16_000 + 21 * 16_000
        assert piece.start + piece.length >= 16_000 + 20 * 16_000


def test_a_network_that_is_sure_finds_nothing(tmp_path: Path) -> None:
    """
    Without a sound above the threshold there are no hard negatives.
    """
    recipe = Recipe()
    network = Network(recipe.network, recipe.features.mels)
    torch.nn.init.constant_(network.output.bias, -20)

    assert mining.mine(recipe, network, library(tmp_path)) == []
