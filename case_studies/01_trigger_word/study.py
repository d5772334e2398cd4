"""How would you build a trigger word detector? By what this project measured, read from its committed results.

    python -m case_studies.01_trigger_word.study

Nothing is trained for long here. What the files in models/ and benchmarks/results say is read anew each time; what the
write-up claims of weights, intervals and splits is computed on small data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from case_studies import room
from matplotlib.figure import Figure
from scipy.signal import spectrogram
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from watchword import Detector, audio
from watchword_training.model_specs import FitSpec

Floats = npt.NDArray[np.float64]

ROOT = Path(__file__).parents[2]
BUNDLE, MEASURED, EXAMPLES = ROOT / "models/activate", ROOT / "benchmarks/results", ROOT / "examples"

TARGETS = (0.5, 0.1)
"""False accepts per hour that a household may bear."""

CLIP = 10.0
"""Seconds of audio that the question asks about."""

NOISE = "10 dB ambience"
"""The noisy condition that is shown."""

SHOWN = ("labels", "deaf", "tracked", "whole")
"""Rows of the exploration that the write-up shows; the decision shows all."""

SPEAKERS = {"now": "Q", "coffee": "P", "activated_something": "Q"}
"""Who speaks in an example, by how its name begins (examples/README.md); the rest is A."""


def read(path: Path) -> Any:
    """A committed result, or nothing where it was not measured yet."""
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


# --- 1. The requirement, and what it takes to show it ----------------------------------------------------------------


def poisson(events: int, hours: float) -> dict[str, float]:
    """A rate per hour with its exact 95 % interval (Garwood 1936)."""
    low = chi2.ppf(0.025, 2 * events) / 2 if events else 0.0
    return {
        "events": events,
        "hours": hours,
        "rate": events / hours,
        "low": low / hours,
        "high": chi2.ppf(0.975, 2 * events + 2) / 2 / hours,
    }


def requirement() -> dict[str, Any]:
    """Hours without an event that bound a rate at 95 %, and how often always saying no is right."""
    positive = FitSpec().label_seconds
    return {
        "targets": TARGETS,
        "level": 0.95,
        "noise": NOISE,
        "hours": [-np.log(0.05) / rate for rate in TARGETS],
        "clip": CLIP,
        "label": positive,
        "always_no": 1 - positive / CLIP,
    }


# --- 2. A weight in the loss moves the logit by its logarithm ---------------------------------------------------------


def frames(
    clips: int, rng: np.random.Generator, steps: int = 250, held: int = 10
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Outputs of simulated clips: eight normal features that shift where the label is held; (clips * steps, 8)."""
    label = np.zeros((clips, steps), bool)
    for row, end in zip(label, rng.integers(0, steps - held, clips), strict=True):
        row[end : end + held] = True
    features = rng.normal(size=(clips * steps, 8)) + 0.8 * label.reshape(-1, 1)
    return features, label.ravel()


def weighted(clips: int) -> list[dict[str, float]]:
    """Logistic regression with a weight on positive frames, tested on other clips."""
    rng = np.random.default_rng(0)
    (x, y), (tested, truth) = frames(clips, rng), frames(clips, rng)
    plain: Floats | None = None
    rows = []
    for weight in (1.0, 2.0, 10.0, 30.0):
        model = LogisticRegression(C=1e6).fit(x, y, sample_weight=np.where(y, weight, 1.0))
        logit = model.decision_function(tested)
        plain = logit if plain is None else plain
        rows.append(
            {
                "weight": weight,
                "logarithm": np.log(weight),
                "shift": (logit - plain).mean(),
                "ap": average_precision_score(truth, logit),
                "above_half": (logit > 0).mean(),
                "above_moved": (logit > np.log(weight)).mean(),
            }
        )
    return rows


# --- 3. A leak on six recordings --------------------------------------------------------------------------------------


