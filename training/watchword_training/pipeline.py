"""From a recipe to a bundle: render, mix, fit, export, check, choose the threshold, measure, describe."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

import watchword
from watchword.bundle import MANIFEST, MODEL, SCHEMA, Bundle, Corpus, Manifest
from watchword.detector import Detector
from watchword.errors import RecipeError
from watchword.network import Network as Session
from watchword.trigger import Trigger, TriggerSettings, peaks
from watchword_training import cache, card, lines, render, vectors, vocabulary, voices
from watchword_training.clips import Mixer
from watchword_training.corpus import Corpus as Recordings
from watchword_training.corpus import open_corpus
from watchword_training.dataset import Material, build
from watchword_training.evaluate import Evaluation, evaluate
from watchword_training.export import export, torch_reference
from watchword_training.fit import Fitting
from watchword_training.frontend import Frontend
from watchword_training.lines import Part, Split
from watchword_training.network import Network
from watchword_training.recipe import SAMPLE_RATE, Recipe

TOLERANCE = 1e-3
"""Largest difference of a probability between torch and the exported model.

Measured 0 on 40 clips; a slip of one level of the hidden state moves probabilities by more than this.
"""

CHECKED_CLIPS = 8
RELEASE = 0.6
"""The trigger is armed again below this share of the threshold."""


@dataclass(frozen=True)
class Folder:
    """A folder of recordings with the licence that its owner names."""

    path: Path
    licence: str = "not stated"

    @classmethod
    def parse(cls, text: str) -> Folder:
        """Read "DIR" or "DIR=LICENCE"."""
        path, _, licence = text.partition("=")
        return cls(Path(path), licence or "not stated")


@dataclass(frozen=True, kw_only=True)
class Given:
    """A person's own folders."""

    positives: Sequence[Folder] = ()
    negatives: Sequence[Folder] = ()
    noise: Sequence[Folder] = ()

    def __iter__(self) -> Any:
        return iter([*self.positives, *self.negatives, *self.noise])


def script(recipe: Recipe) -> list[Part]:
    """Every line that the recipe wants said."""
    names = [e for e in voices.ENGINES if e in {*recipe.voices.engines, *recipe.voices.cheap_engines}]
    if unknown := ({*recipe.voices.engines, *recipe.voices.cheap_engines} - set(voices.ENGINES)):
        raise RecipeError(f"no voice engine {', '.join(sorted(unknown))}; there are {', '.join(voices.ENGINES)}")
    return lines.script(recipe, vocabulary.around(recipe.word), render.installed(names))


def gather(recipe: Recipe, given: Given, processes: int) -> Material:
    """Render the script and open the folders; refused renderings are printed and left out."""
    parts = script(recipe)
    refused = render.render([p.line for p in parts], processes)
    for reason in refused:
        tqdm.write(f"left out: {reason}")
    kept = [p for p in parts if render.path(p.line).exists()]
    opened: dict[str, list[Recordings]] = {}
    for role in ("positives", "negatives", "noise"):
        opened[role] = [open_corpus(folder.path) for folder in getattr(given, role)]
        for corpus in opened[role]:
            for reason in corpus.refused:
                tqdm.write(f"left out: {reason}")
    return Material(recipe, kept, opened["positives"], opened["negatives"], opened["noise"])


def train(recipe: Recipe, given: Given, out: Path, processes: int) -> Path:
    """The whole way; gives the bundle's folder, `out`/<word>. A cut-off run goes on where it was."""
    material = gather(recipe, given, processes)
    training = build(material, "train", recipe.clips.train, processes)
    validation = build(material, "validation", recipe.clips.validation, processes)
    runs = cache.folder(f"runs/{material.digest[:16]}")
    fitted = Fitting(recipe, training, validation, runs).run()
    return assemble(recipe, given, material, fitted, out)


def assemble(recipe: Recipe, given: Given, material: Material, network: Network, out: Path) -> Path:
    """Export, check, choose the threshold, measure; the folder appears whole or not at all."""
    name = recipe.word.replace(" ", "_")
    partial, target = out / f".{name}.partial", out / name
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    frontend = Frontend(recipe.features)
    manifest = _manifest(recipe, given, material)
    model = _model(network, frontend, manifest)
    manifest = replace(manifest, sha256={MODEL: hashlib.sha256(model).hexdigest()})
    bundle = Bundle(partial, manifest, model)
    held_out: Split = "test" if recipe.voices.test else "validation"
    splits: set[Split] = {"validation", held_out}
    mixers = {s: Mixer(recipe, s, material.sounds(s)) for s in splits}
    _check(bundle, network, frontend, mixers["validation"])

    chosen = _clips(bundle, mixers["validation"], recipe.clips.validation)
    threshold = round(chosen.threshold(recipe.trigger.false_accepts_per_hour), 4)
    manifest = replace(manifest, threshold=threshold, release=round(RELEASE * threshold, 4))
    model = _model(network, frontend, manifest)
    manifest = replace(manifest, sha256={MODEL: hashlib.sha256(model).hexdigest()})
    (partial / MODEL).write_bytes(model)
    (partial / MANIFEST).write_text(json.dumps(manifest.to_json(), indent=2) + "\n", "utf-8")
    bundle = Bundle(partial, manifest, model)
    measured = _measure(bundle, material, mixers[held_out], held_out, network, frontend)
    (partial / "evaluation.json").write_text(json.dumps(measured, indent=2) + "\n", "utf-8")
    vectors.write(partial, _vector_audio(mixers[held_out]))
    card.write(partial)
    shutil.rmtree(target, ignore_errors=True)
    partial.replace(target)
    return target


