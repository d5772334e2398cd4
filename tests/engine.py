"""The whole data engine on the fastest voices: what several tests build on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from watchword_training import pipeline
from watchword_training.data_specs import ChannelSpec, ClipSpec, VoiceSpec
from watchword_training.given import Given
from watchword_training.material import Material
from watchword_training.recipe import SAMPLE_RATE, Recipe
from watchword_training.shards import build
from watchword_training.sounds import Sound
from watchword_training.workers import Workers

CLIPS = 60

SMALL = Recipe(
    voices=VoiceSpec(
        engines={"hibari": 0.6, "flite": 0.4},
        cheap_engines={"hibari": 0.6, "flite": 0.4},
        validation=["flite/rms"],
        test=["flite/slt"],
        positives=20,
        near=15,
        rhythm=10,
        partial=5,
        carried=5,
        ordinary=10,
        sentences=10,
        reshaped=0.5,
    ),
    clips=ClipSpec(train=CLIPS, validation=40),
    channel=replace(ChannelSpec(), rooms=50),
)

QUIET = ChannelSpec(rooms=0, colour=0.0, band=0.0, clipping=0.0, pumping=0.0, drift=0.0, codec=0.0, loss=0.0, mains=0.0)
"""A channel that does nothing."""


def burst(seed: int, seconds: float) -> Sound:
    noise = np.random.default_rng(seed).integers(-8_000, 8_000, int(seconds * SAMPLE_RATE)).astype(np.int16)
    return Sound.of(noise, f"burst {seed}")


def made(workers: Workers, given: Given | None = None) -> Material:
    """Render, check and mix."""
    material = pipeline.gather(SMALL, given or Given(), workers)
    build(material, "train", range(CLIPS), workers)
    return material
