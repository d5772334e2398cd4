"""The exported integer graph against the torch network."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import numpy_helper
from torch import nn

from watchword.bundle import Bundle, Manifest
from watchword.network import Network as Session
from watchword.network import Pcm
from watchword_training.export import export, torch_reference
from watchword_training.frontend import Frontend
from watchword_training.graph_layers import fixed_point
from watchword_training.model_specs import ConvolutionSpec, FeatureSpec, NetworkSpec
from watchword_training.network import Network, _present

STEP = 640


class Exported:
    """A network with drawn weights, in torch and as a session."""

    def __init__(self, spec: NetworkSpec) -> None:
        torch.manual_seed(4)
        self.network = Network(spec, 40)
        self.network.eval()
        self.frontend = Frontend(FeatureSpec())
        with torch.no_grad():
            for norm in (module for module in self.network.modules() if isinstance(module, nn.BatchNorm2d)):
                nn.init.normal_(_present(norm.running_mean), 0, 0.3)
                nn.init.uniform_(_present(norm.running_var), 0.5, 2)
            self.network.cell(0)[0].mul_(3)
            self.network.output.weight.mul_(5)
        self.model = export(self.network, self.frontend, {"word": "test"})
        manifest = Manifest(
            schema=1,
            word="test",
            phrase="test",
            sample_rate=16_000,
            samples_per_step=STEP,
            threshold=0.5,
            release=0.3,
            smoothing=4,
            refractory=20,
            recipe="",
            quantization="",
            minimum_runtime="0.1.0",
        )
        self.session = Session(Bundle(Path("test"), manifest, self.model.SerializeToString()))


PLAIN = NetworkSpec(channels=24, hidden=20)
LOCAL = NetworkSpec(
    local=(
        ConvolutionSpec(channels=6, frames=4, bands=5, frame_stride=2, band_stride=2),
        ConvolutionSpec(channels=8, frames=3, bands=4, band_stride=2),
        ConvolutionSpec(channels=5, frames=3, bands=2, frame_stride=2),
        ConvolutionSpec(channels=7, frames=2, bands=7),
        ConvolutionSpec(channels=6, frames=3, bands=1),
    ),
    kernel=3,
    stride=1,
    channels=24,
    hidden=20,
)


@pytest.fixture(scope="module", params=[PLAIN, LOCAL], ids=["plain", "local"])
def exported(request: pytest.FixtureRequest) -> Exported:
    return Exported(request.param)


def speechlike(seed: int, streams: int, seconds: float) -> Pcm:
    """Noise bursts of changing colour and level, from silence to clipping."""
    rng = np.random.default_rng(seed)
    samples = int(seconds * 16_000) // STEP * STEP
    time = np.arange(samples) / 16_000
    carrier = np.sin(2 * np.pi * rng.uniform(100, 3_000, (streams, 1)) * time) + 0.3 * rng.normal(
        size=(streams, samples)
    )
    envelope = np.abs(np.sin(2 * np.pi * rng.uniform(0.5, 3, (streams, 1)) * time)) ** 4 * 40_000
    pcm: Pcm = np.clip(carrier * envelope, -32_768, 32_767).astype(np.int16)
    return pcm


def test_torch_and_onnx_agree(exported: Exported) -> None:
    """
    The graph gives the torch model's probabilities, and those vary.
    """
    pcm = speechlike(0, 2, 4)

    probability, _ = exported.session.step(pcm, exported.session.initial_state(2))
    expected = torch_reference(exported.network, exported.frontend, torch.from_numpy(pcm)).numpy()

    assert expected.std() > 0.01
    assert np.abs(probability - expected).max() <= 1e-3  # measured 0; a slip of one hidden level is 3e-3 here


@settings(deadline=None, max_examples=25)
@given(cuts=st.sets(st.integers(1, 49), max_size=12))
def test_any_chunk_gives_the_same_bits(exported: Exported, cuts: set[int]) -> None:
    """
    However the audio is cut into chunks, no bit of a probability or of the state differs.
    """
    pcm = speechlike(1, 1, 2)
    edges = [0, *sorted(cuts), pcm.shape[1] // STEP]

    whole, last = exported.session.step(pcm, exported.session.initial_state())
    state, pieces = exported.session.initial_state(), []
    for start, end in pairwise(edges):
        piece, state = exported.session.step(pcm[:, start * STEP : end * STEP], state)
        pieces.append(piece)

    assert np.array_equal(np.concatenate(pieces, 1), whole)
    assert all(np.array_equal(state[name], last[name]) for name in last)


@pytest.mark.parametrize("streams", [2, 7, 16])
def test_any_batch_gives_the_same_bits(exported: Exported, streams: int) -> None:
    """
    A stream's probabilities do not depend on the streams beside it.
    """
    pcm = speechlike(2, streams, 2)

    together, _ = exported.session.step(pcm, exported.session.initial_state(streams))

    for row in range(streams):
        alone, _ = exported.session.step(pcm[row : row + 1], exported.session.initial_state())
        assert np.array_equal(alone[0], together[row])


def test_weights_are_unsigned_bytes(exported: Exported) -> None:
    """
    Every matrix of the network is stored as uint8 with zero point 128: signed ones saturate on CPUs without VNNI.
    """
    graphs = [exported.model.graph]
    graphs += [a.g for n in exported.model.graph.node for a in n.attribute if a.type == onnx.AttributeProto.GRAPH]
    stored = {t.name: numpy_helper.to_array(t) for g in graphs for t in g.initializer}
    weights = {name: w for name, w in stored.items() if name.endswith("weight") or "weight_" in name}

    assert len(weights) == 6 + len(exported.network.spec.local)
    assert all(w.dtype == np.uint8 and w.min() >= 1 for w in weights.values())


def test_metadata_stands_in_the_model(exported: Exported) -> None:
    """
    What is given as metadata can be read from the model file alone, and beside it what convolutions there are.
    """
    told = {p.key: p.value for p in exported.model.metadata_props}

    local = tuple(ConvolutionSpec(**spec) for spec in json.loads(told.pop("local", "[]")))
    assert (told, local) == ({"word": "test"}, exported.network.spec.local)


@settings(deadline=None)
@given(
    scale=st.lists(st.floats(1e-6, 1e-1), min_size=1, max_size=8),
    offset=st.floats(-4_000, 4_000),
    total=st.integers(-(2**23), 2**23),
)
def test_rescaling_is_exact(scale: list[float], offset: float, total: int) -> None:
    """
    A sum times a multiplier plus an offset is the same in doubles as in whole numbers.
    """
    multiplier, added = fixed_point(np.array(scale), np.full(len(scale), offset))
    unit = 2.0**80

    for m, a in zip(multiplier.tolist(), added.tolist(), strict=True):
        whole = total * int(m * unit) + int(a * unit)
        assert int((total * m + a) * unit) == whole
