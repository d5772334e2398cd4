from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from watchword.errors import RecipeError
from watchword_training import soup
from watchword_training.dataset import Shards
from watchword_training.fit import Fitting
from watchword_training.model_specs import FitSpec, NetworkSpec
from watchword_training.recipe import Recipe
from watchword_training.soup import Ingredients
from watchword_training.teacher import Teacher
from watchword_training.workers import Local

RECIPE = Recipe(
    network=NetworkSpec(channels=8, hidden=8),
    fit=FitSpec(fits=2, steps=6, batch=4, validate_every=3, averaging=0.5),
)
CLIPS = 12


def written(path: Path, seed: int) -> Shards:
    """Clips of two seconds with a word in each, as the data engine leaves them."""
    rng = np.random.default_rng(seed)
    np.save(path, rng.integers(0, 255, (CLIPS, 200, 40), np.uint8))
    np.save(path.with_name(f"{path.stem}-embedded.npy"), rng.normal(0, 10, (CLIPS, 25, 96)).astype(np.float16))
    word = {"kind": "positive", "positive": True, "start": 8_000, "end": 16_000}
    lines = [json.dumps({"clip": clip, "words": [word]}) + "\n" for clip in range(CLIPS)]
    path.with_suffix(".jsonl").write_text("".join(lines), "utf-8")
    return Shards((path,))


def common(folder: Path, recipe: Recipe = RECIPE) -> Ingredients:
    torch.manual_seed(5)
    safetensors.torch.save_file(Teacher(recipe.teacher).state_dict(), folder / "teacher.safetensors")
    train = [written(folder / "train.npy", 0), written(folder / "mined.npy", 1)]
    validation = written(folder / "validation.npy", 2)
    return Ingredients(recipe, train, validation, folder / "teacher.safetensors", folder / "run")


def test_the_network_is_the_mean_of_fits_that_differ(tmp_path: Path) -> None:
    """
    Two fits end with other weights; the network's lie half way between them.
    """
    mixed = common(tmp_path)

    network = soup.fitted(mixed, Local(2)).state_dict()

    first, second = (safetensors.torch.load(mixed.run(draw)) for draw in range(2))
    assert not torch.equal(first["gru.weight_hh_l0"], second["gru.weight_hh_l0"])
    for name, value in network.items():
        half_way = (first[name] + second[name]) / 2 if value.is_floating_point() else first[name]
        assert torch.equal(value, half_way), name


def test_fits_begin_alike(tmp_path: Path) -> None:
    """
    Before its first step every draw has the same weights: far apart, their mean would be no network.
    """
    mixed = common(tmp_path)
    sets = [shards.open() for shards in mixed.train]
    teacher = Teacher(RECIPE.teacher).eval()

    first, second = (
        Fitting(RECIPE, sets, sets[0], teacher, tmp_path / str(draw), draw).network.state_dict() for draw in range(2)
    )

    assert all(torch.equal(first[name], second[name]) for name in first)


def test_a_single_fit_is_the_network(tmp_path: Path) -> None:
    """
    A recipe of one fit gives its averaged weights as they are.
    """
    mixed = common(tmp_path, replace(RECIPE, fit=replace(RECIPE.fit, fits=1)))

    network = soup.fitted(mixed, Local(1)).state_dict()

    alone = safetensors.torch.load(mixed.run(0))
    assert all(torch.equal(network[name], alone[name]) for name in network)


def test_no_fit_at_all_is_refused() -> None:
    """
    A recipe without a fit is refused as it is read.
    """
    with pytest.raises(RecipeError, match=r"fit\.fits, steps and batch start at 1"):
        replace(RECIPE, fit=FitSpec(fits=0))
