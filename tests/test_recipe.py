"""Recipes: read, checked, refused."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from watchword.errors import RecipeError
from watchword_training.model_specs import NetworkSpec
from watchword_training.recipe import Recipe
from watchword_training.recipes import built_in, load


def write(folder: Path, text: str) -> str:
    path = folder / "recipe.toml"
    path.write_text(text, "utf-8")
    return str(path)


@pytest.mark.parametrize("name", built_in())
def test_built_in_recipes_load(name: str) -> None:
    """
    Every recipe in the package is valid, and for the word that is shipped.
    """
    assert load(name).word == "activate"


def test_ears_hear_the_voices_of_the_standard_recipe() -> None:
    """
    Making ears has the same voices say no more of each kind: most of it is rendered for the shipped word anyway.
    """
    ears, standard = (asdict(load(name).voices) for name in ("ears", "standard"))
    fewer = {kind for kind, count in ears.items() if count != standard[kind]}

    assert fewer <= {"positives", "carried", "near", "rhythm", "partial", "carried_near", "ordinary", "sentences"}
    assert all(ears[kind] < standard[kind] for kind in fewer)


def test_keys_change_what_they_name(tmp_path: Path) -> None:
    """
    A key of a file replaces the default and nothing else.
    """
    recipe = load(write(tmp_path, 'word = "hello"\n[network]\nhidden = 32\n'))

    assert recipe == Recipe(word="hello", network=NetworkSpec(hidden=32))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[network]\nhiden = 32\n", "hiden"),
        ("colour = 1\n", "colour"),
        ('[network]\nhidden = "many"\n', "hidden"),
        ("[network\n", "not TOML"),
        ("[network]\nkernel = 4\nstride = 4\n", "not longer than network.stride"),
        ("[network]\nkernel = 30\n", "sums would not be exact"),
        ("[[network.local]]\nchannels = 4\nframes = 2\nbands = 41\n", "number 1: .* of 40 bands 41"),
        ("[[network.local]]\nchannels = 4\nframes = 2\nbands = 3\nframe_stride = 2\n", "number 1: frames is 2"),
        ("[[network.local]]\nchannels = 70\nframes = 2\nbands = 3\n[network]\nstride = 4\n", "last convolution: 39900"),
        ("[[network.local]]\nchannels = 4\nframes = 2\nbands = 3\nband_stride = 0\n", "band_stride of a convolution"),
        ("[network]\nstride = 0\n", "network.stride, start at 1"),
        ('word = "Hello"\n', "lower case"),
        ("seed = -1\n", "seed is -1"),
        ("[features]\nwindow = 401\n", "even number"),
        ("[clips]\nsilent_positives = 1.0\n", "silent_positives"),
        ("[clips]\nvalidation = 1\n", "at least 40"),
        ("[clips]\nmin_snr = 50.0\n", "above its maximum"),
        ("[clips]\npaused = 1.5\n", "paused is 1.5"),
        ("[teacher]\nsteps = 0\n", "teacher.steps"),
        ("[clips]\nmined = 50\n[fit]\nbatch = 1\n", "lacks room"),
        ("[fit]\nimitation = -1.0\n", "imitation"),
        ("[fit]\naveraging = 1.0\n", "averaging is 1"),
        ("[network]\nstride = 3\n", "divisor of 1280"),
    ],
)
def test_a_wrong_recipe_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    """
    What is wrong in a recipe stands in the error.
    """
    with pytest.raises(RecipeError, match=named):
        load(write(tmp_path, text))


def test_an_unknown_recipe_lists_the_known() -> None:
    """
    A misspelt name is answered with the names there are.
    """
    with pytest.raises(RecipeError, match="standard"):
        load("standart")
    with pytest.raises(RecipeError, match=r"no recipe at nowhere\.toml"):
        load("nowhere.toml")


def test_the_digest_names_the_content() -> None:
    """
    Equal recipes share a digest; any other value makes another.
    """
    assert Recipe().digest == Recipe().digest
    assert Recipe().digest != Recipe(seed=1).digest
