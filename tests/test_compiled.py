"""The shipped bundle compiled for this processor, against the same bundle in ONNX Runtime."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from watchword import Bundle, Detector, Detectors, audio, cli
from watchword.bundle import load
from watchword.compiled import Compiled
from watchword.errors import BundleError, FirmwareError
from watchword.hearing import hear
from watchword.network import Pcm
from watchword_training import library
from watchword_training.export import export
from watchword_training.frontend import Frontend
from watchword_training.model_specs import FeatureSpec, NetworkSpec
from watchword_training.network import Network

pytestmark = pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler: apt-get install gcc libc6-dev")

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.flac"))
APART = 0.03
"""Largest difference of a smoothed probability, measured 0.0096: a level in ten thousand is its neighbour."""

STRICT = "cc -Wall -Wextra -Wconversion -Wshadow -Werror -fsanitize=undefined -fno-sanitize-recover=all"


@pytest.fixture(scope="module")
def compiled(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped bundle as a library that ends the tests when anything in it is undefined."""
    return library.build(bundle, tmp_path_factory.mktemp("compiled here") / "activate.so", STRICT)


@pytest.fixture
def other(make_bundle: Callable[..., Path]) -> Bundle:
    """Another word's bundle: drawn weights."""
    torch.manual_seed(7)
    features = FeatureSpec()
    network = Network(NetworkSpec(channels=8, hidden=8), features.mels).eval()
    return load(make_bundle(export(network, Frontend(features), {}), "other word"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_events_are_those_of_onnx_runtime(bundle: Bundle, compiled: Path, example: Path) -> None:
    """
    Every real recording gives the same events at the same times, and nearly the same probability at each step.
    """
    pcm = audio.read(example)
    there, here = (hear(Detector(bundle, network=n), [pcm]) for n in (None, Compiled(bundle, compiled)))

    assert [event.time for event in here.events] == [event.time for event in there.events]
    assert np.abs(here.smoothed - there.smoothed).max() < APART


def test_cuts_and_batches_change_nothing(bundle: Bundle, compiled: Path, clip: Pcm) -> None:
    """
    Step by step, all at once, or as one row of a batch of any layout: the same bits.
    """
    network = Compiled(bundle, compiled)
    size = network.samples_per_step
    pcm = clip[: len(clip) // size * size]
    whole, _ = network.step(pcm[None], network.initial_state())

    state, steps = network.initial_state(), []
    for part in np.split(pcm[None], len(pcm) // size, axis=1):
        probability, state = network.step(part, state)
        steps.append(probability)
    batch, _ = network.step(np.stack([pcm[::-1], pcm], 1).T, network.initial_state(2))

    assert np.array_equal(np.concatenate(steps, 1), whole)
    assert np.array_equal(batch[1:], whole)


def test_a_state_that_was_given_stays_as_it_is(bundle: Bundle, compiled: Path, clip: Pcm) -> None:
    """
    Any number of streams may go on from one state, and detectors that share a model do not hear each other.
    """
    network = Compiled(bundle, compiled)
    pcm = clip[None, : 20 * network.samples_per_step]
    _, state = network.step(pcm, network.initial_state())

    first, _ = network.step(pcm, state)
    second, _ = network.step(pcm, state)
    detectors = [Detector(bundle, 0.01, network) for _ in range(2)]
    events = [[event for part in np.split(clip, 3) for event in d.push(part)] for d in detectors]

    assert np.array_equal(first, second)
    assert events[0] == events[1] == Detector(bundle, 0.01, network).push(clip)


@pytest.mark.parametrize("shape", [(1, 8), (2, 7304)])
def test_a_state_of_something_else_is_refused(bundle: Bundle, compiled: Path, shape: tuple[int, int]) -> None:
    """
    C would write behind it.
    """
    network = Compiled(bundle, compiled)

    with pytest.raises(ValueError, match="expected that of 1 streams"):
        network.step(np.zeros((1, network.samples_per_step), np.int16), {"detector": np.zeros(shape, np.uint8)})


@pytest.mark.parametrize("shape", [(640,), (1, 0), (1, 641)])
def test_other_shapes_are_refused_as_by_onnx_runtime(bundle: Bundle, compiled: Path, shape: tuple[int, ...]) -> None:
    network = Compiled(bundle, compiled)

    with pytest.raises(ValueError, match="expected int16"):
        network.step(np.zeros(shape, np.int16), network.initial_state())


def test_a_library_of_another_bundle_is_refused(bundle: Bundle, other: Bundle, compiled: Path) -> None:
    """
    Weights of another model would give other events without a word; the message has the command that mends it.
    """
    with pytest.raises(BundleError, match=r"another bundle.*watchword compile"):
        Compiled(other, compiled)
    with pytest.raises(BundleError, match=r"another bundle.*watchword compile"):
        Detectors([other], libraries=[compiled])


def test_what_is_no_library_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    """
    An absent file; one that cannot be loaded, as one for another processor; one that lacks the functions; an old one.
    """
    (tmp_path / "text.so").write_text("no library")
    subprocess.run(["cc", "-shared", "-x", "c", "/dev/null", "-o", tmp_path / "empty.so"], check=True)
    old = "#include <stdint.h>\nuint32_t compiled_version(void); uint32_t compiled_version(void) { return 0; }\n"
    functions = ["compiled_bundle", "compiled_samples_per_step", "kws_size", "compiled_start", "compiled_steps"]
    (tmp_path / "old.c").write_text(old + "".join(f"void {name}(void) {{}}\n" for name in functions))
    subprocess.run(["cc", "-shared", "-fPIC", tmp_path / "old.c", "-o", tmp_path / "old.so"], check=True)

    for name, reason in (
        ("absent", "there is no library"),
        ("text", "no detector compiled for"),
        ("empty", "no detector compiled for"),
        ("old", "is of version 0"),
    ):
        with pytest.raises(BundleError, match=reason):
            Compiled(bundle, tmp_path / f"{name}.so")


def test_each_word_has_its_own_library_or_none(
    bundle: Bundle, other: Bundle, compiled: Path, tmp_path: Path, clip: Pcm
) -> None:
    """
    A library serves the word that it was made of, whatever the order; a word without one runs in ONNX Runtime.
    """
    second = library.build(other, tmp_path / "other.so")
    alone = {b.manifest.word: Detector(b, 0.01) for b in (bundle, other)}
    for detector in alone.values():
        detector.push(clip)

    for libraries in ([second, compiled], [compiled], [str(second)]):
        words = Detectors([bundle, other], libraries=libraries)
        words.push(clip)
        for word, smoothed in words.smoothed.items():
            assert np.abs(smoothed - alone[word].smoothed).max() < APART
    every_second = alone["other word"].smoothed[1::2]
    assert np.abs(alone["activate"].smoothed - every_second).max() > 3 * APART


def test_a_library_in_use_can_be_compiled_again(bundle: Bundle, other: Bundle, tmp_path: Path, clip: Pcm) -> None:
    """
    The process that has loaded it goes on with the old one: nothing is written into what it runs.
    """
    file = library.build(bundle, tmp_path / "activate.so")
    network = Compiled(bundle, file)
    before = Detector(bundle, 0.01, network).push(clip)

    library.build(other, file)

    assert Detector(bundle, 0.01, network).push(clip) == before


def test_the_command_line_compiles_and_detects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], bundle: Bundle
) -> None:
    """
    Two commands, from a bundle to an event.
    """
    out = tmp_path / "activate.so"

    assert cli.main(["compile", "--out", str(out)]) == 0
    assert cli.main(["detect", "--compiled", str(out), str(EXAMPLES[0])]) == 0
    assert cli.main(["bench", "--compiled", str(out), "--seconds", "1"]) == 0

    assert "activated.flac  1.440 s  activate" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("compiler", "reason"),
    [
        ("no-such-compiler", "no compiler 'no-such-compiler'"),
        ("false", "false does not compile"),
        ("cc -Dmemcpy=+", "cc does not compile the firmware: .*error"),
    ],
)
def test_a_compiler_that_is_absent_or_refuses_is_named(
    bundle: Bundle, tmp_path: Path, compiler: str, reason: str
) -> None:
    with pytest.raises(FirmwareError, match=reason):
        library.build(bundle, tmp_path / "a.so", compiler)

    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_named(bundle: Bundle, tmp_path: Path) -> None:
    """
    A folder of that name stays.
    """
    (tmp_path / "a.so").mkdir()

    with pytest.raises(FirmwareError, match=r"cannot write .*a\.so"):
        library.build(bundle, tmp_path / "a.so")


def test_a_board_has_no_use_for_a_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Two engines at once are refused.
    """
    assert cli.main(["detect", "--firmware", "an386", "--compiled", "a.so", str(EXAMPLES[0])]) == 1
    assert "not both" in capsys.readouterr().err


def test_onnx_runtime_stays_unloaded(compiled: Path) -> None:
    """
    It is most of the memory, so a compiled detector must not import it.
    """
    program = (
        "import sys; from pathlib import Path; from watchword import Detectors; import numpy;"
        f"Detectors(libraries=[Path({str(compiled)!r})]).push(numpy.zeros(16000, numpy.int16));"
        "sys.exit('onnxruntime' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
