"""The frozen speech embedding."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from tests.recordings import speechlike

from watchword.errors import RecipeError
from watchword_training import embedding
from watchword_training.embedding import Embedding
from watchword_training.recipe import EMBEDDING_HOP

TOLERANCE = 0.05
"""Half precision keeps 11 bits of values up to 90; measured 0.031, a slip of one frame moves them by more than 5."""


def test_a_whole_clip_gives_what_windows_give() -> None:
    """
    The network over a clip at once equals the published one over windows of 76 frames, eight frames apart.
    """
    pcm = speechlike(3.0)
    folder = embedding._resources()
    mel, network = (
        onnxruntime.InferenceSession(str(folder / f"{n}.onnx")) for n in ("melspectrogram", "embedding_model")
    )
    padded = np.pad(pcm, (embedding.LEAD, 0)).astype(np.float32)
    frames = mel.run(None, {"input": padded[None]})[0].reshape(-1, 32, 1) / 10 + 2
    windows = np.stack([frames[i : i + 76] for i in range(0, len(frames) - 75, 8)])
    expected = network.run(None, {"input_1": windows})[0].reshape(-1, 96)

    found = Embedding().clip(pcm)

    assert len(found) == len(pcm) // EMBEDDING_HOP
    assert np.abs(found - expected[: len(found)]).max() < TOLERANCE


def test_later_sound_does_not_change_an_embedding() -> None:
    """
    The n-th embedding is made of the first n hops: what follows, as loud as what came before, leaves it as it was.
    """
    pcm = speechlike(2.0)
    changed = pcm.copy()
    changed[EMBEDDING_HOP * 15 :] = pcm[: len(pcm) - EMBEDDING_HOP * 15][::-1]
    loudest = np.abs(pcm).argmax()
    assert loudest < EMBEDDING_HOP * 15

    assert np.abs(Embedding().clip(pcm)[:15] - Embedding().clip(changed)[:15]).max() < TOLERANCE


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Where the package is absent, the extra that brings it is named.
    """
    monkeypatch.setattr(embedding, "find_spec", lambda name: None)

    with pytest.raises(RecipeError, match=r"watchword\[train\]"):
        Embedding()
