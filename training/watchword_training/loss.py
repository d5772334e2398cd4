"""What the network is told: the labels, the teacher's opinion of every moment, and what the teacher hears."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from watchword_training.batches import Heard
from watchword_training.embedding import VALUES
from watchword_training.labels import classification
from watchword_training.network import Network
from watchword_training.recipe import EMBEDDING_HOP, Recipe
from watchword_training.teacher import Teacher


class Loss(nn.Module):
    """
    The weighted sum of three losses; two of them compare once per hop of the embeddings.

    Distillation is cross-entropy against the teacher's probabilities (Hinton et al. 2015, arXiv:1503.02531).
    Imitation asks that the embedding can be read from the network's state (FitNets, Romero et al. 2015,
    arXiv:1412.6550): real speech, of which the labels say no more than "not the word", teaches the sounds of it.
    """

    def __init__(self, recipe: Recipe, teacher: Teacher) -> None:
        super().__init__()
        self._fit = recipe.fit
        self._every = EMBEDDING_HOP // recipe.samples_per_step
        self.projection = nn.Linear(recipe.network.hidden, VALUES)
        self._teacher = [teacher]  # in a list, so that its weights are no parameters of this module

    def forward(self, network: Network, heard: Heard) -> Tensor:
        """The loss of one batch."""
        fit, [teacher] = self._fit, self._teacher
        hidden = network.hidden(heard.levels)
        logits = network.logits(hidden)
        last = slice(self._every - 1, None, self._every)
        with torch.no_grad():
            wanted = teacher.standardized(heard.embeddings)
            opinion = torch.sigmoid(teacher.opinion(wanted))
        imitation = functional.smooth_l1_loss(self.projection(hidden[:, last]), wanted)
        distillation = classification(logits[:, last], opinion, 1 + (fit.positive_weight - 1) * opinion)
        labels = classification(logits, heard.target, heard.weight)
        total: Tensor = labels + fit.distillation * distillation + fit.imitation * imitation
        return total
