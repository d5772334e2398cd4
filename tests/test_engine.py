"""The data engine as a whole: the same bytes anywhere, a data card, clips that people look at."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytest.importorskip("distributed", reason="needs Dask: pip install 'watchword[cluster]'")

from tests.cluster import DaskCluster, cluster
from tests.engine import CLIPS, SMALL, made
from tests.recordings import encoded, speechlike

from watchword_training import bench, datacard, dataset, ears, listening, pipeline, pretraining, shards, soup, teacher
from watchword_training.dataset import Dataset
from watchword_training.ears import Reading
from watchword_training.given import Folder, Given
from watchword_training.material import Material
from watchword_training.model_specs import FitSpec, NetworkSpec, TeacherSpec
from watchword_training.network import Network
from watchword_training.recipe import Recipe
from watchword_training.soup import Ingredients
from watchword_training.workers import Local, Workers, workers


@pytest.fixture(scope="module")
def small_shards() -> Iterator[None]:
    """Shards of ten clips, so that there are several tasks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "SHARD", 10)
        yield


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, small_shards: None) -> tuple[Material, Path]:
    """Everything made on this machine, and the cache that holds it."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHWORD_CACHE", str(folder))
        return made(Local(2)), folder


@pytest.fixture
def own(local: tuple[Material, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Material:
    """The same in a cache of a test's own, to be added to."""
    material, folder = local
    shutil.copytree(folder, tmp_path / "cache")
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    return material


def contents(root: Path) -> dict[str, bytes]:
    """What renderings, verdicts, rooms and clips hold, by name."""
    return {
        str(file.relative_to(root)): file.read_bytes()
        for folder in ("voices", "checked", "rooms", "clips", "packs")
        for file in sorted((root / folder).rglob("*"))
        if file.is_file()
    }


class Killing(Workers):
    """The workers of a cluster, of which one dies after the third result of each job."""

    def __init__(self, inner: Workers, dask: DaskCluster) -> None:
        self._inner, self._dask, self.killed = inner, dask, 0

    def run(self, function: Callable[..., Any], items: Any, files: Sequence[Path] = ()) -> Iterator[Any]:
        """See `Workers.run`."""
        for number, result in enumerate(self._inner.run(function, items, files)):
            if number == 2:
                self._dask.remove()
                self._dask.add()
                self.killed += 1
            yield result

    def here(self) -> Local:
        """See `Workers.here`."""
        return self._inner.here()


