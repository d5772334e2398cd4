"""The shipped bundle compiled for this processor, against the same bundle in ONNX Runtime."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from watchword import Bundle, Detector, Detectors, audio, cli
from watchword.bundle import MODEL
from watchword.compiled import Compiled
from watchword.errors import BundleError, FirmwareError
from watchword.hearing import hear
from watchword.network import Pcm
from watchword_training import library

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("make", "cc"))), reason="no C compiler: apt-get install make gcc libc6-dev"
)

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.flac"))
APART = 0.05
"""Largest difference of a smoothed probability: a level in ten thousand is its neighbour."""


@pytest.fixture(scope="module")
def compiled(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped bundle as a library."""
    return library.build(bundle, tmp_path_factory.mktemp("compiled") / "activate.so")


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
    Step by step, all at once, or as one row of a batch: the same bits, and no state is changed in place.
    """
    network = Compiled(bundle, compiled)
    size = network.samples_per_step
    pcm = clip[: len(clip) // size * size]
    whole, _ = network.step(pcm[None], network.initial_state())

    state, steps = network.initial_state(), []
    for part in np.split(pcm[None], len(pcm) // size, axis=1):
        probability, state = network.step(part, state)
        steps.append(probability)
    batch, _ = network.step(np.stack([pcm[::-1], pcm]), network.initial_state(2))

    assert np.array_equal(np.concatenate(steps, 1), whole)
    assert np.array_equal(batch[1:], whole)
    assert np.array_equal(network.step(pcm[None], network.initial_state())[0], whole)


@pytest.mark.parametrize("shape", [(640,), (1, 0), (1, 641)])
def test_other_shapes_are_refused_as_by_onnx_runtime(bundle: Bundle, compiled: Path, shape: tuple[int, ...]) -> None:
    network = Compiled(bundle, compiled)

    with pytest.raises(ValueError, match="expected int16"):
        network.step(np.zeros(shape, np.int16), network.initial_state())


def test_a_library_of_another_bundle_is_refused(bundle: Bundle, compiled: Path) -> None:
    """
    Weights of another model would give other events without a word; the message has the command that mends it.
    """
    sums = {**bundle.manifest.sha256, MODEL: "0" * 64}
    other = replace(bundle, manifest=replace(bundle.manifest, word="other", sha256=sums))

    with pytest.raises(BundleError, match=r"another bundle.*watchword compile"):
        Compiled(other, compiled)
    with pytest.raises(BundleError, match=r"another bundle.*watchword compile"):
        Detectors([other], libraries=[compiled])


def test_what_is_no_library_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    """
    A file that cannot be loaded, as one for another processor, and one that lacks the functions.
    """
    (tmp_path / "text.so").write_text("no library")
    subprocess.run(["cc", "-shared", "-x", "c", "/dev/null", "-o", tmp_path / "empty.so"], check=True)

    for file in (tmp_path / "text.so", tmp_path / "empty.so", tmp_path / "absent.so"):
        with pytest.raises(BundleError, match="no detector compiled for this processor"):
            Compiled(bundle, file)


def test_some_words_may_be_compiled(bundle: Bundle, compiled: Path, clip: Pcm) -> None:
    """
    Each library serves the word that it was made of.
    """
    words = Detectors([bundle], {"activate": 0.01}, [compiled])
    alone = Detector(bundle, 0.01, Compiled(bundle, compiled))

    assert words.push(clip) == alone.push(clip) != []


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


def test_a_compiler_that_is_absent_or_refuses_is_named(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(FirmwareError, match="no no-such-compiler"):
        library.build(bundle, tmp_path / "a.so", "no-such-compiler")
    with pytest.raises(FirmwareError, match="false does not compile"):
        library.build(bundle, tmp_path / "a.so", "false")


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
