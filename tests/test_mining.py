"""Hard negatives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from tests.recordings import speechlike

from watchword_training import mining, parts, recipes
from watchword_training.embedding import VALUES, Embedding
from watchword_training.model_specs import TeacherSpec
from watchword_training.sounds import Library, Piece
from watchword_training.teacher import Teacher
from watchword_training.workers import Local

HISS = torch.from_numpy(Embedding().clip(mining._heard(np.zeros(32_000, np.int16)))[-1].astype(np.float32))
RECIPE = replace(recipes.load("tiny"), word="activate", teacher=TeacherSpec(hidden=2 * VALUES))


DIFFERENT = 50
"""How far from hiss, in the measure of `taught`, speech is and hiss is not."""


def taught(path: Path, different: float) -> Path:
    """The weights of a teacher that takes for the word whatever is that different from hiss, in the file `path`.

    Two of its units for each value tell how far an embedding lies above and below that of hiss; it keeps no state.
    """
    teacher, units = Teacher(RECIPE.teacher), RECIPE.teacher.hidden
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter.zero_()
        teacher.mean.copy_(HISS)
        teacher.gru.get_parameter("weight_ih_l0")[2 * units :] = torch.cat([torch.eye(VALUES), -torch.eye(VALUES)])
        teacher.gru.get_parameter("bias_ih_l0")[2 * units :] = -10
        teacher.gru.get_parameter("bias_ih_l0")[units : 2 * units] = -20
        teacher.output.weight.fill_(1)
        teacher.output.bias.fill_(units - different)
    safetensors.torch.save_file(teacher.state_dict(), path)
    return path


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
    found = mining.mine(RECIPE, taught(tmp_path / "teacher.safetensors", DIFFERENT), library(tmp_path), Local(1))

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
    searched = [[(height, Piece(0, 0, 1, (0, 1), name))] for name, height in peaks.items()]
    monkeypatch.setattr(parts, "work", lambda *_: searched)
    monkeypatch.setattr(mining, "MOST", 2)

    found = mining.mine(RECIPE, tmp_path / "teacher.safetensors", library(tmp_path), Local(1))

    assert [piece.source for piece in found] == ["song", "speech"]


def test_a_teacher_that_is_sure_finds_nothing(tmp_path: Path) -> None:
    """
    Without a sound above the threshold there are no hard negatives.
    """
    nothing = taught(tmp_path / "teacher.safetensors", 10 * DIFFERENT)

    assert mining.mine(RECIPE, nothing, library(tmp_path), Local(1)) == []


def test_parts_and_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    One sound in a task and two processes find what one task finds, in the same order.
    """
    teacher, sounds = taught(tmp_path / "teacher.safetensors", DIFFERENT), library(tmp_path)
    expected = mining.mine(RECIPE, teacher, sounds, Local(1))
    monkeypatch.setattr(mining, "PART", 1)

    assert mining.mine(RECIPE, teacher, sounds, Local(2)) == expected
