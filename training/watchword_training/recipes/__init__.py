"""Recipes as files: the built-in ones in this folder, and a person's own."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

import cattrs

from watchword.errors import RecipeError
from watchword_training.recipe import Recipe

_CONVERTER = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)


def built_in() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(Path(f.name).stem for f in resources.files(__package__).iterdir() if f.name.endswith(".toml"))


def load(name: str) -> Recipe:
    """Read a recipe: the name of a built-in one, or a path to a TOML file. An unknown key is an error."""
    path = Path(name)
    if path.suffix == ".toml":
        if not path.is_file():
            raise RecipeError(f"no recipe at {path}; built-in ones: {', '.join(built_in())}")
        text = path.read_text("utf-8")
    elif name in built_in():
        text = (resources.files(__package__) / f"{name}.toml").read_text("utf-8")
    else:
        raise RecipeError(f"no recipe {name!r}; built-in ones: {', '.join(built_in())}, or give a .toml file")
    try:
        return _CONVERTER.structure(tomllib.loads(text), Recipe)
    except tomllib.TOMLDecodeError as exc:
        raise RecipeError(f"{name} is not TOML: {exc}") from exc
    except cattrs.BaseValidationError as exc:
        raise RecipeError(f"{name}: {'; '.join(cattrs.transform_error(exc))}") from exc