def _manifest(recipe: Recipe, given: Given, material: Material) -> Manifest:
    spoken = {p.line.engine: render.engine_licence(p.line.engine) for p in material.parts}
    corpora = [
        Corpus(name=f"synthetic voices: {engine}", licence=licence) for engine, licence in sorted(spoken.items())
    ]
    corpora += [Corpus(name=f"recordings: {folder.path.name}", licence=folder.licence) for folder in given]
    step = recipe.samples_per_step
    return Manifest(
        schema=SCHEMA,
        word=recipe.word.replace(" ", "_"),
        phrase=recipe.word,
        sample_rate=SAMPLE_RATE,
        samples_per_step=step,
        threshold=0.5,
        release=0.3,
        smoothing=recipe.trigger.smoothing,
        refractory=round(recipe.trigger.refractory_seconds * SAMPLE_RATE / step),
        recipe=recipe.digest,
        quantization="8-bit integer weights and activations, fixed scales, quantization-aware training",
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
        difference = float(np.abs(np.array(streamed) - expected).max())
        if difference > TOLERANCE:
            raise RecipeError(
                f"the exported model differs from the trained one by {difference:.2g} on clip {index}, "
                f"more than {TOLERANCE}; nothing was written"
            )


def _clips(bundle: Bundle, mixer: Mixer, count: int) -> Evaluation:
    """Mixed clips, each from silence, sixteen at a time: the batch changes nothing."""
    session, evaluation = Session(bundle), Evaluation()
    for first in tqdm(range(0, count, 16), desc="measuring", unit="batch"):
        clips = [mixer.clip(i) for i in range(first, min(first + 16, count))]
        pcm = np.stack([c.pcm for c in clips])
        probabilities, _ = session.step(pcm, session.initial_state(len(clips)))
        for clip, row in zip(clips, probabilities, strict=True):
            _add(evaluation, bundle.manifest, row, clip.spans, len(clip.pcm))
    return evaluation


def _add(evaluation: Evaluation, manifest: Manifest, row: Any, spans: Sequence[tuple[int, int]], samples: int) -> None:
    smoothed, _ = Trigger(TriggerSettings.of(manifest)).push(row)
    found = [
        watchword.Event(manifest.word, (p.step + 1) * manifest.step_seconds, p.score)
        for p in peaks(smoothed, manifest.refractory)
    ]
    evaluation.add(found, [(a / SAMPLE_RATE, b / SAMPLE_RATE) for a, b in spans], samples / SAMPLE_RATE)


def _measure(
    bundle: Bundle, material: Material, mixer: Mixer, split: Split, network: Network, frontend: Frontend
) -> dict[str, Any]:
    """Figures on voices and recordings that training never heard."""
    recipe, manifest = material.recipe, bundle.manifest
    count = recipe.clips.validation // 2
    mixed = _clips(bundle, mixer, count)
    rate = mixed.figures(manifest.threshold).get("false_accepts_per_hour", 0.0)
    floating = Evaluation()
    network.eval().quantized = False
    with torch.no_grad():
        for index in range(count):
            clip = mixer.clip(index)
            row = torch.sigmoid(network(frontend.clip(torch.from_numpy(clip.pcm)[None])))[0].numpy()
            _add(floating, manifest, row, clip.spans, len(clip.pcm))
    network.quantized = True
    detector = Detector(bundle)
    conditions = {f"mixed clips, {split} voices": mixed.figures(manifest.threshold)}
    for role, given in (("speech", material.negatives), ("noise", material.noise), ("own words", material.positives)):
        for corpus in given:
            held_out = material.recordings([corpus], "test")
            whole = role == "own words"
            measured = evaluate(detector, ((p, [(0.0, len(p) / SAMPLE_RATE)] if whole else []) for p in held_out))
            conditions[f"{role}: {corpus.folder.name}"] = measured.figures(manifest.threshold)
    return {
        "conditions": conditions,
        "integer": mixed.figures(mixed.threshold(rate)),
        "float": floating.figures(floating.threshold(rate)),
    }


def _vector_audio(mixer: Mixer) -> Any:
    """A mixed clip's first seconds, of the first clip that has the word in them."""
    samples = vectors.SECONDS * SAMPLE_RATE
    index = 0
    while not any(end < samples - SAMPLE_RATE for _, end in mixer.clip(index).spans):
        index += 1
    return mixer.clip(index).pcm[:samples]
