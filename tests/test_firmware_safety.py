"""The firmware where things go wrong: sanitizers, the linter, and microphones with faults."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from benchmarks.firmware import faults
from benchmarks.firmware.host import Library

from watchword import Bundle, Detector, firmware

needs_compiler = pytest.mark.skipif(
    not all(map(shutil.which, ("make", "cc"))), reason="no C compiler: apt-get install make gcc libc6-dev"
)


@pytest.fixture(scope="module")
def sanitized() -> Path:
    """The folder of the programs that were built with AddressSanitizer and UBSan."""
    subprocess.run(["make", "--silent", "-C", firmware.folder(), "sanitized"], check=True)
    return firmware.folder() / "build/sanitized"


@needs_compiler
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_is_undefined(sanitized: Path, seed: int) -> None:
    """
    Random audio through sound and through damaged weights upsets neither sanitizer, and each damage is found.
    """
    fuzzed = subprocess.run([sanitized / "fuzz", "30", str(seed)], capture_output=True, text=True, check=False)

    assert fuzzed.returncode == 0, fuzzed.stderr
    rounds, damaged, found = map(int, re.findall(r"\d+", fuzzed.stdout))
    assert (rounds, damaged) == (30, found)
    assert damaged > 10


@needs_compiler
@pytest.mark.parametrize("kernel", ["rows", "wide"])
def test_kernels_in_c_are_the_plain_product(sanitized: Path, kernel: str) -> None:
    """
    Under the sanitizers, too, four rows at a time and widened operands give the sums of one row at a time.
    """
    made = subprocess.run([sanitized / f"kernels-{kernel}"], capture_output=True, text=True, check=False)

    assert (made.returncode, made.stdout) == (0, "0 sums differ\n")


@pytest.mark.skipif(not shutil.which("cppcheck"), reason="no cppcheck: apt-get install cppcheck")
def test_the_linter_is_content() -> None:
    """
    Cppcheck finds nothing in the C sources.
    """
    linted = subprocess.run(
        ["make", "--silent", "-C", firmware.folder(), "lint"], capture_output=True, text=True, check=False
    )

    assert linted.returncode == 0, linted.stderr


@needs_compiler
@pytest.mark.parametrize("fault", faults.FAULTS)
def test_a_fault_is_heard_alike(bundle: Bundle, fault: str) -> None:
    """
    Through a faulty microphone the C still fires where the ONNX model does.
    """
    pcm = faults.FAULTS[fault](np.load(bundle.folder / "vectors.npz")["pcm"])
    step = bundle.manifest.step_seconds

    listened = Library(bundle).listen(pcm)

    assert [round((s + 1) * step, 3) for s, _ in listened.events] == [e.time for e in Detector(bundle).push(pcm)]


@needs_compiler
def test_an_offset_is_not_heard(bundle: Bundle) -> None:
    """
    A constant offset of the converter changes levels by one at most: no band reaches down to it.
    """
    library, pcm = Library(bundle), np.load(bundle.folder / "vectors.npz")["pcm"]

    levels = library.levels(pcm).astype(int)
    shifted = library.levels(faults.FAULTS["offset"](pcm)).astype(int)

    skip = bundle.manifest.samples_per_step // library.model.features.hop  # the offset's beginning is a click
    assert np.abs(levels - shifted)[skip:].max() <= 1
