"""What is refused as a bundle, and what the refusal says."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from onnx import TensorProto, helper

from watchword import Bundle, BundleError, Manifest
from watchword.bundle import MANIFEST, MODEL, load
from watchword.network import Network


@pytest.fixture
def folder(bundle: Bundle, tmp_path: Path) -> Path:
    """Give a copy of the shipped bundle, to be spoilt."""
    return Path(shutil.copytree(bundle.folder, tmp_path / "copy"))


def edit(folder: Path, **changes: Any) -> None:
    """Change fields of the manifest."""
    path = folder / MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_copy_loads(folder: Path, bundle: Bundle) -> None:
    """
    A copied folder is the same bundle: the refusals below come from what each test spoils.
    """
    copy = load(folder)

    assert (copy.manifest, copy.model) == (bundle.manifest, bundle.model)


def test_manifest_round_trip(bundle: Bundle) -> None:
    """
    A manifest survives being written as JSON and read again.
    """
    written = json.dumps(bundle.manifest.to_json())

    assert Manifest.from_json(json.loads(written)) == bundle.manifest


def test_no_folder(tmp_path: Path) -> None:
    """
    A folder that does not exist is refused by its name.
    """
    with pytest.raises(BundleError, match=r"nowhere is no bundle.*manifest\.json"):
        load(tmp_path / "nowhere")


def test_unknown_name(loudness: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    The refusal of an unknown name lists the names that there are.
    """
    monkeypatch.setenv("WATCHWORD_MODELS", str(loudness.parent))

    with pytest.raises(BundleError, match=r"no model named 'xylophone'; there are .*\bloud\b"):
        load("xylophone")


def test_models_folder_of_the_environment(loudness: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A name is looked up in the folder that WATCHWORD_MODELS gives.
    """
    monkeypatch.setenv("WATCHWORD_MODELS", str(loudness.parent))

    assert load("loud").folder == loudness


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "no readable manifest"),
        (b"[1, 2]", "holds list, expected an object"),
        (b"{}", "schema None"),
    ],
)
def test_manifest_content(content: bytes, reason: str, folder: Path) -> None:
    """
    A manifest that is not a JSON object is refused with what it is.
    """
    (folder / MANIFEST).write_bytes(content)

    with pytest.raises(BundleError, match=reason):
        load(folder)


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_other_schema(schema: object, folder: Path) -> None:
    """
    A manifest of another schema is refused before its fields are looked at.
    """
    edit(folder, schema=schema, surprise=1)

    with pytest.raises(BundleError, match=r"has schema .* reads 1; export"):
        load(folder)


def test_unknown_field(folder: Path) -> None:
    """
    A field that this runtime does not know is an error, not ignored.
    """
    edit(folder, sensitivity=0.5)

    with pytest.raises(BundleError, match="unknown fields: sensitivity"):
        load(folder)


@pytest.mark.parametrize("field", ["word", "threshold", "smoothing", "recipe"])
def test_missing_field(field: str, folder: Path) -> None:
    """
    A missing field is named.
    """
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest[field]
    (folder / MANIFEST).write_text(json.dumps(manifest))

    with pytest.raises(BundleError, match=f"lacks {field}; export"):
        load(folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("word", 3),
        ("phrase", None),
        ("samples_per_step", 640.0),
        ("refractory", "25"),
        ("smoothing", True),
        ("threshold", "0.5"),
        ("release", False),
        ("corpora", [{"name": "one"}]),
        ("corpora", "some"),
        ("sha256", ["model.onnx"]),
    ],
)
def test_wrong_type(field: str, value: object, folder: Path) -> None:
    """
    A field of the wrong type is named, and true is no number.
    """
    edit(folder, **{field: value})

    with pytest.raises(BundleError, match=field):
        load(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"threshold": 0.0, "release": 0.0},
        {"threshold": 1.01},
        {"threshold": float("nan")},
        {"release": -0.1},
        {"release": 0.9, "threshold": 0.8},
        {"smoothing": 0},
        {"samples_per_step": 0},
        {"refractory": -1},
    ],
)
def test_value_out_of_range(changes: dict[str, float], folder: Path) -> None:
    """
    A value that the trigger cannot work with is refused by its field's name.
    """
    edit(folder, **changes)

    with pytest.raises(BundleError, match=next(iter(changes))):
        load(folder)


def test_changed_model(folder: Path) -> None:
    """
    One flipped bit in the model is noticed.
    """
    content = bytearray((folder / MODEL).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / MODEL).write_bytes(content)

    with pytest.raises(BundleError, match=r"model\.onnx does not match the manifest's checksum"):
        load(folder)


def test_changed_companion(folder: Path) -> None:
    """
    Every file that the manifest lists is checked, not only the model.
    """
    (folder / "CARD.md").write_text("changed")
    edit(folder, sha256={MODEL: json.loads((folder / MANIFEST).read_text())["sha256"][MODEL], "CARD.md": "0" * 64})

    with pytest.raises(BundleError, match=r"CARD\.md does not match"):
        load(folder)


def test_missing_model(folder: Path) -> None:
    """
    A bundle without its model is refused by the file's name.
    """
    (folder / MODEL).unlink()

    with pytest.raises(BundleError, match=r"lacks model\.onnx"):
        load(folder)


def test_model_without_checksum(folder: Path) -> None:
    """
    A manifest that has no checksum for the model does not make it trusted.
    """
    edit(folder, sha256={})

    with pytest.raises(BundleError, match=r"model\.onnx does not match"):
        load(folder)


def test_model_that_is_no_onnx(folder: Path) -> None:
    """
    Bytes that ONNX Runtime cannot read are a BundleError, even with a matching checksum.
    """
    (folder / MODEL).write_bytes(b"no model")
    edit(folder, sha256={MODEL: hashlib.sha256(b"no model").hexdigest()})

    with pytest.raises(BundleError, match="ONNX Runtime refuses the model"):
        Network(load(folder))


@pytest.mark.parametrize(("source", "result"), [("audio", "probability"), ("pcm", "score")])
def test_model_of_another_shape(source: str, result: str, make_bundle: Callable[..., Path]) -> None:
    """
    A model that does not take `pcm` and give `probability` is refused before it is run.
    """
    inputs = [helper.make_tensor_value_info(source, TensorProto.INT16, ["batch", "samples"])]
    outputs = [helper.make_tensor_value_info(result, TensorProto.INT16, ["batch", "samples"])]
    graph = helper.make_graph([helper.make_node("Identity", [source], [result])], "other", inputs, outputs)
    folder = make_bundle(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9))

    with pytest.raises(BundleError, match="expected int16 pcm and states, probability and next states"):
        Network(load(folder))
