"""Golden vectors: what every stage gives for one piece of audio. Each implementation is held against them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from watchword.bundle import load
from watchword.detector import Detector
from watchword.network import Network
from watchword_training.voices import Pcm

SECONDS = 6
"""Length of the audio; long enough for one word and its refractory period."""


def write(folder: Path, pcm: Pcm) -> None:
    """Write `vectors.npz` into the bundle `folder`: PCM, the levels, each layer's output, probabilities, events."""
    bundle = load(folder)
    network, detector = Network(bundle), Detector(bundle)
    model = onnx.load_from_string(bundle.model)
    layers = [o for n in model.graph.node for o in n.output if o in ("levels", "convolution") or o.startswith("layer_")]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in layers)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    usable = len(pcm) // network.samples_per_step * network.samples_per_step
    feed = {"pcm": pcm[None, :usable], **network.initial_state()}
    values = session.run([*layers, "probability"], feed)
    events = detector.push(pcm[:usable])
    np.savez_compressed(
        folder / "vectors.npz",
        pcm=pcm[:usable],
        **{name: value[0] for name, value in zip([*layers, "probability"], values, strict=True)},
        smoothed=detector.smoothed,
        event_time=np.array([e.time for e in events]),
        event_score=np.array([e.score for e in events]),
    )
