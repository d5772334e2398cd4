"""What the network is told: the labels, the teacher's opinion of every moment, its thoughts, and what it hears."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from watchword_training.batches import Heard
from watchword_training.ears import Reading
from watchword_training.labels import classification
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.teacher import Teacher

MOST = 10.0
"""Logits of the teacher beyond this are as sure as these."""


class Loss(nn.Module):
    """
    The weighted sum of five losses; all but that of the labels compare once per hop of the embeddings.

    Distillation is cross-entropy against the teacher's probabilities (Hinton et al. 2015, arXiv:1503.02531). Matching
    compares logits: to the cross-entropy everything that is surely not the word is alike, but how far it is from the
    word decides which of two hours of talk wakes the detector first (Ba and Caruana 2014, arXiv:1312.6184).
    Tracking asks that the teacher's recurrent state can be read from the network's: how much of the word has been said.
    Imitation asks the same of the embedding (FitNets, Romero et al. 2015, arXiv:1412.6550): real speech, of which the
    labels say no more than "not the word", teaches the network the sounds of it.
    """

    def __init__(self, recipe: Recipe, teacher: Teacher) -> None:
        super().__init__()
        self._fit = recipe.fit
        self._last = recipe.embedded_steps
        self.reading = Reading(recipe.network.hidden)
        self.reading.mean.copy_(teacher.mean)
        self.reading.deviation.copy_(teacher.deviation)
        self.tracking = nn.Linear(recipe.network.hidden, recipe.teacher.hidden)
        self._teacher = [teacher]  # in a list, so that its weights are no parameters of this module

    def forward(self, network: Network, heard: Heard) -> Tensor:
        """The loss of one batch."""
        fit, [teacher] = self._fit, self._teacher
        hidden = network.hidden(heard.levels)
        logits = network.logits(hidden)
        last = self._last
        with torch.no_grad():
            thought = teacher.thought(teacher.standardized(heard.embeddings))
            conclusion = teacher.conclusion(thought)
            opinion = torch.sigmoid(conclusion)
            ears = self.reading.standardized(heard.embeddings)
        labels = classification(logits, heard.target, heard.weight)
        distillation = classification(logits[:, last], opinion, 1 + (fit.positive_weight - 1) * opinion)
        matching = functional.smooth_l1_loss(logits[:, last], conclusion.clamp(-MOST, MOST))
        tracking = functional.mse_loss(self.tracking(hidden[:, last]), thought)
        imitation = functional.smooth_l1_loss(self.reading(hidden[:, last]), ears)
        total: Tensor = (
            labels
            + fit.distillation * distillation
            + fit.matching * matching
            + fit.tracking * tracking
            + fit.imitation * imitation
        )
        return total
