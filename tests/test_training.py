"""The whole way, small: a tiny recipe trains, exports, loads and fires."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from watchword import Detector, bundle
from watchword.cli import main
from watchword.errors import RecipeError
from watchword.hearing import hear
from watchword_training import assemble, pipeline, recipes, spotting
from watchword_training.dataset import Dataset
from watchword_training.export import export
from watchword_training.fit import Fitting
from watchword_training.frontend import Frontend
from watchword_training.given import Folder, Given
from watchword_training.lines import Line, Part
from watchword_training.material import Material
from watchword_training.model_specs import FitSpec, NetworkSpec
from watchword_training.recipe import Recipe
from watchword_training.teacher import Teacher
from watchword_training.voices import Style, engine
from watchword_training.workers import Local


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle trained here and now."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHWORD_CACHE", str(tmp_path_factory.mktemp("cache")))
        return pipeline.train(recipes.load("tiny"), Given(), tmp_path_factory.mktemp("models"), Local(2))


def test_a_tiny_detector_hears_its_word(tiny: Path) -> None:
    """
    When a voice says the word between two others, it fires from 0.1 s before its end to 0.5 s after, and peaks there.
    """
    voice = engine("hibari")
    words = [voice.speak(w, "heart", Style()).pcm for w in ("butter", "activate", "mountain")]
    pause = np.zeros(16_000, np.int16)
    end = (3 * 16_000 + len(words[0]) + len(words[1])) / 16_000 - 1

    heard = hear(Detector(tiny), [pause, words[0], pause, words[1], pause, words[2], pause])

    highest = max(heard.peaks, key=lambda peak: peak.score)
    assert any(end - 0.1 < event.time < end + 0.5 for event in heard.events)
    assert end < highest.time < end + 0.5


def test_the_bundle_is_complete(tiny: Path) -> None:
    """
    The command leaves manifest, model, card, figures and vectors, and nothing else.
    """
    assert {f.name for f in tiny.iterdir()} == {
        "manifest.json",
        "model.onnx",
        "CARD.md",
        "data.json",
        "evaluation.json",
        "sources.json",
        "vectors.npz",
    }
    assert [f.name for f in tiny.parent.iterdir()] == ["activate"]
    assert bundle.load(tiny).manifest.corpora[0].licence == "Apache-2.0"


def test_the_card_states_the_measured_figures(tiny: Path) -> None:
    """
    The card is what its generator makes of the figures in the bundle.
    """
    from watchword_training import card

    evaluation, data = (json.loads((tiny / name).read_text("utf-8")) for name in ("evaluation.json", "data.json"))

    assert (tiny / "CARD.md").read_text("utf-8") == card.render(bundle.load(tiny).manifest, evaluation, data)


def drawn(seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(0, 10, (12, 25, 96)).astype(np.float16)
    spans = [[(8_000, 16_000)] for _ in range(12)]
    return Dataset([rng.integers(0, 255, (12, 200, 40), np.uint8)], [embeddings], spans, spans)


SMALL = Recipe(
    network=NetworkSpec(channels=8, hidden=8),
    fit=FitSpec(steps=10, batch=4, validate_every=2),
)


def fitting(folder: Path, recipe: Recipe = SMALL) -> Fitting:
    torch.manual_seed(5)
    teacher = Teacher(recipe.teacher).eval().requires_grad_(False)
    return Fitting(recipe, [drawn(0), drawn(2)], drawn(1), teacher, folder)


def test_a_cut_off_run_resumes_to_the_same_network(tmp_path: Path) -> None:
    """
    Stopped after a checkpoint and started anew, fitting ends with the weights of an uninterrupted run.
    """
    whole = fitting(tmp_path / "whole").run().state_dict()
    cut = fitting(tmp_path / "cut")
    for _ in range(4):
        cut._advance()
    cut._checkpoint.save(4)

    resumed = fitting(tmp_path / "cut").run().state_dict()

    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_model_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    When the exported graph is not the trained network, the pipeline refuses.
    """
    fitted, other = fitting(tmp_path).run(), fitting(tmp_path / "other", replace(SMALL, seed=9)).run()
    fitted.quantized = True
    with torch.no_grad():
        fitted.output.weight.mul_(40)
    manifest = replace(bundle.load("activate").manifest, samples_per_step=SMALL.samples_per_step)
    model = export(other, Frontend(SMALL.features), {}).SerializeToString()

    class Clips:
        def clip(self, index: int) -> object:
            pcm = np.random.default_rng(index).integers(-9_000, 9_000, 32_000).astype(np.int16)
            return type("Clip", (), {"pcm": pcm})

    with pytest.raises(RecipeError, match="differs from the trained one"):
        assemble._check(
            bundle.Bundle(tmp_path, manifest, model),
            fitted,
            Frontend(SMALL.features),
            Clips(),  # type: ignore[arg-type]
        )


def test_lines_have_names_of_their_content() -> None:
    """
    Any change of a line makes another rendering in the cache.
    """
    line = Line(engine="pico", voice="en-US", text="activate", style=Style())

    changed = [replace(line, text="active"), replace(line, voice="en-GB"), replace(line, style=Style(speed=1.1))]

    assert len({line.digest, *(c.digest for c in changed)}) == 4


def test_a_folder_that_is_no_bundle_is_left_alone(tmp_path: Path) -> None:
    """
    Training refuses, before any work, to replace a folder that holds something else.
    """
    (tmp_path / "activate").mkdir()
    (tmp_path / "activate/letter.txt").write_text("dear")

    with pytest.raises(RecipeError, match="is no bundle"):
        pipeline.train(recipes.load("tiny"), Given(), tmp_path, Local(1))

    assert (tmp_path / "activate/letter.txt").read_text() == "dear"


def test_every_folder_is_opened_before_any_is_listened_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A folder that is not there is named at once, not after minutes of listening to the one before it.
    """
    monkeypatch.setenv("WATCHWORD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(spotting, "saying", lambda *_: pytest.fail("listened"))
    (tmp_path / "speech").mkdir()
    soundfile.write(tmp_path / "speech/line.wav", np.random.default_rng(0).normal(0, 0.1, 16_000), 16_000)
    given = Given(negatives=[Folder(tmp_path / "speech")], noise=[Folder(tmp_path / "noise")])

    with pytest.raises(RecipeError, match=r"no folder .*noise"):
        pipeline.gather(recipes.load("tiny"), given, Local(1))


def test_a_recipe_without_held_out_voices_is_refused_before_mixing() -> None:
    """
    When no voice is kept for validation, the error says what to name.
    """
    line = Line(engine="pico", voice="en-US", text="activate", style=Style())
    parts = [Part(line=line, kind="positive", split="train"), Part(line=line, kind="near", split="train")]

    with pytest.raises(RecipeError, match=r"voices\.validation of the recipe must name voices"):
        Material(SMALL, parts).check()


def test_evaluate_counts_every_second_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A recording of a minute counts as a minute, though the training would cut it into pieces.
    """
    (tmp_path / "speech").mkdir()
    soundfile.write(tmp_path / "speech/long.wav", np.zeros(60 * 16_000), 16_000)

    code = main(["evaluate", "--negatives", str(tmp_path / "speech"), "--json"])

    [figures] = json.loads(capsys.readouterr().out)["folders"].values()
    assert (code, figures["hours"]) == (0, round(1 / 60, 3))
