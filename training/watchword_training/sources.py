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


def unseen(model: str | Path, corpus: Corpus, refuse: bool = True) -> Corpus:
    """The recordings of `corpus` that the bundle was not made with; RecipeError when others are to be refused."""
    path = load(model).folder / FILE
    if not path.is_file():
        return corpus
    used = json.loads(path.read_text("utf-8"))
    known = {name: split for split in ("validation", "train") for name in used[split]}
    found = [i for i, name in enumerate(corpus.hashes) if name[:DIGITS] in known]
    if len(found) == len(corpus.files) or (found and refuse):
        split = known[corpus.hashes[found[0]][:DIGITS]]
        raise RecipeError(
            f"{len({corpus.files[i] for i in found})} recordings in {corpus.folder} were used for {split} of this "
            f"bundle, {corpus.files[found[0]].name} among them; measure on recordings that it has never heard, "
            "or leave these out with --unseen"
        )
    return corpus.without(found, "it was used in training") if found else corpus
