"""The teacher: a detector that reads speech embeddings, too large for a device, fitted in minutes.

Synthetic voices alone teach a network the word, but not what real people sound like. The embeddings come from a
network that has heard many of them, so a recurrent layer above them generalizes; the shipped network learns from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn
from tqdm import tqdm

from watchword_training import batches, cache, labels
from watchword_training.dataset import Dataset
from watchword_training.embedding import VALUES
from watchword_training.model_specs import TeacherSpec
from watchword_training.recipe import Recipe

LEARNING_RATE = 2e-3


class Teacher(nn.Module):
    """One recurrent layer over embeddings, one output per hop."""

    def __init__(self, spec: TeacherSpec) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(VALUES, affine=False)
        self.gru = nn.GRU(VALUES, spec.hidden, batch_first=True)
        self.output = nn.Linear(spec.hidden, 1)
        self.dropout = nn.Dropout(spec.dropout)

    @property
    def mean(self) -> Tensor:
        """Of the embeddings of the training clips (value,)."""
        assert self.norm.running_mean is not None  # BatchNorm1d tracks its statistics unless told otherwise
        return self.norm.running_mean

    @property
    def deviation(self) -> Tensor:
        """The standard deviation of the same (value,)."""
        assert self.norm.running_var is not None
        return torch.sqrt(self.norm.running_var + self.norm.eps)

    def standardized(self, embeddings: Tensor) -> Tensor:
        """Embeddings (batch, hop, value) at a mean of 0 and a deviation of 1 over the training clips."""
        normed: Tensor = self.norm(embeddings.transpose(1, 2)).transpose(1, 2)
        return normed

    def forward(self, embeddings: Tensor) -> Tensor:
        """Logits (batch, hop) of embeddings (batch, hop, value)."""
        return self.conclusion(self.thought(self.standardized(embeddings)))

    def thought(self, standardized: Tensor) -> Tensor:
        """The recurrent state (batch, hop, unit) over standardized embeddings: how much of the word has been said."""
        hidden: Tensor = self.gru(self.dropout(standardized))[0]
        return hidden

    def conclusion(self, thought: Tensor) -> Tensor:
        """Logits (batch, hop) of states (batch, hop, unit)."""
        logits: Tensor = self.output(self.dropout(thought)).squeeze(-1)
        return logits


def fitted(recipe: Recipe, train: Sequence[Dataset], path: Path) -> Teacher:
    """The teacher of a recipe, fitted to an equal part of each of the sets `train`; kept in the file `path`."""
    torch.set_num_threads(1)
    torch.manual_seed(recipe.seed)
    teacher = Teacher(recipe.teacher)
    if path.is_file():
        teacher.load_state_dict(safetensors.torch.load_file(path))
    else:
        _fit(recipe, teacher, train)
        with cache.replacing(path) as partial:
            safetensors.torch.save_file(teacher.state_dict(), partial)
    return teacher.eval().requires_grad_(False)


def _fit(recipe: Recipe, teacher: Teacher, train: Sequence[Dataset]) -> None:
    spec = recipe.teacher
    optimizer = torch.optim.AdamW(teacher.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=spec.steps, pct_start=0.1)
    rng = np.random.default_rng([recipe.seed, 12])
    for _ in tqdm(range(spec.steps), desc="teacher", unit="step"):
        drawn = [batches.embedded(recipe, data, chosen) for data, chosen in batches.shares(rng, train, spec.batch)]
        embeddings, target, weight = (torch.cat(part) for part in zip(*drawn, strict=True))
        optimizer.zero_grad()
        labels.classification(teacher(embeddings), target, weight).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
        optimizer.step()
        schedule.step()
