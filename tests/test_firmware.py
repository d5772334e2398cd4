"""The firmware in C against the bundle it was generated from, on this machine."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from benchmarks.firmware.host import Library, recommended
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from watchword import Bundle, Detector, firmware
from watchword.bundle import MANIFEST, MODEL, load
from watchword.errors import BundleError
from watchword.network import Pcm
from watchword_training import firmware as generator
from watchword_training import vectors
from watchword_training.export import export
from watchword_training.frontend import Frontend
from watchword_training.model_specs import ConvolutionSpec, FeatureSpec, NetworkSpec
from watchword_training.network import Network

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("make", "cc"))), reason="no C compiler: apt-get install make gcc libc6-dev"
)

LEVELS_APART = 1
LEVELS_DIFFERENT = 2e-4
HARDEST, HARDEST_DIFFERENT = "quiet under loud", 0.016
"""Shares of levels that may be their neighbours; measured 6e-5 in speech, and 0.0054 under a tone 84 dB louder."""


@pytest.fixture(scope="module")
def library(bundle: Bundle) -> Library:
    return Library(bundle)


@pytest.fixture(scope="module")
def golden(bundle: Bundle) -> dict[str, np.ndarray]:
    return dict(np.load(bundle.folder / "vectors.npz"))


MakeModel = Callable[[NetworkSpec, FeatureSpec], Path]


@pytest.fixture
def make_model(tmp_path: Path, bundle: Bundle) -> MakeModel:
    """Give a function that writes a bundle with drawn weights."""

    def make(spec: NetworkSpec, features: FeatureSpec) -> Path:
        torch.manual_seed(7)
        network = Network(spec, features.mels).eval()
        with torch.no_grad():
            for norm in (module for module in network.modules() if isinstance(module, nn.BatchNorm2d)):
                nn.init.uniform_(norm.bias, -1, 1)
            network.output.weight.mul_(9)
        return write(tmp_path / "drawn", export(network, Frontend(features), {}), bundle)

    return make


def write(folder: Path, model: onnx.ModelProto, like: Bundle) -> Path:
    """A bundle of `model`, with the settings of `like`."""
    folder.mkdir()
    content = model.SerializeToString()
    sums = {MODEL: hashlib.sha256(content).hexdigest()}
    manifest = replace(like.manifest, sha256=sums, threshold=0.5, release=0.4, smoothing=2, refractory=3)
    (folder / MODEL).write_bytes(content)
    (folder / MANIFEST).write_text(json.dumps(manifest.to_json()))
    return folder


def test_the_generated_files_are_the_bundles(bundle: Bundle) -> None:
    """
    Generating again from the shipped bundle changes nothing in firmware_sim/generated.
    """
    folder = firmware.folder() / "generated"

    generated = generator.generate(bundle)

    assert generated == {path.name: path.read_text("utf-8") for path in folder.iterdir()}
    assert all(path.stat().st_size < 4 << 20 for path in folder.iterdir())


def test_layers_are_bit_equal(library: Library, golden: dict[str, np.ndarray]) -> None:
    """
    From the golden levels the C gives every value of every layer and every probability.
    """
    layers = library.layers(golden["levels"])

    assert {name for name in golden if name.startswith(("conv", "layer", "prob"))} == set(layers)
    assert all(np.array_equal(values, golden[name]) for name, values in layers.items())


def test_events_are_the_golden_ones(library: Library, golden: dict[str, np.ndarray]) -> None:
    """
    From the golden audio the C fires at the same steps, with scores as near as a level allows.
    """
    manifest = library.bundle.manifest

    listened = library.listen(golden["pcm"])

    times = [round((step + 1) * manifest.step_seconds, 3) for step, _ in listened.events]
    scores = [score / firmware.ONE / manifest.smoothing for _, score in listened.events]
    assert times == golden["event_time"].tolist()
    assert scores == pytest.approx(golden["event_score"].tolist(), abs=0.02)
    assert np.abs(listened.sums / firmware.ONE / manifest.smoothing - golden["smoothed"]).max() < 0.05


def signals() -> dict[str, Pcm]:
    """Five seconds each of what is hard for integers."""
    rng = np.random.default_rng(11)
    time = np.arange(80_000) / 16_000
    clicks = np.where(np.arange(80_000) % 1_000 == 0, 32_767, 0)
    waves = {
        "full-range square": rng.choice([-32_768, 32_767], 80_000),
        "least noise": rng.integers(-1, 2, 80_000),
        HARDEST: 32_000 * np.sin(2_764.6 * time) + rng.normal(0, 2, 80_000),
        "clicks": clicks,
        "constant": np.full(80_000, -32_768),
        "rising noise": rng.normal(0, 1, 80_000) * np.geomspace(0.3, 8_000, 80_000),
    }
    return {name: np.clip(np.rint(wave), -32_768, 32_767).astype(np.int16) for name, wave in waves.items()}


@pytest.mark.parametrize("name", [*signals(), "speech"])
def test_levels_are_near(library: Library, golden: dict[str, np.ndarray], name: str) -> None:
    """
    A log-mel level of the 32-bit front end is that of double precision, or rarely its neighbour.
    """
    pcm = golden["pcm"] if name == "speech" else signals()[name]

    expected = Frontend(library.model.features)
    apart = np.abs(library.levels(pcm) - expected.clip(torch.from_numpy(pcm[None]))[0].numpy().astype(np.int16))

    assert apart.max() <= LEVELS_APART
    assert (apart > 0).mean() <= (HARDEST_DIFFERENT if name == HARDEST else LEVELS_DIFFERENT)


@settings(deadline=None, max_examples=20)
@given(chunk=st.integers(1, 640), again=st.booleans())
def test_any_cut_gives_the_same_scores(
    library: Library, golden: dict[str, np.ndarray], chunk: int, again: bool
) -> None:
    """
    However many samples are pushed at once, and after a reset, no score differs.
    """
    pcm = golden["pcm"][:40_000]

    whole = library.listen(pcm)
    cut = library.listen(pcm, chunk=chunk, again=again)

    assert np.array_equal(whole.sums, cut.sums)
    assert whole.events == cut.events


@pytest.mark.parametrize("threshold", [0.02, 0.3, 0.9])
def test_any_threshold_fires_alike(library: Library, golden: dict[str, np.ndarray], threshold: float) -> None:
    """
    The trigger in C fires where the one in Python does, at thresholds that make many events and few.
    """
    manifest, detector = library.bundle.manifest, Detector(library.bundle, threshold)
    chosen = detector.trigger_settings
    limits = [firmware.least_sum(mean, manifest.smoothing) for mean in (chosen.threshold, chosen.release)]

    listened = library.listen(golden["pcm"], limits=(limits[0], limits[1]))

    expected = [e.time for e in detector.push(golden["pcm"])]
    assert [round((step + 1) * manifest.step_seconds, 3) for step, _ in listened.events] == expected


@given(mean=st.floats(0.001, 1.0), smoothing=st.integers(1, 9))
def test_sums_stand_for_means(mean: float, smoothing: int) -> None:
    """
    A sum of probabilities reaches the whole number exactly when its mean reaches the threshold.
    """
    least = firmware.least_sum(mean, smoothing)

    assert least / firmware.ONE / smoothing >= mean
    assert (least - 1) / firmware.ONE / smoothing < mean


@pytest.mark.parametrize(
    "spec",
    [
        NetworkSpec(channels=24, hidden=20, layers=1),
        NetworkSpec(channels=20, hidden=36, layers=3, kernel=8, stride=2),
        NetworkSpec(
            local=(
                ConvolutionSpec(channels=12, frames=4, bands=5, frame_stride=2, band_stride=2),
                ConvolutionSpec(channels=20, frames=3, bands=4, band_stride=3),
                ConvolutionSpec(channels=16, frames=2, bands=5),
                ConvolutionSpec(channels=12, frames=3, bands=1, frame_stride=2),
            ),
            kernel=3,
            stride=1,
            channels=24,
            hidden=20,
            layers=1,
        ),
    ],
    ids=["one layer", "three layers", "local convolutions"],
)
def test_sizes_come_from_the_bundle(make_model: MakeModel, spec: NetworkSpec, clip: Pcm, tmp_path: Path) -> None:
    """
    Bundles of other sizes give their own firmware, with every layer bit-equal.
    """
    folder = make_model(spec, FeatureSpec())
    manifest = json.loads((folder / MANIFEST).read_text()) | {"samples_per_step": 160 * spec.frames_per_step}
    (folder / MANIFEST).write_text(json.dumps(manifest))
    vectors.write(folder, clip[:48_000])
    drawn, stored = load(folder), np.load(folder / "vectors.npz")
    generator.write(drawn, tmp_path / "generated")

    other = Library(drawn, tmp_path / "generated", tmp_path / "build")

    for name, values in other.layers(stored["levels"]).items():
        assert np.array_equal(values, stored[name])
    listened = other.listen(stored["pcm"])
    assert np.abs(listened.sums / firmware.ONE / 2 - stored["smoothed"]).max() < 0.05


def test_sizes_that_the_kernels_lack_are_refused(make_model: MakeModel) -> None:
    """
    A bundle whose rows are no multiple of four bytes is refused, and the message says which size.
    """
    folder = make_model(NetworkSpec(channels=24, hidden=18), FeatureSpec())

    with pytest.raises(BundleError, match="hidden is 18, expected a multiple of 4"):
        generator.generate(load(folder))


@pytest.mark.parametrize(
    ("features", "reason"),
    [
        (FeatureSpec(low=100.0), "has other values than this package exports"),
        (FeatureSpec(window=384), "expected ten times"),
    ],
)
def test_another_front_end_is_refused(make_model: MakeModel, features: FeatureSpec, reason: str) -> None:
    """
    A bundle with other mel bands, or a window that the transform does not have, is refused.
    """
    folder = make_model(NetworkSpec(channels=24, hidden=20), features)

    with pytest.raises(BundleError, match=reason):
        generator.generate(load(folder))


def test_another_graph_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    """
    A graph that computes the same in another way is refused, and the message names the node.
    """
    model = onnx.load_from_string(bundle.model)
    next(node for node in model.graph.node if node.op_type == "Clip").op_type = "Max"

    with pytest.raises(BundleError, match=r"from Max\("):
        generator.generate(load(write(tmp_path / "changed", model, bundle)))


def test_another_bundle_is_not_built(make_model: MakeModel) -> None:
    """
    The build stops when the generated constants are not those of the bundle that is asked for.
    """
    folder = make_model(NetworkSpec(channels=24, hidden=20), FeatureSpec())

    made = subprocess.run(
        ["make", "-C", firmware.folder(), "host", f"BUNDLE={folder}"], capture_output=True, text=True, check=False
    )

    assert made.returncode != 0
    assert "made from another bundle" in made.stderr
    assert "make firmware-generated" in made.stderr


def test_the_gate_rests_in_silence(library: Library, golden: dict[str, np.ndarray]) -> None:
    """
    With the gate the network does not see most of a quiet room, and sees all of a word after it.
    """
    gate = recommended()
    rng = np.random.default_rng(2)
    room = rng.normal(0, 10, 16_000 * 30)
    loud = np.concatenate([room, golden["pcm"], room]).round().astype(np.int16)
    step = library.bundle.manifest.samples_per_step

    always, gated = library.listen(loud), library.listen(loud, gate)

    assert gated.looked[: 16_000 * 30 // step].mean() < 0.7
    assert gated.looked[16_000 * 60 // step :].mean() < 0.2
    assert [step for step, _ in gated.events] == [step for step, _ in always.events]
    assert always.looked.all()
