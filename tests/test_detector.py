"""The detector: the same answer however the audio arrives."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchword import Bundle, Detector, Event, audio
from watchword.detector import BLOCK_STEPS
from watchword.network import Network, Pcm
from watchword.trigger import Smoothed

SLOW = settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def run(detector: Detector, parts: list[Pcm]) -> tuple[Smoothed, list[Event]]:
    """Push each of `parts`; gives all running means and all events."""
    means, events = [], []
    for part in parts:
        events += detector.push(part)
        means.append(detector.smoothed)
    return np.concatenate(means), events


@SLOW
@given(data=st.data())
def test_cuts_change_nothing(data: st.DataObject, bundle: Bundle, clip: Pcm) -> None:
    """
    Audio cut anywhere, empty pieces included, gives the bits that one push gives.
    """
    cuts = data.draw(st.lists(st.integers(0, len(clip)), max_size=8).map(sorted))
    expected, events = run(Detector(bundle, 0.01), [clip])

    smoothed, cut_events = run(Detector(bundle, 0.01), np.split(clip, cuts))

    assert np.array_equal(smoothed, expected)
    assert cut_events == events


def test_single_samples(bundle: Bundle, clip: Pcm) -> None:
    """
    Audio that comes one sample at a time gives the bits that one push gives.
    """
    short = clip[32_000 : 32_000 + 4 * bundle.manifest.samples_per_step + 1]
    expected, _ = run(Detector(bundle), [short])

    smoothed, _ = run(Detector(bundle), [short[i : i + 1] for i in range(len(short))])

    assert len(expected) == 4
    assert np.array_equal(smoothed, expected)


def test_long_push(bundle: Bundle, clip: Pcm) -> None:
    """
    A push of more than one block equals pushes of a second each.
    """
    long = np.tile(clip, 6)
    assert len(long) > 1.5 * BLOCK_STEPS * bundle.manifest.samples_per_step
    expected, events = run(Detector(bundle, 0.01), [long])

    smoothed, short_events = run(Detector(bundle, 0.01), np.split(long, range(16_000, len(long), 16_000)))

    assert np.array_equal(smoothed, expected)
    assert short_events == events


def test_every_step_counts(bundle: Bundle) -> None:
    """
    A step completes with its last sample, not one before or after.
    """
    step = bundle.manifest.samples_per_step
    detector = Detector(bundle)

    lengths = []
    for samples in (step - 1, 1, 2 * step - 1, 1):
        detector.push(np.zeros(samples, np.int16))
        lengths.append(len(detector.smoothed))

    assert lengths == [0, 1, 1, 1]


@SLOW
@given(cut=st.integers(1, 80_000))
def test_future_does_not_leak(cut: int, bundle: Bundle, clip: Pcm) -> None:
    """
    Later audio never changes an earlier output.
    """
    changed = clip.copy()
    changed[cut:] = 32_000
    steps = cut // bundle.manifest.samples_per_step
    expected, _ = run(Detector(bundle), [clip])

    smoothed, _ = run(Detector(bundle), [changed])

    assert np.array_equal(smoothed[:steps], expected[:steps])


def test_audio_matters(bundle: Bundle, clip: Pcm) -> None:
    """
    Other audio gives other outputs; without this the equalities here would mean nothing.
    """
    expected, _ = run(Detector(bundle), [clip])

    smoothed, _ = run(Detector(bundle), [clip[::-1].copy()])

    assert not np.array_equal(smoothed, expected)


@SLOW
@given(before=st.integers(0, 60_000))
def test_reset_is_new(before: int, bundle: Bundle, clip: Pcm) -> None:
    """
    A detector that was reset gives the bits, times and scores of a new one.
    """
    used = Detector(bundle, 0.01)
    used.push(clip[:before])

    used.reset()

    assert len(used.smoothed) == 0
    smoothed, events = run(used, [clip])
    expected, expected_events = run(Detector(bundle, 0.01), [clip])
    assert np.array_equal(smoothed, expected)
    assert events == expected_events


@pytest.mark.parametrize("batch", [2, 3, 8])
def test_batch_equals_rows(batch: int, bundle: Bundle, clip: Pcm) -> None:
    """
    Streams in one batch give the bits that each gives alone, over several steps of state.
    """
    network = Network(bundle)
    size = 5 * network.samples_per_step
    rows = np.stack([np.roll(clip, -7_001 * i)[: 4 * size] for i in range(batch)])
    state = network.initial_state(batch)
    alone = [network.initial_state() for _ in range(batch)]

    for start in range(0, rows.shape[1], size):
        together, state = network.step(rows[:, start : start + size], state)
        for i in range(batch):
            single, alone[i] = network.step(rows[i : i + 1, start : start + size], alone[i])
            assert np.array_equal(single[0], together[i])

    for name, values in state.items():
        assert np.array_equal(values, np.concatenate([own[name] for own in alone]))


@pytest.mark.parametrize("shape", [(640,), (1, 0), (1, 641), (1, 1, 640)])
def test_network_refuses_part_of_a_step(shape: tuple[int, ...], bundle: Bundle) -> None:
    """
    The network takes whole steps only.
    """
    network = Network(bundle)

    with pytest.raises(ValueError, match="expected int16"):
        network.step(np.zeros(shape, np.int16), network.initial_state())


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.uint8, np.dtype(">i2")])
def test_other_samples_are_refused(dtype: type, bundle: Bundle) -> None:
    """
    Samples that are not native int16 are refused, not converted by guess.
    """
    with pytest.raises(ValueError, match=r"expected int16 \(samples,\), got"):
        Detector(bundle).push(np.zeros(640, dtype))


def test_two_channels_are_refused(bundle: Bundle) -> None:
    """
    Audio of two dimensions is refused.
    """
    with pytest.raises(ValueError, match=r"expected int16 \(samples,\)"):
        Detector(bundle).push(np.zeros((640, 2), np.int16))


def test_loud_step_is_timed_by_its_end(loudness: Path, recording: Path) -> None:
    """
    An event's time is the end of the step that fired, in seconds since the last reset.
    """
    detector = Detector(loudness)
    detector.push(np.zeros(12_345, np.int16))
    detector.reset()

    events = detector.push(audio.read(recording))

    assert events == [Event("loud", 1.04, 26_214 / 32_768)]


def test_peaks_need_no_threshold(loudness: Path, recording: Path) -> None:
    """
    Peaks are timed like events and include those below the threshold.
    """
    detector = Detector(loudness)
    detector.push(audio.read(recording))

    peaks = detector.peaks(detector.smoothed)

    assert [(peak.time, round(peak.score, 2)) for peak in peaks] == [(1.04, 0.8), (2.24, 0.4)]


def test_no_training_on_the_device() -> None:
    """
    The runtime imports and detects where torch and the other extras are absent, and never imports the training code.
    """
    program = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is blocked", name=name)

BLOCKED = {"torch", "torchaudio", "scipy", "onnx", "matplotlib", "sounddevice", "rich", "fastapi", "uvicorn"}
sys.meta_path.insert(0, Blocker())
import watchword, watchword.cli
assert watchword.cli.main(["detect", *sys.argv[1:]]) == 0
loaded = {name.partition(".")[0] for name in sys.modules}
assert not loaded & BLOCKED
assert "watchword_training" not in loaded
"""
    example = Path(__file__).parents[1] / "examples" / "activated.flac"

    done = subprocess.run([sys.executable, "-c", program, example], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", ["detector", "trigger", "network", "audio", "resampler"])
def test_no_clock(name: str) -> None:
    """
    Modules that decide about audio import neither a clock nor chance.
    """
    source = importlib.import_module(f"watchword.{name}").__file__
    assert source is not None
    tree = ast.parse(Path(source).read_text())

    imported = {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert not imported & {"time", "datetime", "random", "secrets"}