def leak() -> dict[str, float]:
    """Average precision of nearest neighbours on frames inside the word: held out by frame, by file, by speaker."""
    labels = json.loads((EXAMPLES / "labels.json").read_text("utf-8"))
    x, y, files, speakers = [], [], [], []
    for name, words in labels.items():
        pcm = audio.read(EXAMPLES / name)
        _, time, power = spectrogram(pcm.astype(float), audio.SAMPLE_RATE, nperseg=400, noverlap=240)
        bands = np.log(power.T[:, 1:].reshape(len(time), 20, 10).mean(axis=2) + 1)
        x.append(bands)
        y.append(np.any([(time > start) & (time < end) for start, end in words] or [time < 0], axis=0))
        files += [name] * len(time)
        speakers += [next((who for start, who in SPEAKERS.items() if name.startswith(start)), "A")] * len(time)
    features, inside = np.concatenate(x), np.concatenate(y)
    model = make_pipeline(StandardScaler(), KNeighborsClassifier(5))
    splits = {
        "frame": KFold(5, shuffle=True, random_state=0).split(features),
        "file": GroupKFold(6).split(features, groups=files),
        "speaker": GroupKFold(3).split(features, groups=speakers),
    }
    found = {
        name: cross_val_predict(model, features, inside, cv=list(parts), method="predict_proba")[:, 1]
        for name, parts in splits.items()
    }
    return {"share": inside.mean(), **{name: average_precision_score(inside, score) for name, score in found.items()}}


# --- 4. What was measured elsewhere -----------------------------------------------------------------------------------


def bundle() -> dict[str, Any]:
    """The shipped detector: its figures with pooled rates, its data, its size."""
    evaluation, manifest, data = (read(BUNDLE / f"{name}.json") for name in ("evaluation", "manifest", "data"))
    conditions = evaluation["conditions"]

    def pooled(begins: str) -> dict[str, float]:
        rows = [row for name, row in conditions.items() if name.startswith(begins)]
        return poisson(sum(row["false_accepts"] for row in rows), sum(row["hours"] for row in rows))

    trained = [row for row in data["synthetic"] if row["split"] == "train"]
    return {
        "conditions": {
            name.split(",")[0]: row for name, row in conditions.items() if not name.startswith(("speech:", "noise:"))
        },
        "speech": pooled("speech:"),
        "noise": pooled("noise:"),
        "corpora": len(data["recordings"]),
        "integer": evaluation["integer"]["miss_rate"],
        "float": evaluation["float"]["miss_rate"],
        "lines": sum(row["lines"] for row in trained),
        "positives": sum(row["lines"] for row in trained if row["kind"] == "positive"),
        "engines": len(data["engines"]),
        "refused": sum(data["rejected"].values()),
        "clips": data["clips"]["train"],
        "licences": len({corpus["licence"] for corpus in manifest["corpora"]}),
        "step_ms": 1_000 * manifest["samples_per_step"] // manifest["sample_rate"],
        "threshold": manifest["threshold"],
        "kilobytes": round((BUNDLE / "model.onnx").stat().st_size / 1_000),
        "positive_weight": FitSpec().positive_weight,
    }


def trials() -> dict[str, Any]:
    """What real people's words showed of the recipes: rows of the three sets of trials, with miss rates."""
    found: dict[str, Any] = {}
    for folder in ("ablation", "exploration", "confirmation"):
        found[folder] = []
        for path in sorted((MEASURED / folder).glob("*.json")):
            row = read(path)
            conditions = {name: figures["at"]["0.5"] for name, figures in row["conditions"].items()}
            clean = conditions["clean"]
            found[folder].append(
                {
                    "word": row["word"],
                    "row": row["row"],
                    "what": row.get("what", row["row"]),
                    "convolutions": row.get("convolutions"),
                    "seed": row["seed"],
                    "words": row["words"],
                    "hours": row["hours"],
                    "clean": clean["miss_rate"],
                    "interval": clean["miss_rate_interval"],
                    "noise": conditions[NOISE]["miss_rate"],
                    "far": conditions["far"]["miss_rate"],
                }
            )
    shown = [row for row in found["exploration"] if row["row"] in SHOWN]
    return found | {"exploration": sorted(shown, key=place)}


def place(row: Mapping[str, Any]) -> tuple[str, int, int, int]:
    """Where a row of the exploration stands."""
    return row["word"], row["convolutions"], SHOWN.index(row["row"]), row["seed"]


