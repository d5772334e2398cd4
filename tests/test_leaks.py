"""What was heard in training is never measured."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from watchword import Bundle
from watchword.errors import RecipeError
from watchword_training import leaks, sources
from watchword_training.corpus import open_corpus


def test_a_name_in_two_places_is_refused_with_both() -> None:
    """
    The error names the source, both places, and what to do; names of one place may repeat.
    """
    leaks.refuse("voice", {"train": ["a", "a"], "test": ["b"]}, "keep one")

    with pytest.raises(RecipeError, match="voice b is in train and in test; keep one"):
        leaks.refuse("voice", {"train": ["a", "b"], "test": ["b"]}, "keep one")


def test_a_renamed_copy_of_a_training_recording_is_not_measured(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    A bundle that lists a recording's hash refuses its copy under another name and in another format.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    pcm = np.random.default_rng(0).integers(-9_000, 9_000, 16_000).astype(np.int16)
    for name in ("trained/a.wav", "new/b.flac"):
        (tmp_path / name).parent.mkdir()
        soundfile.write(tmp_path / name, pcm, 16_000)
    model = tmp_path / "activate"
    shutil.copytree(bundle.folder, model)
    trained = open_corpus(tmp_path / "trained")
    (model / sources.FILE).write_text(json.dumps({"train": [h[:16] for h in trained.hashes], "validation": []}))

    with pytest.raises(RecipeError, match=r"1 recordings .* used for train of this bundle, b\.flac among them"):
        sources.unseen(sources.read(model), open_corpus(tmp_path / "new"))


def test_training_recordings_can_be_left_out(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Of a folder that was trained on in part, the rest can be measured; none is left of one that was trained on whole.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "speech").mkdir()
    for seed, name in enumerate(("a.wav", "b.wav")):
        pcm = np.random.default_rng(seed).integers(-9_000, 9_000, 16_000).astype(np.int16)
        soundfile.write(tmp_path / "speech" / name, pcm, 16_000)
    corpus = open_corpus(tmp_path / "speech")
    model = tmp_path / "activate"
    shutil.copytree(bundle.folder, model)
    used = {"train": [corpus.hashes[0][:16]], "validation": []}
    (model / sources.FILE).write_text(json.dumps(used))

    assert [f.name for f in sources.unseen(sources.read(model), corpus, refuse=False).files] == ["b.wav"]
    used["validation"] = [corpus.hashes[1][:16]]
    (model / sources.FILE).write_text(json.dumps(used))
    with pytest.raises(RecipeError, match="never heard"):
        sources.unseen(sources.read(model), corpus, refuse=False)
