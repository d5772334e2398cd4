"""The whole data engine on the fastest voices: what several tests build on."""

from __future__ import annotations

from dataclasses import replace

from watchword_training import pipeline
from watchword_training.data_specs import ChannelSpec, ClipSpec, VoiceSpec
from watchword_training.given import Given
from watchword_training.material import Material
from watchword_training.recipe import Recipe
from watchword_training.shards import build
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


def made(workers: Workers, given: Given | None = None) -> Material:
    """Render, check and mix."""
    material = pipeline.gather(SMALL, given or Given(), workers)
    build(material, "train", range(CLIPS), workers)
    return material
