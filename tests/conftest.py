"""What several tests need: recordings, the shipped bundle, and a bundle whose answers are known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import soundfile
from onnx import TensorProto, helper, numpy_helper

from watchword import Bundle, audio
from watchword.bundle import MANIFEST, MODEL, SCHEMA, Corpus, Manifest, load
from watchword.network import Pcm

MakeBundle = Callable[..., Path]

EXAMPLES = Path(__file__).parents[1] / "examples"
STEP = 640
"""Samples per step of the loudness bundle, 40 ms."""


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """The bundle that is shipped."""
    return load("activate")


@pytest.fixture(scope="session")
def clip() -> Pcm:
    """6 s of a person in a café; (samples,)."""
    return audio.read(EXAMPLES / "activated_something_in_a_cafe.flac")


@pytest.fixture
def make_bundle(tmp_path: Path) -> MakeBundle:
    """Give a function that puts an ONNX model into a bundle: threshold 0.5, no smoothing, 5 steps between events."""

    def make(model: onnx.ModelProto, word: str = "loud") -> Path:
        folder = tmp_path / "models" / word
        folder.mkdir(parents=True)
        content = model.SerializeToString()
        manifest = Manifest(
            schema=SCHEMA,
            word=word,
            phrase="a loud sound",
            sample_rate=16_000,
            samples_per_step=STEP,
            threshold=0.5,
            release=0.3,
            smoothing=1,
            refractory=5,
            recipe="0" * 64,
            quantization="none",
            minimum_runtime="0.1.0",
            sha256={MODEL: hashlib.sha256(content).hexdigest()},
            corpora=[Corpus(name="nobody", licence="CC0")],
        )
        (folder / MODEL).write_bytes(content)
        (folder / MANIFEST).write_text(json.dumps(manifest.to_json()))
        return folder

    return make


@pytest.fixture
def loudness(make_bundle: MakeBundle) -> Path:
    """Folder of a bundle whose probability is the loudest sample of the step over 32768."""
    nodes = [
        helper.make_node("Reshape", ["pcm", "shape"], ["steps"]),
        helper.make_node("Cast", ["steps"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Abs", ["float"], ["level"]),
        helper.make_node("ReduceMax", ["level", "axes"], ["loudest"], keepdims=0),
        helper.make_node("Div", ["loudest", "scale"], ["probability"]),
    ]
    constants = [
        numpy_helper.from_array(np.array([0, -1, STEP], np.int64), "shape"),
        numpy_helper.from_array(np.array([2], np.int64), "axes"),
        numpy_helper.from_array(np.array(32_768, np.float32), "scale"),
    ]
    pcm = helper.make_tensor_value_info("pcm", TensorProto.INT16, ["batch", "samples"])
    probability = helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["batch", "steps"])
    graph = helper.make_graph(nodes, "loudness", [pcm], [probability], constants)
    return make_bundle(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """1 s of silence, 0.2 s at 0.8 of full scale, 1 s of silence, then 0.2 s at 0.4 of it, in a WAV file."""
    pcm = np.zeros(16_000 * 24 // 10, np.int16)
    pcm[16_000:19_200] = 26_214
    pcm[35_200:] = -13_107
    path = tmp_path / "recording.wav"
    soundfile.write(path, pcm, 16_000)
    return path
