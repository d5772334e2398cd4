"""What one CPU makes of recordings, stage by stage. Needs numpy, ONNX Runtime and the runtime, nothing else.

    python probe.py models/activate stages.onnx recordings.npz answers.npz

`stages.onnx` is the bundle's model with its inner stages as outputs; `recordings.npz` holds (samples,) int16 by name.
Writes what came out as `<recording>/<stage>`, prints what it ran on.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from watchword import Bundle, Detector
from watchword.bundle import load
from watchword.network import Network, Pcm

PIECE = 5_000
"""Samples of a push when streaming, 7.8 steps."""


def listen(bundle: Bundle, network: Network, stages: onnxruntime.InferenceSession, pcm: Pcm) -> dict[str, Any]:
    """Every stage of one recording: in one run, in one push, and in pieces."""
    whole = pcm[None, : len(pcm) // network.samples_per_step * network.samples_per_step]
    probability, _ = network.step(whole, network.initial_state())
    names = [output.name for output in stages.get_outputs()]
    inner = stages.run(names, {"pcm": whole, **network.initial_state()})
    detector = Detector(bundle, network=network)
    events = detector.push(pcm)
    streaming = Detector(bundle, network=network)
    pieces = []
    for start in range(0, len(pcm), PIECE):
        streaming.push(pcm[start : start + PIECE])
        pieces.append(streaming.smoothed)
    return {
        **{name: value[0] for name, value in zip(names, inner, strict=True)},
        "probability": probability[0],
        "smoothed": detector.smoothed,
        "streamed": np.concatenate(pieces),
        "event_time": np.array([event.time for event in events]),
        "event_score": np.array([event.score for event in events]),
    }


def main() -> None:
    """Listen to every recording."""
    folder, model, recordings, answers = sys.argv[1:]
    bundle = load(Path(folder))
    network = Network(bundle)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    stages = onnxruntime.InferenceSession(Path(model).read_bytes(), options, providers=["CPUExecutionProvider"])
    with np.load(recordings) as sounds:
        heard = {name: listen(bundle, network, stages, sounds[name]) for name in sounds.files}
    np.savez(answers, **{f"{name}/{stage}": value for name in heard for stage, value in heard[name].items()})
    instructions = importlib.import_module("numpy._core._multiarray_umath").__cpu_features__
    about = {
        "architecture": platform.machine(),
        "instructions": [name for name, present in instructions.items() if present],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "onnxruntime": onnxruntime.__version__,
    }
    print(json.dumps(about))


if __name__ == "__main__":
    main()
