"""What training starts from, and how it is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from watchword.bundle import Corpus
from watchword.errors import RecipeError
from watchword_training import ears, pretraining, recipes
from watchword_training.checkpoint import Checkpoint
from watchword_training.dataset import Dataset
from watchword_training.ears import Reading
from watchword_training.fit import Fitting
from watchword_training.model_specs import FitSpec, NetworkSpec
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.teacher import Teacher

SIZE = NetworkSpec(channels=16, hidden=16, dropout=0.0)
RECIPE = Recipe(
    network=SIZE, fit=FitSpec(steps=150, batch=8, learning_rate=1e-2, averaging=0.9, time_masks=0, mel_masks=0)
)
CLIPS, HOPS = 16, 25


def sounding(seed: int) -> Dataset:
    """Two-second clips in which one band or another sounds, hop by hop; two values of the embedding say which."""
    rng = np.random.default_rng(seed)
    which = rng.random((CLIPS, HOPS)) < 0.5
    levels = np.full((CLIPS, HOPS * 8, 40), 60, np.uint8)
    levels[:, :, 5][np.repeat(which, 8, axis=1)] = 160
    levels[:, :, 30][~np.repeat(which, 8, axis=1)] = 160
    embeddings = np.zeros((CLIPS, HOPS, 96))
    embeddings[:, :, 0], embeddings[:, :, 1] = which, ~which
    embeddings += rng.normal(0, 0.05, embeddings.shape)
    said = [[(0, 32_000)] for _ in range(CLIPS)]
    return Dataset([levels], [embeddings.astype(np.float16)], [[] for _ in range(CLIPS)], said)


def heard(data: Dataset, network: Network, reading: Reading) -> tuple[torch.Tensor, torch.Tensor]:
    """What is read and what should be, (clip, hop), of the value that says which band sounds."""
    clips = np.arange(CLIPS)
    hidden = network.eval().hidden(torch.from_numpy(data.batch(clips)))[:, 1::2]
    return reading(hidden)[..., 0], reading.standardized(torch.from_numpy(data.embedded(clips)))[..., 0]


def test_ears_learn_what_can_be_heard(tmp_path: Path) -> None:
    """
    On unheard clips, less than a tenth of the variance of what depends on the sound is missed.
    """
    network, reading = pretraining.fitted(RECIPE, sounding(0), sounding(1), tmp_path)

    with torch.no_grad():
        read, wanted = heard(sounding(2), network, reading)

    assert float((read - wanted).square().mean() / wanted.var()) < 0.1


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Ears whose making was cut off and taken up again have the weights of those made in one go.
    """
    short = replace(RECIPE, fit=replace(RECIPE.fit, steps=4, validate_every=2))
    train, validation = sounding(0), sounding(1)
    whole, _ = pretraining.fitted(short, train, validation, tmp_path)
    saved = Checkpoint.save

    def cut_off(self: Checkpoint, step: int) -> None:
        saved(self, step)
        raise KeyboardInterrupt

    cut = tmp_path / "cut"
    cut.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(Checkpoint, "save", cut_off)
        with pytest.raises(KeyboardInterrupt):
            pretraining.fitted(short, train, validation, cut)

    resumed, _ = pretraining.fitted(short, train, validation, cut)

    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


def test_ears_are_made_better_from_where_those_of_the_package_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A recipe that starts from ears goes on from them: before it has learned anything it hears what they heard.
    """
    whole = pretraining.fitted(RECIPE, sounding(0), sounding(1), tmp_path)
    ears.save(tmp_path / "e.safetensors", *whole, [], {})
    made = ears.load(tmp_path / "e.safetensors")
    monkeypatch.setattr(ears, "load", lambda: made)
    monkeypatch.setattr(pretraining, "follow", lambda *_: None)  # the average stays where it begins
    further = replace(RECIPE, fit=replace(RECIPE.fit, ears=True, steps=1, learning_rate=1e-6))
    folder = tmp_path / "further"
    folder.mkdir()

    again = pretraining.fitted(further, sounding(0), sounding(1), folder)

    with torch.no_grad():
        assert torch.allclose(heard(sounding(2), *again)[0], heard(sounding(2), *whole)[0], atol=1e-2)


def test_only_speech_counts() -> None:
    """
    Hops in which nobody in the foreground speaks, or has just spoken, have a twentieth of the weight.
    """
    data = replace(sounding(0), said=[[(12_800, 15_000)] for _ in range(CLIPS)])

    weights = pretraining._weights(data, np.array([3]))[0]

    assert np.flatnonzero(weights == 1).tolist() == list(range(10, 15))
    assert set(weights.tolist()) == {1.0, float(np.float32(0.05))}


def test_ears_are_read_as_they_were_written(tmp_path: Path) -> None:
    """
    A network that begins with kept ears hears what they heard, knows their corpora, and keeps its own output.
    """
    torch.manual_seed(0)
    network, reading = Network(SIZE, 40), Reading(SIZE.hidden)
    reading.mean += 2
    ears.save(tmp_path / "e.safetensors", network, reading, [Corpus(name="talk", licence="CC0")], {"train": ["ab"]})
    other, told = Network(SIZE, 40), Reading(SIZE.hidden)
    output = other.output.weight.clone()

    kept = ears.load(tmp_path / "e.safetensors")
    kept.begin(other, told)

    levels = torch.from_numpy(sounding(3).batch(np.arange(4)))
    assert torch.allclose(network.eval().hidden(levels), other.eval().hidden(levels), atol=2e-3)
    assert torch.equal(told.mean, reading.mean)
    assert torch.equal(other.output.weight, output)
    assert (kept.corpora, kept.used) == ([Corpus(name="talk", licence="CC0")], {"train": ["ab"]})


def test_a_network_of_another_size_is_refused(tmp_path: Path) -> None:
    """
    Fitting from the package's ears needs a network of their size, and the error says which that is.
    """
    recipe = replace(RECIPE, fit=replace(RECIPE.fit, ears=True))
    teacher = Teacher(recipe.teacher).eval().requires_grad_(False)

    with pytest.raises(RecipeError, match=r"network\.channels is 16.*network\.hidden is 16.* fit\.ears to false"):
        Fitting(recipe, [sounding(0)], sounding(1), teacher, tmp_path)


@pytest.mark.parametrize("name", recipes.built_in())
def test_built_in_recipes_fit_the_ears(name: str) -> None:
    """
    A built-in recipe that starts from the ears has a network of their size.
    """
    recipe = recipes.load(name)

    if recipe.fit.ears:
        assert replace(recipe.network, dropout=0.0) == replace(ears.load().network, dropout=0.0)
    assert recipe.fit.ears == (name in ("ears", "quick", "standard"))


def test_the_packages_ears_were_made_by_the_recipe_of_that_name() -> None:
    """
    The network of the recipe "ears" has the size of the ears in the package, and below 250,000 weights.
    """
    network = recipes.load("ears").network

    assert network == ears.load().network
    assert sum(p.numel() for p in Network(network, 40).parameters()) < 250_000