def test_a_cluster_that_loses_workers_makes_the_same_bytes(
    local: tuple[Material, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Two worker processes, one killed in the middle of each job, leave what this machine makes alone.
    """
    material, folder = local
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path))

    with cluster(2) as dask, workers(2, dask.address) as pool:
        killing = Killing(pool, dask)
        other = made(killing)

    assert killing.killed >= 3
    assert other.digest == material.digest
    assert contents(tmp_path) == contents(folder)


def test_any_clip_can_be_rebuilt_from_the_index(local: tuple[Material, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A clip's line in the index names what is in it, and the mixer makes the clip of that line again.
    """
    material, folder = local
    monkeypatch.setenv("WATCHWORD_CACHE", str(folder))
    index = [
        json.loads(line)
        for file in sorted((folder / "clips").rglob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]

    mixer = bench.mixer(material, "train", Local(1))

    assert [entry["clip"] for entry in index] == list(range(CLIPS))
    for entry in index[::17]:
        assert {"clip": entry["clip"], **mixer.clip(entry["clip"]).entry} == json.loads(json.dumps(entry))
    assert any(word["positive"] for entry in index for word in entry["words"])
    assert all(word["source"] for entry in index for word in entry["words"])


def test_clips_that_exist_are_kept(local: tuple[Material, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """
    After a cut, only the shards that lack are mixed.
    """
    material, folder = local
    monkeypatch.setenv("WATCHWORD_CACHE", str(folder))
    files = sorted(f for f in (folder / "clips").rglob("*.npy") if "embedded" not in f.name)
    whole = files[3].read_bytes()
    kept = {file: file.stat().st_mtime_ns for file in files if file != files[3]}
    files[3].unlink()

    shards.build(material, "train", range(CLIPS), Local(1))

    assert files[3].read_bytes() == whole
    assert all(np.load(file).shape == (10, 1_000, 40) for file in kept)


def test_more_clips_are_those_before_and_further_ones(own: Material) -> None:
    """
    Whatever was mixed before, a set holds the clips that were asked for; the ones from an index on are others.
    """
    few, more, further = (
        shards.build(own, "train", clips, Local(1)).open() for clips in (range(15), range(25), range(15, 25))
    )

    assert (len(few), len(more), len(further)) == (15, 25, 10)
    everything = more.batch(np.arange(25))
    assert np.array_equal(everything[:15], few.batch(np.arange(15)))
    assert np.array_equal(everything[15:], further.batch(np.arange(10)))
    assert more.spans == few.spans + further.spans
    assert more.embedded(np.arange(25)).shape == (25, 125, 96)


def test_songs_are_nothing_that_is_said(own: Material, tmp_path: Path) -> None:
    """
    A song in the foreground is no place where somebody speaks; words around it are.
    """
    before = shards.build(own, "train", range(CLIPS), Local(1)).open().said
    file = min((tmp_path / "cache/clips").rglob("*.jsonl"))
    entries = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    clip, words = next((i, entry["words"]) for i, entry in enumerate(entries) if len(entry["words"]) > 1)
    words[0]["kind"] = "noise"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries), "utf-8")

    after = shards.build(own, "train", range(CLIPS), Local(1)).open().said

    assert after[clip] == before[clip][1:]
    assert after[:clip] + after[clip + 1 :] == before[:clip] + before[clip + 1 :]


class Page(HTMLParser):
    """What a page refers to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and its links."""
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_ears_are_made_from_the_same_clips(
    local: tuple[Material, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Pretraining writes ears that a network of the size can start from; the output, which knows a word, is not in them.
    """
    shutil.copytree(local[1], tmp_path / "cache")
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    small = replace(SMALL, network=NetworkSpec(channels=8, hidden=8), fit=FitSpec(steps=3, batch=4, averaging=0.5))

    made = ears.load(pretraining.pretrain(small, Given(), tmp_path / "ears.safetensors", Local(2)))

    assert made.network == small.network
    assert not any("output" in name for name in made.weights)
    made.begin(Network(small.network, 40), Reading(8))
    assert (made.corpora, made.used) == ([], {"train": [], "validation": []})


def test_the_page_shows_and_plays_every_clip_without_a_network(
    local: tuple[Material, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Each clip has a picture and a player; all that the page refers to lies beside it; the sound is the mixer's.
    """
    material, folder = local
    monkeypatch.setenv("WATCHWORD_CACHE", str(folder))
    mixer = bench.mixer(material, "train", Local(1))

    page = listening.write(SMALL, mixer, "train", [0, 5], tmp_path / "clips")

    text = page.read_text("utf-8")
    parsed = Page(text)
    assert parsed.tags.count("audio") == parsed.tags.count("img") == 2
    assert {"train-0.wav", "train-0.png", "train-5.wav", "train-5.png"} <= set(parsed.links)
    assert all((page.parent / link).is_file() for link in parsed.links if not link.startswith(("#", "data:")))
    assert not re.search(r"https?://", text)
    assert np.array_equal(soundfile.read(page.parent / "train-5.wav", dtype="int16")[0], mixer.clip(5).pcm)


def test_a_name_cannot_break_the_page() -> None:
    """
    What recordings are called is text, never markup.
    """
    word = {"start": 0, "end": 16_000, "positive": False, "kind": "speech", "source": "<script>alert(1)</script>.wav"}
    made_of = {"level": -20, "snr": 10, "room": None, "background": ["<b>"], "effects": []}

    page = listening.page_of("activate", [{"clip": "train-0", **made_of, "words": [word]}], 10.0)

    assert "<script>alert" not in page
    assert "<b>" not in page


def test_the_data_card_counts_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Lines, voices and hours of each split, what was left out, and each folder with its licence and its split.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    for i in range(20):
        file = tmp_path / "people" / f"speaker{i}" / "line.wav"
        file.parent.mkdir(parents=True)
        soundfile.write(file, speechlike(3.0) // (i + 1), 16_000)
    (tmp_path / "people" / "broken.wav").write_bytes(b"RIFF")
    given = Given(noise=[Folder(tmp_path / "people", "CC0-1.0")])

    material = made(Local(2), given)
    data = datacard.describe(material, given)

    row = next(r for r in data["synthetic"] if r["split"] == "train" and r["kind"] == "positive")
    assert row["lines"] == sum(p.kind == "positive" and p.split == "train" for p in material.parts)
    assert row["voices"] >= 2
    assert row["hours"] > 0
    (folder,) = data["recordings"]
    assert folder["licence"] == "CC0-1.0"
    assert folder["refused"] == 1
    assert sum(folder[split]["pieces"] for split in ("train", "validation", "test")) == 20
    assert sum(folder[split]["hours"] for split in ("train", "validation", "test")) == pytest.approx(1 / 60, abs=0.002)
    shown = "\n".join(datacard.lines(data))
    assert "CC0-1.0" in shown
    assert f"| train | positive | {row['lines']} |" in shown


def test_recordings_are_heard_as_they_are(own: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Stretches of the given recordings are clips without the word; of more than are wanted some from all over them.
    """
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech/someone.wav").write_bytes(encoded(speechlike(45.0)))
    given = Given(negatives=[Folder(tmp_path / "speech")])
    monkeypatch.setattr(shards, "FEWEST_RECORDED", 2)
    wanted = {n: replace(own.recipe, clips=replace(own.recipe.clips, recorded=n)) for n in (2, 10)}

    [few], [every] = (shards.recorded(pipeline.gather(r, given, Local(1)), Local(1)) for r in wanted.values())

    heard = every.open()
    assert heard.spans == heard.said == [[]] * 4
    assert heard.embedded(np.arange(4)).shape == (4, 125, 96)
    assert np.array_equal(few.open().batch(np.arange(2)), heard.batch(np.array([0, 2])))


def test_the_teacher_hears_what_the_network_hears(
    own: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Recordings as they are belong to the clips that the teacher is fitted to, as to those of the network.
    """
    (tmp_path / "speech").mkdir()
    (tmp_path / "speech/someone.wav").write_bytes(encoded(speechlike(45.0)))
    monkeypatch.setattr(shards, "FEWEST_RECORDED", 2)
    clips, spec = replace(own.recipe.clips, recorded=10), TeacherSpec(hidden=8, steps=1, batch=4)
    recipe = replace(own.recipe, clips=clips, teacher=spec)
    given = Given(negatives=[Folder(tmp_path / "speech")])
    fit, sizes = teacher.fitted, {}

    def taught(recipe: Recipe, train: Sequence[Dataset], path: Path) -> teacher.Teacher:
        sizes["teacher"] = [len(part) for part in train]
        return fit(recipe, train, path)

    def heard(ingredients: Ingredients, _: Workers) -> None:
        sizes["network"] = [len(part.open()) for part in ingredients.train]

    monkeypatch.setattr(teacher, "fitted", taught)
    monkeypatch.setattr(soup, "fitted", heard)

    pipeline.fitted(recipe, pipeline.gather(recipe, given, Local(1)), Local(1))

    assert sizes == {"teacher": [CLIPS, 4], "network": [CLIPS, 4]}


def test_half_an_hour_of_recordings_is_the_least_that_is_heard_as_it_is(own: Material, tmp_path: Path) -> None:
    """
    A minute of recordings, or none, does not fill a third of every batch.
    """
    (tmp_path / "noise").mkdir()
    (tmp_path / "noise/fan.wav").write_bytes(encoded(speechlike(60.0)))
    recipe = replace(own.recipe, clips=replace(own.recipe.clips, recorded=1_000))

    for given in (Given(), Given(noise=[Folder(tmp_path / "noise")])):
        assert shards.recorded(pipeline.gather(recipe, given, Local(1)), Local(1)) == []