def strangers() -> list[dict[str, Any]]:
    """False accepts in a game whose other lines were trained on, and in one that nothing is trained on, by trial."""
    rows = []
    for path in sorted((MEASURED / "ablation").glob("[df]-0.json")):
        folders = read(path)["folders"]
        known, unknown = (folders[name] for name in ("flight-of-the-amazon-queen", "drascula"))
        rows.append(
            {
                "row": path.stem[0],
                "known": poisson(known["false_accepts"], known["hours"]),
                "unknown": poisson(unknown["false_accepts"], unknown["hours"]),
            }
        )
    return rows


def deployment() -> dict[str, Any]:
    """Whether other CPUs give the same bits, and what the project's comparison with its peers found, where it ran."""
    emulated = read(MEASURED / "emulated.json")
    quality, start = read(MEASURED / "peers/quality.json"), read(MEASURED / "start.json")
    return {
        "cpus": len(emulated["cpus"]),
        "architectures": sorted({cpu["architecture"] for cpu in emulated["cpus"]}),
        "differences": sum(value for cpu in emulated["cpus"] for value in cpu["differences"].values()),
        "start_seconds": start["median_seconds"] if start else None,
        "peers": [
            {"engine": r["engine"], "condition": r["condition"], "missed": r["at"]["0.5"]["miss_rate"]}
            for r in (quality["rows"] if quality else [])
            if "at" in r
        ],
    }


def heard() -> list[dict[str, Any]]:
    """What the shipped detector does on the examples: recordings of real people, in four of which the word is said."""
    labels = json.loads((EXAMPLES / "labels.json").read_text("utf-8"))
    rows = []
    for name, words in sorted(labels.items()):
        times = [event.time for event in Detector(BUNDLE).push(audio.read(EXAMPLES / name))]
        hits = [any(start <= time <= end + 0.75 for time in times) for start, end in words]
        rows.append({"file": name, "said": len(words), "heard": sum(hits), "events": len(times)})
    return rows


# --- 5. All of it -----------------------------------------------------------------------------------------------------


def measure(data: Path, smoke: bool) -> room.Results:
    """All figures of the write-up. `data` is not read: everything is in the repository."""
    examples = heard()
    return {
        "requirement": requirement(),
        "weights": weighted(50 if smoke else 800),
        "leak": leak(),
        "bundle": bundle(),
        "trials": trials(),
        "strangers": strangers(),
        "deployment": deployment(),
        "examples": examples,
        "said": sum(row["said"] for row in examples),
        "heard": sum(row["heard"] for row in examples),
        "wrong": sum(row["events"] - row["heard"] for row in examples),
    }


def draw(results: room.Results) -> dict[str, Figure]:
    """How a weight moves the logit; what each recipe misses of real people."""
    shift, missed = Figure(figsize=(4, 2.6)), Figure(figsize=(7, 3))
    axes = shift.subplots()
    logarithms = [row["logarithm"] for row in results["weights"]]
    axes.plot(logarithms, logarithms, color="grey", linewidth=0.8, label="ln w")
    axes.plot(logarithms, [row["shift"] for row in results["weights"]], "o", label="measured")
    axes.set(xlabel="logarithm of the weight on positives", ylabel="mean shift of the logit")
    axes.legend()
    rows = results["trials"]["exploration"]
    axes = missed.subplots()
    for place, (name, title) in enumerate((("clean", "as recorded"), ("noise", NOISE), ("far", "far"))):
        heights = [100 * row[name] for row in rows]
        axes.barh([i + 0.27 * (place - 1) for i in range(len(rows))], heights, height=0.25, label=title)
    axes.set_yticks(range(len(rows)), [f"{row['word']}: {row['row']} ({row['convolutions']})" for row in rows])
    axes.invert_yaxis()
    axes.set(xlabel="% missed at 0.5 false accepts per hour")
    axes.legend()
    return {"shift.svg": shift, "missed.svg": missed}


STUDY = room.Study(folder=Path(__file__).parent, measure=measure, draw=draw)

if __name__ == "__main__":
    room.main(STUDY)
