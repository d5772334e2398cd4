"""The recordings that a bundle was made with, by hash, so that none of them is measured as if it were new."""

from __future__ import annotations

import json
from pathlib import Path

from watchword.bundle import load
from watchword.errors import RecipeError
from watchword_training.corpus import Corpus
from watchword_training.material import ROLES, Material

FILE = "sources.json"

DIGITS = 16
"""Hexadecimal digits of a hash that are kept."""


def write(material: Material, bundle: Path) -> None:
    """Write which recordings were trained on, and which the threshold was chosen by."""
    spec = material.recipe.clips
    used = {
        split: sorted(
            {
                corpus.hashes[i][:DIGITS]
                for role in ROLES.values()
                for corpus in getattr(material, role)
                for i in corpus.indices(split, spec.validation_share, spec.test_share)
            }
        )
        for split in ("train", "validation")
    }
    (bundle / FILE).write_text(json.dumps(used) + "\n", "utf-8")


def refuse_trained(model: str | Path, corpus: Corpus) -> None:
    """RecipeError when `corpus` holds recordings that the bundle was made with."""
    path = load(model).folder / FILE
    if not path.is_file():
        return
    used = json.loads(path.read_text("utf-8"))
    known = {name: split for split in ("validation", "train") for name in used[split]}
    found = {f: known[h[:DIGITS]] for f, h in zip(corpus.files, corpus.hashes, strict=True) if h[:DIGITS] in known}
    if found:
        file, split = next(iter(found.items()))
        raise RecipeError(
            f"{len(found)} recordings in {corpus.folder} were used for {split} of this bundle, {file.name} among them; "
            "measure on recordings that it has never heard"
        )
