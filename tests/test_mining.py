"""Hard negatives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.recordings import speechlike

from watchword_training import mining
from watchword_training.embedding import Embedding
from watchword_training.model_specs import TeacherSpec
from watchword_training.sounds import Library, Piece
from watchword_training.teacher import Teacher


class Loud(Teacher):
    """Takes for the word whatever sounds: embeddings of hiss differ by less than 7."""

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        """Logits (batch, hop): high where an embedding differs from that of hiss."""
        return 30 * ((embeddings - HISS).abs().mean(2) - 7.5)


HISS = torch.from_numpy(Embedding().clip(mining._heard(np.zeros(32_000, np.int16)))[-1:].astype(np.float32))


def library(folder: Path) -> Library:
    """A short word, and half a minute of silence with a sound at 20 s."""
    long = np.zeros(30 * 16_000, np.int16)
    long[20 * 16_000 : 21 * 16_000] = speechlike(1.0)
    np.save(folder / "all.npy", np.concatenate([speechlike(1.0), long]))
    word, near = (Piece(0, 0, 16_000, (0, 16_000), name) for name in ("word", "near"))
    speech, song = (Piece(0, 16_000, len(long), (0, len(long)), name) for name in ("speech", "song"))
    kinds = {"positive": [near], "near": [near], "ordinary": [word], "speech": [speech], "noise": [song]}
    return Library((folder / "all.npy",), kinds)


def test_what_is_taken_for_the_word_is_found(tmp_path: Path) -> None:
    """
    A short sound is kept whole, of a long one, sung or spoken, what surrounds the peak; words near it are left alone.
    """
    found = mining.mine(Loud(TeacherSpec()), library(tmp_path))

    assert Piece(0, 0, 16_000, (0, 16_000), "word") in found
    assert {piece.source.partition(" ")[0] for piece in found} == {"word", "speech", "song"}
    for piece in (piece for piece in found if piece.source != "word"):
        assert piece.length <= mining.BEFORE + mining.AFTER
        assert piece.start <= 16_000 + 21 * 16_000
        assert piece.start + piece.length >= 16_000 + 20 * 16_000


def test_the_nearest_sounds_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Of more sounds than are wanted those with the highest peaks are taken.
    """
    peaks = {"word": 0.2, "speech": 0.5, "song": 0.9}
    monkeypatch.setattr(mining, "_hard", lambda teacher, embedding, piece, sound: [(peaks[piece.source], piece)])
    monkeypatch.setattr(mining, "MOST", 2)

    found = mining.mine(Loud(TeacherSpec()), library(tmp_path))

    assert [piece.source for piece in found] == ["song", "speech"]


def test_a_teacher_that_is_sure_finds_nothing(tmp_path: Path) -> None:
    """
    Without a sound above the threshold there are no hard negatives.
    """
    teacher = Teacher(TeacherSpec()).eval()
    torch.nn.init.constant_(teacher.output.bias, -20)

    assert mining.mine(teacher, library(tmp_path)) == []
