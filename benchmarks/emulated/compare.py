"""What every CPU hears, and how its answers are held against those of this machine and the golden vectors."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from benchmarks.emulated.cpus import HERE, ROOT, Answer, Cpu, ask
from onnx import helper

from watchword import audio
from watchword.bundle import load
from watchword.hearing import TAIL_SECONDS

GOLDEN = "golden vectors"
INSTRUCTIONS = ("SSE42", "AVX", "FMA3", "AVX2", "AVX512F", "AVX512_ICL", "ASIMD", "ASIMDDP")
"""Sets by which implementations of matrix products differ, as numpy names them; AVX512_ICL has VNNI."""

UNROUNDED = "unrounded"
"""The stage before the first integers: logarithms in double precision, in levels."""


def prepare(bundle: Path, folder: Path) -> None:
    """Write into `folder` what the probe reads: the examples as `watchword detect` hears them, and the stages."""
    with np.load(bundle / "vectors.npz") as vectors:
        recordings = {GOLDEN: vectors["pcm"]}
    tail = np.zeros(round(TAIL_SECONDS * audio.SAMPLE_RATE), np.int16)
    for path in sorted((ROOT / "examples").glob("*.flac")):
        recordings[path.stem] = np.concatenate([audio.read(path), tail])
    np.savez(folder / "recordings.npz", **recordings)
    (folder / "stages.onnx").write_bytes(_with_stages(load(bundle).model))


def _with_stages(content: bytes) -> bytes:
    """The model with its stages as outputs instead of its own."""
    model = onnx.load_from_string(content)
    graph = model.graph
    [levels] = [node for node in graph.node if "levels" in node.output]
    graph.node.append(helper.make_node("Identity", [levels.input[0]], [UNROUNDED]))
    outputs = [name for node in graph.node for name in node.output]
    stages = [name for name in outputs if name in (UNROUNDED, "levels", "convolution") or name.startswith("layer_")]
    del graph.output[:]
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in stages)
    content = model.SerializeToString()
    assert isinstance(content, bytes)
    return content


def here(bundle: Path, folder: Path) -> tuple[Answer, dict[str, Any]]:
    """The answer of this machine, against which others are held, and how it compares with the golden vectors."""
    answer = ask(HERE, bundle, folder)
    values = answer.values
    with np.load(bundle / "vectors.npz") as vectors:
        golden = {name: differing(vectors[name], values[f"{GOLDEN}/{name}"]) for name in vectors.files if name != "pcm"}
    recordings = {}
    for name in dict.fromkeys(key.partition("/")[0] for key in values):
        probability = values[f"{name}/probability"]
        recordings[name] = {
            "steps": len(probability),
            "probability_sha256": hashlib.sha256(probability.tobytes()).hexdigest(),
            "events": values[f"{name}/event_time"].tolist(),
        }
    unrounded = np.concatenate([v.ravel() for k, v in values.items() if k.endswith(f"/{UNROUNDED}")])
    inside = unrounded[(unrounded > 0.5) & (unrounded < 254.5)]
    return answer, {
        "golden_differences": golden,
        "recordings": recordings,
        "levels": len(unrounded),
        "nearest_edge": float(np.abs(inside - np.round(inside)).min()),
    }


def row(cpu: Cpu, answer: Answer, expected: Answer) -> dict[str, Any]:
    """What there is to know of one CPU's answer: how many values of each stage are not the expected ones."""
    assert answer.values.keys() == expected.values.keys()
    differences: dict[str, int] = {}
    largest = 0.0
    for key, value in answer.values.items():
        recording, _, stage = key.partition("/")
        if stage == UNROUNDED:
            largest = max(largest, float(np.abs(value - expected.values[key]).max()))
        else:
            wanted = expected.values[f"{recording}/smoothed" if stage == "streamed" else key]
            differences[stage] = differences.get(stage, 0) + differing(value, wanted)
    return {
        "cpu": cpu.name,
        "like": cpu.like,
        **answer.about,
        "instructions": [name for name in INSTRUCTIONS if name in answer.about["instructions"]],
        "differences": differences,
        "largest_before_rounding": largest,
    }


def differing(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> int:
    """How many values are not the same; of arrays of different shapes or types, all."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return max(a.size, b.size)
    return int((a != b).sum())
