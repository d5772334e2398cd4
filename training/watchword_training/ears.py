"""What training starts from: a network that tells speech embeddings from what a device hears, made once for all words.

`pretraining` makes it. Nothing in it knows a trigger word; every word's own training only has to add that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import cattrs
import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn

from watchword.bundle import Corpus
from watchword.errors import RecipeError
from watchword_training.embedding import VALUES
from watchword_training.model_specs import FitSpec, NetworkSpec
from watchword_training.network import Network

FILE = "ears.safetensors"


class Reading(nn.Module):
    """Reads standardized speech embeddings from a network's state; thrown away after training."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, units: int) -> None:
        super().__init__()
        self.projection = nn.Linear(units, VALUES)
        self.register_buffer("mean", torch.zeros(VALUES))
        self.register_buffer("deviation", torch.ones(VALUES))

    def standardized(self, embeddings: Tensor) -> Tensor:
        """Embeddings (batch, hop, value) at a mean of 0 and a deviation of 1 wherever somebody speaks."""
        return (embeddings - self.mean) / self.deviation

    def forward(self, hidden: Tensor) -> Tensor:
        """Standardized embeddings (batch, hop, value) as far as the state (batch, hop, unit) tells them."""
        read: Tensor = self.projection(hidden)
        return read


@dataclass(frozen=True)
class Ears:
    """Weights, and what they were made with."""

    weights: Mapping[str, Tensor]
    """Of the network, by "network.<name>", and of the reading of its state, by "reading.<name>"."""

    network: NetworkSpec
    """What network they are of."""

    corpora: Sequence[Corpus]
    """What was heard."""

    used: Mapping[str, Sequence[str]]
    """Hashes of the recordings that were heard, as in a bundle's sources."""

    def begin(self, network: Network, reading: Reading) -> None:
        """Give a fresh network and reading these weights; all but those of the output, which knows a word."""
        _refuse_other(self.network, network.spec)
        for prefix, module in (("network.", network), ("reading.", reading)):
            own = {name.removeprefix(prefix): w.float() for name, w in self.weights.items() if name.startswith(prefix)}
            state = module.state_dict()
            module.load_state_dict({name: own.get(name, value) for name, value in state.items()})


def _refuse_other(own: NetworkSpec, spec: NetworkSpec) -> None:
    """RecipeError when a recipe's network has other sizes than that of the ears; dropout is none of them."""
    expected, found = asdict(own), asdict(replace(spec, dropout=own.dropout))
    if different := [f"network.{k} is {found[k]}, expected {v}" for k, v in expected.items() if found[k] != v]:
        raise RecipeError(
            f"{'; '.join(different)}, as in the ears that training starts from; "
            "give the recipe's network their sizes, or set fit.ears to false"
        )


def digest() -> str:
    """SHA-256 of the ears that come with the package."""
    return hashlib.sha256((resources.files(__package__) / FILE).read_bytes()).hexdigest()


def start(fit: FitSpec) -> str:
    """What a fit begins with: the digest of these ears, or nothing."""
    return digest() if fit.ears else ""


def load(path: Path | None = None) -> Ears:
    """The ears in a file; without one, those that come with the package."""
    with resources.as_file(resources.files(__package__) / FILE) as own:
        file = path or own
        weights = safetensors.torch.load_file(file)
        with safetensors.safe_open(file, "pt") as opened:
            told: dict[str, Any] = json.loads(opened.metadata()["made"])
    corpora = [Corpus(**corpus) for corpus in told["corpora"]]
    return Ears(weights, cattrs.structure(told["network"], NetworkSpec), corpora, told["used"])


def save(path: Path, network: Network, reading: Reading, corpora: Sequence[Corpus], used: Mapping[str, Any]) -> None:
    """Write ears as half-precision numbers: far finer than the 8 bits that a bundle keeps."""
    told = {
        "network": asdict(network.spec),
        "corpora": [{"name": c.name, "licence": c.licence} for c in corpora],
        "used": used,
    }
    named = (("network", network, ("output.",)), ("reading", reading, ()))
    weights = {
        f"{prefix}.{name}": value.half().contiguous()
        for prefix, module, without in named
        for name, value in module.state_dict().items()
        if value.is_floating_point() and not name.startswith(without)
    }
    safetensors.torch.save_file(weights, path, {"made": json.dumps(told)})
