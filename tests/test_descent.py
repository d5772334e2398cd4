"""How weights move."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn

from watchword_training.descent import LEAST, Descent
from watchword_training.model_specs import FitSpec, NetworkSpec
from watchword_training.network import Network

SIZE = NetworkSpec(channels=16, hidden=16, layers=1, dropout=0.0)
RATE = 0.01


def begun(steps: int) -> tuple[Network, nn.Linear, Descent]:
    """A fresh network, something that reads its state, and what moves them in so many steps."""
    torch.manual_seed(0)
    network, reader = Network(SIZE, 40), nn.Linear(16, 4)
    return network, reader, Descent(FitSpec(steps=steps, learning_rate=RATE), network, reader)


def loss(network: Network, reader: nn.Linear) -> Tensor:
    """Of something read from some noise."""
    levels = torch.randint(0, 256, (4, 64, 40), generator=torch.Generator().manual_seed(1))
    read: Tensor = reader(network.hidden(levels))
    return (read - 1).square().mean()


def test_every_direction_of_a_matrix_moves_alike() -> None:
    """
    The first step of a recurrent matrix has singular values of one size, though those of its gradient differ a lot.
    """
    network, reader, descent = begun(1)
    matrix = network.matrices()[-1]
    before = deepcopy(matrix.detach())

    descent.step(loss(network, reader), 0)

    assert matrix.grad is not None
    shown = torch.linalg.svdvals(matrix.grad)
    moved = torch.linalg.svdvals(matrix.detach() - before)
    assert shown[0] > 100 * shown[12]
    assert moved[0] < 2 * moved[12]


@pytest.mark.parametrize(("step", "rate"), [(0, 0.1 * RATE), (9, RATE), (10, RATE), (99, LEAST * RATE)])
def test_the_learning_rate_rises_and_falls(step: int, rate: float) -> None:
    """
    The rate of a bias, seen in its first move by AdamW, rises in a tenth of the steps and falls.
    """
    network, reader, descent = begun(100)
    before = reader.bias.detach().clone()

    descent.step(loss(network, reader), step)

    moved = (reader.bias.detach() - before).abs()
    assert moved.max() == pytest.approx(rate, rel=0.05)


def test_all_weights_move() -> None:
    """
    No weight of the network or of what reads its state stays as it was, but the output's, which is not in the loss.
    """
    network, reader, descent = begun(4)
    before = deepcopy([*network.state_dict().items(), *reader.state_dict().items()])

    descent.step(loss(network, reader), 0)

    now = [*network.state_dict().items(), *reader.state_dict().items()]
    still = [name for (name, old), (_, new) in zip(before, now, strict=True) if torch.equal(old, new)]
    assert still == ["output.weight", "output.bias"]
