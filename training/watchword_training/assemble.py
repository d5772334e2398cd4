"""A fitted network to a bundle: exported, checked, its threshold chosen, measured, described; written whole or not."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

import watchword
from watchword.bundle import MANIFEST, MODEL, SCHEMA, Bundle, Corpus, Manifest
from watchword.errors import RecipeError
from watchword.network import Network as Session
from watchword_training import card, datacard, ears, embedding, render, sources, threshold, vectors
from watchword_training.bench import bench
from watchword_training.clips import Mixer
from watchword_training.data_specs import Split
from watchword_training.export import export, torch_reference
from watchword_training.frontend import Frontend
from watchword_training.given import Given
from watchword_training.material import Material
from watchword_training.measure import measure, mixed, recorded
from watchword_training.network import Network
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.voices import Pcm
from watchword_training.workers import Workers

TOLERANCE = 1e-3
"""Largest mean difference of a clip's probabilities between torch and the exported model.

Nearly always 0. Where a product lies on the very edge between two integers, the graph's multipliers of 28 bits may
choose the other one; of 30 clips that happened in one, moved a probability by 0.0055, and 0.00014 in the mean.
"""

CHECKED_CLIPS = 8

RELEASE = 0.6
"""The trigger is armed again below this share of the threshold."""


def bundle_folder(recipe: Recipe, out: Path) -> Path:
    """Folder for the recipe's bundle below `out`; RecipeError when something else is there, before any work."""
    target = out / recipe.word.replace(" ", "_")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise RecipeError(f"cannot write to {out} ({exc.strerror}); give --out another folder") from exc
    if target.exists() and not (target / MANIFEST).is_file():
        raise RecipeError(f"{target} exists and is no bundle; give --out another folder")
    return target


def assemble(
    recipe: Recipe, given: Given, material: Material, network: Network, target: Path, workers: Workers
) -> Path:
    """Export, check, choose the threshold, measure; the folder appears whole or not at all."""
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    frontend = Frontend(recipe.features)
    manifest = _manifest(recipe, given, material)
    model = _model(network, frontend, manifest)
    manifest = replace(manifest, sha256={MODEL: hashlib.sha256(model).hexdigest()})
    bundle = Bundle(partial, manifest, model)
    held_out: Split = "test" if recipe.voices.test else "validation"
    splits: set[Split] = {"validation", held_out}
    benches = {s: bench(material, s, workers) for s in splits}
    calibrating, testing = benches["validation"], benches[held_out]
    _check(bundle, network, frontend, calibrating.mixer())

    everyday = replace(calibrating, recipe=replace(recipe, clips=replace(recipe.clips, confusable=0.0)))
    clips = mixed(bundle, everyday, recipe.clips.validation, workers)
    chosen = threshold.choose(recipe.trigger, clips, recorded(bundle, calibrating, workers))
    manifest = replace(manifest, threshold=chosen, release=round(RELEASE * chosen, 4))
    model = _model(network, frontend, manifest)
    manifest = replace(manifest, sha256={MODEL: hashlib.sha256(model).hexdigest()})
    (partial / MODEL).write_bytes(model)
    (partial / MANIFEST).write_text(json.dumps(manifest.to_json(), indent=2) + "\n", "utf-8")
    bundle = Bundle(partial, manifest, model)
    measured = measure(bundle, material, testing, network, frontend, workers)
    (partial / "evaluation.json").write_text(json.dumps(measured, indent=2) + "\n", "utf-8")
    vectors.write(partial, _vector_audio(testing.mixer()))
    sources.write(material, partial)
    data = datacard.describe(material, given)
    (partial / datacard.FILE).write_text(json.dumps(data, indent=2) + "\n", "utf-8")
    card.write(partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return target


def _manifest(recipe: Recipe, given: Given, material: Material) -> Manifest:
    spoken = {p.line.engine: render.engine_licence(p.line.engine) for p in material.parts}
    corpora = [
        Corpus(name=f"synthetic voices: {engine}", licence=licence) for engine, licence in sorted(spoken.items())
    ]
    corpora += given.corpora
    if recipe.fit.ears:
        corpora += [Corpus(name=f"ears: {c.name}", licence=c.licence) for c in ears.load().corpora]
    corpora.append(Corpus(name=f"teacher: speech embedding of {embedding.PACKAGE}", licence=embedding.LICENCE))
    step = recipe.samples_per_step
    return Manifest(
        schema=SCHEMA,
        word=recipe.word.replace(" ", "_"),
        phrase=recipe.word,
        sample_rate=SAMPLE_RATE,
        samples_per_step=step,
        threshold=0.5,
        release=0.3,
        smoothing=max(1, round(recipe.trigger.smoothing_seconds * SAMPLE_RATE / step)),
        refractory=round(recipe.trigger.refractory_seconds * SAMPLE_RATE / step),
        recipe=recipe.digest,
        quantization="8-bit integer weights and activations, fixed scales, rounded after training",
        minimum_runtime=watchword.__version__,
        corpora=corpora,
    )


def _model(network: Network, frontend: Frontend, manifest: Manifest) -> bytes:
    described = {k: json.dumps(v) for k, v in manifest.to_json().items() if k != "sha256"}
    model: bytes = export(network, frontend, described).SerializeToString()
    return model


def _check(bundle: Bundle, network: Network, frontend: Frontend, mixer: Mixer) -> None:
    """Refuse a bundle whose streamed output differs from the torch model's."""
    session = Session(bundle)
    for index in range(CHECKED_CLIPS):
        pcm = mixer.clip(index).pcm
        expected = torch_reference(network, frontend, torch.from_numpy(pcm)[None]).numpy()[0]
        state, streamed = session.initial_state(), []
        for start in range(0, len(pcm), session.samples_per_step):
            probability, state = session.step(pcm[None, start : start + session.samples_per_step], state)
            streamed.append(probability[0, 0])
        difference = float(np.abs(np.array(streamed) - expected).mean())
        if difference > TOLERANCE:
            raise RecipeError(
                f"the exported model differs from the trained one by {difference:.2g} on clip {index}, "
                f"more than {TOLERANCE}; nothing was written"
            )


def _vector_audio(mixer: Mixer) -> Pcm:
    """A mixed clip's first seconds, of the first clip that has the word in them."""
    samples = vectors.SECONDS * SAMPLE_RATE
    index = 0
    while not any(end < samples - SAMPLE_RATE for _, end in mixer.clip(index).spans):
        index += 1
    return mixer.clip(index).pcm[:samples]
