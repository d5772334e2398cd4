"""How weights move: matrices by Muon, all others by AdamW, both along one cycle of the learning rate."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from watchword_training.model_specs import FitSpec
from watchword_training.network import Network

MATRICES = 5.0
"""Learning rate of matrices, as a multiple of that of all other weights."""

RISE = 0.1
"""Share of the steps in which the learning rate rises."""

LEAST = 0.01
"""Where it ends, beside its peak."""

DECAY = 0.01
"""Weight decay."""

LONGEST_GRADIENT = 1.0
"""Norm to which the gradient of the network is cut."""


class Descent:
    """
    The optimizer of a network and of what is read from its state.

    Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon) makes all singular values of a matrix's step
    alike, so that directions which the gradient seldom shows are learned, too: in few steps, and every word has few,
    networks of this size come much further than by AdamW (decision 14).
    """

    def __init__(self, fit: FitSpec, network: Network, *readers: nn.Module) -> None:
        self._fit, self._network = fit, network
        matrices = network.matrices()
        known = {id(matrix) for matrix in matrices}
        others = [p for module in (network, *readers) for p in module.parameters() if id(p) not in known]
        self._matrices = torch.optim.Muon(matrices, MATRICES * fit.learning_rate, weight_decay=DECAY)
        self._others = torch.optim.AdamW(others, fit.learning_rate, weight_decay=DECAY)

    def step(self, loss: Tensor, step: int) -> None:
        """Move against the gradient of `loss`, as far as step number `step` may."""
        rate = self._fit.learning_rate * _cycle(step / self._fit.steps, 1 / self._fit.steps)
        for optimizer, factor in ((self._matrices, MATRICES), (self._others, 1.0)):
            optimizer.zero_grad()
            for group in optimizer.param_groups:
                group["lr"] = factor * rate
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._network.parameters(), LONGEST_GRADIENT)
        self._matrices.step()  # type: ignore[no-untyped-call]
        self._others.step()

    def state_dict(self) -> dict[str, Any]:
        """The states of both optimizers."""
        return {"matrices": self._matrices.state_dict(), "others": self._others.state_dict()}

    def load_state_dict(self, state: dict[str, Any], /) -> None:
        """Take them over."""
        self._matrices.load_state_dict(state["matrices"])
        self._others.load_state_dict(state["others"])


def _cycle(done: float, step: float) -> float:
    """The learning rate beside its peak when a share `done` of the steps is behind: linear rise, cosine fall."""
    if done < RISE:
        return (done + step) / max(RISE, step)
    return LEAST + (1 - LEAST) * (1 + math.cos(math.pi * (done - RISE) / (1 - RISE))) / 2
