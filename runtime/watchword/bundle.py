"""A model bundle: the folder `models/<word>/`, read, checked, and refused with a reason."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from watchword.errors import BundleError

SCHEMA = 1
"""Version of the manifest that this runtime reads."""

MODEL = "model.onnx"
MANIFEST = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Where training audio came from."""

    name: str
    licence: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a device must know about a model. The same fields stand in the model's own metadata."""

    schema: int
    """Version of these fields."""

    word: str
    """Name of the detector and of its events."""

    phrase: str
    """What a person says."""

    sample_rate: int
    """Hertz of the PCM that the model takes."""

    samples_per_step: int
    """Samples between two probabilities."""

    threshold: float
    """Smoothed probability that makes an event."""

    release: float
    """Smoothed probability below which the next event may begin."""

    smoothing: int
    """Steps in the running mean."""

    refractory: int
    """Steps without events after an event."""

    recipe: str
    """SHA-256 of the training recipe."""

    quantization: str
    """Form of the arithmetic inside the model."""

    minimum_runtime: str
    """Oldest version of this package that runs the model."""

    sha256: dict[str, str] = field(default_factory=dict)
    """Checksum of each other file in the bundle."""

    corpora: list[Corpus] = field(default_factory=list)
    """Training audio and its licences."""

    def __post_init__(self) -> None:
        if not 0.0 < self.threshold <= 1.0:
            raise BundleError(f"threshold is {self.threshold}; expected a value above 0 and at most 1")
        if not 0.0 <= self.release <= self.threshold:
            raise BundleError(f"release is {self.release}; expected a value from 0 to the threshold {self.threshold}")
        if min(self.samples_per_step, self.smoothing, self.sample_rate) < 1 or self.refractory < 0:
            raise BundleError("samples_per_step, smoothing and sample_rate must be at least 1, refractory at least 0")

    @property
    def step_seconds(self) -> float:
        """Seconds between two probabilities."""
        return self.samples_per_step / self.sample_rate

    def to_json(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: object) -> Manifest:
        """Check names and types of every field; BundleError names the first that is wrong."""
        if not isinstance(values, dict):
            raise BundleError(f"{MANIFEST} holds {type(values).__name__}, expected an object")
        if values.get("schema") != SCHEMA:
            raise BundleError(
                f"{MANIFEST} has schema {values.get('schema')!r}, this runtime reads {SCHEMA}; "
                "export the model again, or install the runtime that wrote it"
            )
        known = {f.name: f for f in fields(cls)}
        if unknown := sorted(values.keys() - known.keys()):
            raise BundleError(f"{MANIFEST} has unknown fields: {', '.join(unknown)}")
        required = {n for n, f in known.items() if f.default is MISSING and f.default_factory is MISSING}
        if missing := sorted(required - values.keys()):
            raise BundleError(f"{MANIFEST} lacks {', '.join(missing)}; export the model again")
        for name, kind in (("int", int), ("str", str), ("float", (int, float))):
            for n, f in known.items():
                value = values.get(n)
                if f.type == name and (not isinstance(value, kind) or isinstance(value, bool)):
                    raise BundleError(f"{MANIFEST}: {n} is {value!r}, expected {name}")
        try:
            corpora = [Corpus(**c) for c in values.get("corpora", [])]
            checksums = {str(k): str(v) for k, v in values.get("sha256", {}).items()}
        except (TypeError, AttributeError) as exc:
            raise BundleError(f"{MANIFEST}: corpora or sha256 is malformed ({exc})") from exc
        return cls(**{**values, "corpora": corpora, "sha256": checksums})


@dataclass(frozen=True)
class Bundle:
    """A checked bundle."""

    folder: Path
    manifest: Manifest
    model: bytes
    """The ONNX model."""


def find(name: str) -> Path:
    """Folder of the bundle `name`: a path, or a name in `models/` (or in `WATCHWORD_MODELS`)."""
    path = Path(name)
    if path.is_dir() or os.sep in name:
        return path
    here = Path(__file__).resolve()
    roots = [here.parent / "models", *(p / "models" for p in here.parents[1:3]), Path("models")]
    if override := os.environ.get("WATCHWORD_MODELS"):
        roots.insert(0, Path(override))
    for root in roots:
        if (root / name / MANIFEST).is_file():
            return root / name
    known = sorted({m.parent.name for root in roots for m in root.glob(f"[!.]*/{MANIFEST}")})
    raise BundleError(
        f"no model named {name!r}; there are {', '.join(known) or 'none'}, or give --model a bundle's folder"
    )


def load(name: str | Path) -> Bundle:
    """Read the bundle `name` (a path, or a name in `models/`) and check every checksum."""
    folder = find(str(name))
    try:
        text = (folder / MANIFEST).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise BundleError(
            f"{folder} is no bundle: it has no readable {MANIFEST}; expected a folder in models/"
        ) from exc
    try:
        manifest = Manifest.from_json(json.loads(text))
    except json.JSONDecodeError as exc:
        raise BundleError(f"{folder / MANIFEST} is not JSON ({exc}); export the model again") from exc
    model = b""
    for name_, expected in {MODEL: manifest.sha256.get(MODEL, ""), **manifest.sha256}.items():
        try:
            content = (folder / name_).read_bytes()
        except OSError as exc:
            raise BundleError(f"{folder} lacks {name_}; copy the whole folder again") from exc
        if hashlib.sha256(content).hexdigest() != expected:
            raise BundleError(f"{folder / name_} does not match the manifest's checksum; copy the whole folder again")
        if name_ == MODEL:
            model = content
    return Bundle(folder, manifest, model)
