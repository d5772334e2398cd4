"""The recordings that a bundle was made with, by hash, so that none of them is measured as if it were new."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from watchword.bundle import load
from watchword.errors import RecipeError
from watchword_training import ears
from watchword_training.corpus import Corpus
from watchword_training.material import ROLES, Material

FILE = "sources.json"

DIGITS = 16
"""Hexadecimal digits of a hash that are kept."""


Used = Mapping[str, Sequence[str]]
"""The beginnings of the hashes of recordings, by the split that they were used for."""


def used(material: Material) -> Used:
    """Which recordings are trained on, those that its ears heard among them, and which the threshold is chosen by."""
    spec = material.recipe.clips
    heard = ears.load().used["train"] if material.recipe.fit.ears else ()
    found = {
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
    return {**found, "train": sorted({*found["train"], *heard})}


def write(material: Material, bundle: Path) -> None:
    """Write what a bundle was made with."""
    (bundle / FILE).write_text(json.dumps(used(material)) + "\n", "utf-8")


def read(model: str | Path) -> Used:
    """What a bundle was made with; nothing when it does not say."""
    path = load(model).folder / FILE
    known: Used = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return known


def unseen(used: Used, corpus: Corpus, refuse: bool = True) -> Corpus:
    """The recordings of `corpus` that are not among those `used`; RecipeError when others are to be refused."""
    known = {name: split for split in ("validation", "train") for name in used.get(split, ())}
    found = [i for i, name in enumerate(corpus.hashes) if name[:DIGITS] in known]
    if found and (refuse or len(found) == len(corpus.files)):
        split = known[corpus.hashes[found[0]][:DIGITS]]
        raise RecipeError(
            f"{len({corpus.files[i] for i in found})} recordings in {corpus.folder} were used for {split} of this "
            f"bundle, {corpus.files[found[0]].name} among them; measure on recordings that it has never heard, "
            "or leave these out with --unseen"
        )
    return corpus.without(found, "it was used in training") if found else corpus
