"""Figures of a bundle on clips and recordings that training never heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from watchword.bundle import Bundle, Manifest
from watchword.detector import Detector, Event
from watchword.hearing import TAIL_SECONDS
from watchword.network import Network as Session
from watchword.trigger import Trigger, TriggerSettings, peaks
from watchword_training import parts
from watchword_training.bench import Bench
from watchword_training.evaluate import Evaluation, evaluate, whole
from watchword_training.frontend import Frontend
from watchword_training.material import Material
from watchword_training.network import Network
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.sounds import Sound
from watchword_training.voices import Pcm
from watchword_training.workers import Files, Workers

BATCH = 16
"""Clips in one run of the model; any number gives the same figures."""

PART = 96
"""Clips or recordings in one task."""

DRAWS = 3
"""Levels and microphones in which the threshold hears each validation recording, besides as it is."""


def mixed(bundle: Bundle, bench: Bench, count: int, workers: Workers) -> Evaluation:
    """The first `count` mixed clips of `bench`, each from silence."""
    return _together(workers, _clips, bundle, bench, count, "measuring")


def recorded(bundle: Bundle, bench: Bench, workers: Workers) -> Evaluation:
    """
    The recordings of `bench` that do not say the word, as they are; and their stretches, in several draws.

    Of the same corpora training has heard other speakers: as they are, they wake a detector less than what it meets.
    """
    stretches = bench.stretches()
    count = len(stretches.recordings) + DRAWS * len(stretches)
    return _together(workers, _recordings, bundle, bench, count, "choosing a threshold")


Hearing = Callable[[Bundle, Bench, range, Files], Evaluation]


def _together(workers: Workers, hearing: Hearing, bundle: Bundle, bench: Bench, count: int, told: str) -> Evaluation:
    """What `hearing` finds in `count` sounds of `bench`, a part of them at a time."""
    some = parts.cut(range(count), PART)
    return sum(parts.work(workers, partial(hearing, bundle, bench), some, told, bench.files), Evaluation())


def _clips(bundle: Bundle, bench: Bench, numbers: range, files: Files) -> Evaluation:
    """Some mixed clips, several at a time: the batch changes nothing."""
    mixer, session, evaluation = bench.at(files).mixer(), Session(bundle), Evaluation()
    for batch in parts.cut(numbers, BATCH):
        clips = [mixer.clip(number) for number in batch]
        pcm = np.stack([_with_tail(c.pcm) for c in clips])
        probabilities, _ = session.step(pcm, session.initial_state(len(clips)))
        for clip, row in zip(clips, probabilities, strict=True):
            _add(evaluation, bundle.manifest, row, clip.spans, len(clip.pcm))
    return evaluation


def _recordings(bundle: Bundle, bench: Bench, numbers: range, files: Files) -> Evaluation:
    """Some recordings as they are, and, counted on after the last of them, some stretches."""
    stretches = bench.at(files).stretches()
    given = [sound.pcm for sound in stretches.recordings]
    heard = (given[n] if n < len(given) else stretches.clip(n - len(given)).pcm for n in numbers)
    return evaluate(Detector(bundle), ((pcm, []) for pcm in heard))


def _add(
    evaluation: Evaluation,
    manifest: Manifest,
    row: npt.NDArray[np.floating],
    spans: Sequence[tuple[int, int]],
    samples: int,
) -> None:
    smoothed, _ = Trigger(TriggerSettings.of(manifest)).push(row)
    found = [
        Event(manifest.word, (p.step + 1) * manifest.step_seconds, p.score)
        for p in peaks(smoothed, manifest.refractory)
    ]
    evaluation.add(found, [(a / SAMPLE_RATE, b / SAMPLE_RATE) for a, b in spans], samples / SAMPLE_RATE)


def _with_tail(pcm: Pcm) -> Pcm:
    """A clip with the silence that `hear` puts after every recording."""
    return np.pad(pcm, (0, round(TAIL_SECONDS * SAMPLE_RATE)))


def _marked(sound: Sound) -> tuple[Pcm, list[tuple[float, float]]]:
    """A rendering of the word; one without a phrase around it has one window, all of it."""
    start, end = sound.word
    return sound.pcm, [(start / SAMPLE_RATE, end / SAMPLE_RATE)]


def measure(
    bundle: Bundle,
    material: Material,
    bench: Bench,
    network: Network,
    frontend: Frontend,
    workers: Workers,
) -> dict[str, Any]:
    """Figures on voices and recordings that training never heard."""
    recipe, manifest = material.recipe, bundle.manifest
    count, mixer, sounds, split = recipe.clips.validation // 2, bench.mixer(), bench.library.open(), bench.split
    clips = mixed(bundle, bench, count, workers)
    allowed = sum(height >= manifest.threshold for height in clips.false_accepts)
    floating = Evaluation()
    network.eval().quantized = False
    with torch.no_grad():
        for index in range(count):
            clip = mixer.clip(index)
            row = torch.sigmoid(network(frontend.clip(torch.from_numpy(_with_tail(clip.pcm))[None])))[0].numpy()
            _add(floating, manifest, row, clip.spans, len(clip.pcm))
    network.quantized = True
    detector = Detector(bundle)
    conditions = {
        f"single words, {split} voices": evaluate(detector, map(_marked, sounds["positive"])),
        f"mixed clips, {split} voices": clips,
        f"near words, {split} voices": evaluate(detector, ((s.pcm, []) for s in sounds.get("near", []))),
    }
    for role, given in (("own words", material.positives), ("speech", material.negatives), ("noise", material.noise)):
        for corpus in given:
            held_out = material.recordings([corpus], "test")
            recordings = map(whole, held_out) if role == "own words" else ((pcm, []) for pcm in held_out)
            conditions[f"{role}: {corpus.folder.parent.name}/{corpus.folder.name}"] = evaluate(detector, recordings)
    return {
        "conditions": {name: measured.figures(manifest.threshold) for name, measured in conditions.items()},
        "integer": clips.figures(manifest.threshold),
        "float": floating.figures(floating.threshold(allowed)),
    }
