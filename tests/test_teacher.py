"""The teacher, what it teaches, and what a step sees of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from watchword_training import batches, teacher
from watchword_training.batches import Heard
from watchword_training.dataset import Dataset
from watchword_training.fit import Fitting
from watchword_training.loss import Loss
from watchword_training.model_specs import FitSpec, NetworkSpec, TeacherSpec
from watchword_training.network import Network
from watchword_training.recipe import EMBEDDING_HOP, Recipe
from watchword_training.teacher import Teacher

RECIPE = Recipe(
    network=NetworkSpec(channels=8, hidden=8),
    teacher=TeacherSpec(hidden=8, steps=300, batch=16, dropout=0.0),
    fit=FitSpec(steps=4, batch=4, matching=0.0, tracking=0.0),
)
CLIPS, HOPS = 24, 25


def told(seed: int = 0) -> Dataset:
    """Two-second clips, the word in every second one; a value of the embedding is high for half a second after it."""
    rng = np.random.default_rng(seed)
    levels = rng.integers(0, 255, (CLIPS, 200, 40), np.uint8)
    embeddings = rng.normal(0, 1, (CLIPS, HOPS, 96))
    embeddings[::2, 12:18, 3] += 20
    spans = [[(8_000, 12 * EMBEDDING_HOP)] if i % 2 == 0 else [] for i in range(CLIPS)]
    return Dataset([levels], [embeddings.astype(np.float16)], spans, spans)


def test_the_teacher_learns_what_embeddings_tell(tmp_path: Path) -> None:
    """
    Where one value of the embedding marks the word, the fitted teacher is above one half there and below elsewhere.
    """
    data = told()

    taught = teacher.fitted(RECIPE, [data], tmp_path / "teacher.safetensors")

    found = torch.sigmoid(taught(torch.from_numpy(data.embedded(np.arange(CLIPS)))))
    assert bool((found[::2, 13:15] > 0.5).all())
    assert bool((found[1::2] < 0.5).all())


def test_a_kept_teacher_is_the_fitted_one(tmp_path: Path) -> None:
    """
    Read from its file, a teacher has the weights that it was written with, and no clip is looked at.
    """
    path = tmp_path / "teacher.safetensors"
    first = teacher.fitted(RECIPE, [told()], path).state_dict()

    again = teacher.fitted(RECIPE, [], path).state_dict()

    assert all(torch.equal(first[name], again[name]) for name in first)


def heard(recipe: Recipe) -> Heard:
    return batches.heard(recipe, told(), np.arange(4), None)


def test_the_network_is_held_against_the_step_that_ends_with_the_hop() -> None:
    """
    A teacher sure of the third hop alone is agreed with by a network sure of the sixth step of 40 ms, and of no other.
    """
    recipe = replace(RECIPE, fit=replace(RECIPE.fit, imitation=0.0, positive_weight=1.0))

    class Sure(Teacher):
        def conclusion(self, thought: torch.Tensor) -> torch.Tensor:
            logits = torch.full(thought.shape[:2], -9.0)
            logits[:, 2] = 9.0
            return logits

    class Fixed(Network):
        step = 0

        def logits(self, hidden: torch.Tensor) -> torch.Tensor:
            logits = torch.full(hidden.shape[:2], -9.0)
            logits[:, self.step] = 9.0
            return logits

    network, batch = Fixed(recipe.network, 40), heard(recipe)
    blind = batch._replace(weight=torch.zeros_like(batch.weight) + 1e-9, target=torch.zeros_like(batch.target))
    losses = []
    for network.step in range(4, 8):
        distilled = Loss(recipe, Sure(recipe.teacher))(network, blind)
        labels = Loss(replace(recipe, fit=replace(recipe.fit, distillation=0.0)), Sure(recipe.teacher))(network, blind)
        losses.append((distilled - labels).item())

    assert int(np.argmin(losses)) == 1


def test_without_its_lessons_the_teacher_does_not_matter() -> None:
    """
    With all weights at zero, two teachers give one loss; with any, they do not.
    """
    batch = heard(RECIPE)
    torch.manual_seed(1)
    network, teachers = Network(RECIPE.network, 40).eval(), [Teacher(RECIPE.teacher).eval() for _ in range(2)]
    assert teachers[1].norm.running_mean is not None
    teachers[1].norm.running_mean += 3

    none = FitSpec(imitation=0.0, distillation=0.0, matching=0.0, tracking=0.0)

    def losses(fit: FitSpec) -> list[float]:
        recipe = replace(RECIPE, fit=fit)
        result = []
        for one in teachers:
            torch.manual_seed(2)
            result.append(Loss(recipe, one)(network, batch).item())
        return result

    assert len(set(losses(none))) == 1
    assert len(set(losses(replace(none, imitation=1.0)))) == 2
    assert len(set(losses(replace(none, distillation=1.0)))) == 2
    assert len(set(losses(replace(none, matching=1.0)))) == 2
    assert len(set(losses(replace(none, tracking=1.0)))) == 2


def test_a_batch_holds_as_many_clips_of_each_set() -> None:
    """
    Of ten clips drawn from three sets none has more than one clip more than another, and all indices exist.
    """
    rng = np.random.default_rng(0)

    drawn = batches.shares(rng, [told(0), told(1), told(2)], 10)

    assert sorted(len(chosen) for _, chosen in drawn) == [3, 3, 4]
    assert all(0 <= i < CLIPS for _, chosen in drawn for i in chosen.tolist())


def test_the_average_is_what_a_fit_gives(tmp_path: Path) -> None:
    """
    Whatever the average holds after the last step is the network; the weights themselves are not.
    """
    fitting = Fitting(RECIPE, [told()], told(1), Teacher(RECIPE.teacher).eval(), tmp_path)
    for _ in range(RECIPE.fit.steps):
        fitting._advance()
    torch.nn.init.constant_(fitting._averaged.output.weight, 2.0)

    network = fitting.run()

    assert not network.quantized
    assert network.output.weight.min().item() == 2.0


def test_the_average_lies_among_the_weights(tmp_path: Path) -> None:
    """
    After a few steps the averaged weight is neither the first nor the last, and between the least and the greatest.
    """
    fitting = Fitting(RECIPE, [told()], told(1), Teacher(RECIPE.teacher).eval(), tmp_path)
    seen = [fitting.network.output.weight[0, 0].item()]
    for _ in range(RECIPE.fit.steps):
        fitting._advance()
        seen.append(fitting.network.output.weight[0, 0].item())

    assert min(seen) < fitting._averaged.output.weight[0, 0].item() < max(seen)
