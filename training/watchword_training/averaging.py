"""Running averages of weights (Polyak and Juditsky 1992)."""

from __future__ import annotations

import torch
from torch import nn


@torch.no_grad()
def follow(mean: nn.Module, now: nn.Module, kept: float, step: int) -> None:
    """Let the average `mean` follow the weights after step `step`: a share `kept` of it stays, at first much less."""
    kept = min(kept, (step + 1) / (step + 11))
    weights = now.state_dict()
    for name, average in mean.state_dict().items():
        if average.is_floating_point():
            average.lerp_(weights[name], 1 - kept)
