"""Folders of recordings."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from watchword.errors import RecipeError
from watchword_training import cache
from watchword_training.corpus import open_corpus, place


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))


def record(path: Path, seconds: float, rate: int = 16_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    wave = 0.3 * np.sin(np.arange(int(seconds * rate)) * (0.05 + zlib.crc32(path.stem.encode()) / 2**32))
    soundfile.write(path, wave, rate)


def test_any_format_and_rate_is_decoded(tmp_path: Path) -> None:
    """
    Files of several formats and rates, in folders of folders, end up at 16 kHz with their durations.
    """
    record(tmp_path / "data/a.wav", 1.0)
    record(tmp_path / "data/deep/b.flac", 2.0, 44_100)
    record(tmp_path / "data/c.ogg", 1.5, 8_000)

    corpus = open_corpus(tmp_path / "data")

    assert [f.name for f in corpus.files] == ["a.wav", "c.ogg", "b.flac"]
    assert [n / 16_000 for n in corpus.lengths] == pytest.approx([1.0, 1.5, 2.0], abs=0.01)


def test_bad_files_are_listed_with_reasons(tmp_path: Path) -> None:
    """
    A file that cannot be decoded is named, and the others are kept.
    """
    record(tmp_path / "data/good.wav", 1.0)
    (tmp_path / "data/bad.wav").write_text("no audio")

    corpus = open_corpus(tmp_path / "data")

    assert len(corpus.files) == 1
    assert len(corpus.refused) == 1
    assert "bad.wav" in corpus.refused[0]


def test_a_changed_folder_is_decoded_again(tmp_path: Path) -> None:
    """
    The cache never serves what is no longer there.
    """
    record(tmp_path / "data/a.wav", 1.0)
    before = open_corpus(tmp_path / "data")
    record(tmp_path / "data/b.wav", 1.0)

    after = open_corpus(tmp_path / "data")

    assert len(after.files) == 2
    assert after.digest != before.digest


def test_a_touched_folder_is_not_decoded_again(tmp_path: Path) -> None:
    """
    What is made from recordings is named by what they hold: a copy or a checkout with later times is the same.
    """
    record(tmp_path / "data/a.wav", 1.0)
    first = open_corpus(tmp_path / "data")
    os.utime(tmp_path / "data/a.wav", (1, 1))

    assert open_corpus(tmp_path / "data").digest == first.digest


def test_splits_are_disjoint_and_complete(tmp_path: Path) -> None:
    """
    Every recording is in exactly one split, and the name alone decides which.
    """
    for i in range(40):
        record(tmp_path / f"data/{i}.wav", 0.1)
    corpus = open_corpus(tmp_path / "data")

    counts = {s: len(corpus.split(s, 0.2, 0.3)) for s in ("train", "validation", "test")}

    assert sum(counts.values()) == 40
    assert all(counts.values())
    assert set(place(corpus.groups, 0.2, 0.3).values()) == {"train", "validation", "test"}


def test_a_long_recording_is_cut_where_it_is_quiet(tmp_path: Path) -> None:
    """
    Pieces of a minute lie between 8 and 20 s, join to the whole, share its split, and begin in its pauses.
    """
    time = np.arange(60 * 16_000) / 16_000
    wave = 0.3 * np.sin(time * 2_000) * (time % 3 < 2.5)
    (tmp_path / "data").mkdir()
    soundfile.write(tmp_path / "data/long.wav", wave, 16_000, subtype="PCM_16")

    corpus = open_corpus(tmp_path / "data")

    starts = np.cumsum(corpus.lengths)[:-1]
    assert sum(corpus.lengths) == 60 * 16_000
    assert all(8 <= n / 16_000 <= 20 for n in corpus.lengths)
    assert all(2.5 <= s / 16_000 % 3 <= 3 for s in starts)
    assert len(set(corpus.groups)) == 1


def test_pieces_that_say_the_word_are_left_out_by_name(tmp_path: Path) -> None:
    """
    A corpus without some pieces keeps the others' samples and lists what went.
    """
    for i in range(3):
        record(tmp_path / f"data/{i}{i}{'x' * i}.wav", 0.1 * (i + 1))
    corpus = open_corpus(tmp_path / "data")

    rest = corpus.without([1])

    assert [f.name for f in rest.files] == ["00.wav", "22xx.wav"]
    assert all(
        np.array_equal(a, b) for a, b in zip(rest.pieces(), [corpus.pieces()[0], corpus.pieces()[2]], strict=True)
    )
    assert "11x.wav: it seems to say the word" in rest.refused[-1]
    assert rest.digest != corpus.digest


def test_recordings_of_the_word_are_trimmed_or_refused(tmp_path: Path) -> None:
    """
    Silence around an own recording of the word is cut; one that is too long for a word is listed.
    """
    word = 0.3 * np.sin(np.arange(12_000) * 0.3)
    (tmp_path / "data").mkdir()
    soundfile.write(tmp_path / "data/a.wav", np.concatenate([np.zeros(8_000), word, np.zeros(24_000)]), 16_000)
    record(tmp_path / "data/long.wav", 9.0)

    corpus = open_corpus(tmp_path / "data", words=True)

    assert corpus.lengths == [pytest.approx(12_000, abs=160)]
    assert "long.wav: 9.00 s of sound" in corpus.refused[0]


def test_pruning_takes_what_was_not_used_and_keeps_pairs(tmp_path: Path) -> None:
    """
    Beyond its bound the cache loses whole entries, least recently used first.
    """
    folder = cache.folder("things")
    for age, name in enumerate(("new", "used", "old")):
        for ending in ("npy", "json"):
            file = folder / f"{name}.{ending}"
            file.write_bytes(bytes(100))
            os.utime(file, (1_000_000 - age, 1_000_000 - age))
    cache.touch([folder / "used.json"])

    cache.prune("things", 400, depth=1)

    assert sorted(f.name for f in folder.iterdir()) == ["new.json", "new.npy", "used.json", "used.npy"]


def test_a_pruned_corpus_is_decoded_again(tmp_path: Path) -> None:
    """
    Without its array an index is worth nothing.
    """
    record(tmp_path / "data/a.wav", 1.0)
    open_corpus(tmp_path / "data").array.unlink()

    assert len(open_corpus(tmp_path / "data").pieces()[0]) == 16_000


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """
    A folder without recordings, or none at all, is an error that says what was expected.
    """
    (tmp_path / "empty").mkdir()

    with pytest.raises(RecipeError, match="holds no usable recording"):
        open_corpus(tmp_path / "empty")
    with pytest.raises(RecipeError, match="no folder"):
        open_corpus(tmp_path / "absent")


def test_a_folder_is_named_in_any_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A relative path with dots, or one below a hidden folder, holds the same recordings; a hidden file in it is none.
    """
    record(tmp_path / ".hidden/data/a.wav", 1.0)
    record(tmp_path / ".hidden/data/.b.wav", 1.0)
    (tmp_path / ".hidden/elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / ".hidden/elsewhere")

    corpus = open_corpus(Path("../data"))

    assert [f.name for f in corpus.files] == ["a.wav"]
