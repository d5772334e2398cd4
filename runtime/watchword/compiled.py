"""A bundle compiled for one kind of processor: what `Network` computes, without an interpreter of graphs.

`watchword compile` makes the library from the firmware's sources. Its layers are those of the bundle to the bit; its
front end works with integers, and of ten thousand levels about one differs by one.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from watchword.bundle import MODEL, Bundle
from watchword.errors import BundleError
from watchword.network import Pcm, Probabilities, State, check_steps

VERSION = 1
"""Of the functions that a library has: another one's are never called."""


class Compiled:
    """The model of one bundle as a shared library. It holds no state, like a `Network`, and takes its place."""

    def __init__(self, bundle: Bundle, file: str | Path) -> None:
        """
        BundleError when `file` is no such library, was made for another processor or from another bundle.

        A process reads a file once: compiled again under the same name, it is the old one until the next start.
        """
        self._library = _loaded(file)
        if _digest(self._library) != bundle.manifest.sha256[MODEL]:
            raise BundleError(f"{file} was compiled from another bundle than {bundle.folder}; {_again(bundle.folder)}")
        self.samples_per_step: int = self._library.compiled_samples_per_step()
        self._start = np.zeros((1, self._library.kws_size()), np.uint8)
        if not self._library.compiled_start(self._start.ctypes.data):
            raise BundleError(f"{file} is damaged: its weights do not match their checksum; {_again(bundle.folder)}")

    def initial_state(self, batch: int = 1) -> State:
        """The state before the first sample of `batch` streams: digital silence for ever."""
        return {"detector": self._start.repeat(batch, 0)}

    def step(self, pcm: Pcm, state: State) -> tuple[Probabilities, State]:
        """
        Run (batch, n * samples_per_step) samples; gives (batch, n) probabilities and the next state.

        Any n and any batch give the same bits.
        """
        check_steps(pcm, self.samples_per_step)
        pcm, following = np.ascontiguousarray(pcm), state["detector"].copy()
        if following.dtype != np.uint8 or following.shape != (len(pcm), self._start.shape[1]):
            raise ValueError(f"the state is of {following.shape}, expected that of {len(pcm)} streams of this model")
        steps = pcm.shape[1] // self.samples_per_step
        probabilities = np.empty((len(pcm), steps), np.float32)
        for detector, samples, row in zip(following, pcm, probabilities, strict=True):
            self._library.compiled_steps(detector.ctypes.data, samples.ctypes.data, steps, row.ctypes.data)
        return probabilities, {"detector": following}


def matching(bundles: Sequence[Bundle], files: Iterable[str | Path]) -> dict[str, Compiled]:
    """By word, the library among `files` that was made from its bundle; BundleError when one fits none of them."""
    known = {_digest(_loaded(file)): file for file in files}
    wanted = {bundle.manifest.sha256[MODEL] for bundle in bundles}
    if strange := [file for name, file in known.items() if name not in wanted]:
        folders = ", ".join(str(bundle.folder) for bundle in bundles)
        raise BundleError(f"{strange[0]} was compiled from another bundle than {folders}; {_again('BUNDLE')}")
    return {
        bundle.manifest.word: Compiled(bundle, known[name])
        for bundle in bundles
        if (name := bundle.manifest.sha256[MODEL]) in known
    }


def _digest(library: ctypes.CDLL) -> str:
    """SHA-256 of the model that a library was made from."""
    told: bytes = library.compiled_bundle()
    return told.decode()


def _loaded(file: str | Path) -> ctypes.CDLL:
    path = Path(file).resolve()
    if not path.is_file():
        raise BundleError(f"there is no library {file}; {_again('BUNDLE')}")
    try:
        library = ctypes.CDLL(str(path))
        library.compiled_version.restype = ctypes.c_uint32
        version = library.compiled_version()
        library.compiled_bundle.restype = ctypes.c_char_p
        library.compiled_samples_per_step.restype = library.kws_size.restype = ctypes.c_size_t
        library.compiled_start.restype, library.compiled_start.argtypes = ctypes.c_bool, [ctypes.c_void_p]
        library.compiled_steps.restype = None
        library.compiled_steps.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    except (OSError, AttributeError) as exc:
        raise BundleError(f"{file} is no detector compiled for {platform.machine()}; {_again('BUNDLE')}") from exc
    if version != VERSION:
        raise BundleError(f"{file} is of version {version}, this runtime takes {VERSION}; {_again('BUNDLE')}")
    return library


def _again(bundle: str | Path) -> str:
    return f"where the training tools are: watchword compile --model {bundle} --out FILE.so, --cc for another processor"
