"""The data card: what a word's clips are made of, in counts and hours, by whom, and under which licences."""

from __future__ import annotations

from collections import Counter
from typing import Any

from watchword_training import render
from watchword_training.data_specs import SPLITS
from watchword_training.given import Folder, Given
from watchword_training.material import ROLES, Material
from watchword_training.recipe import SAMPLE_RATE

FILE = "data.json"

HOUR = 3_600 * SAMPLE_RATE


def describe(material: Material, given: Given) -> dict[str, Any]:
    """Everything that the card says, as JSON."""
    engines = sorted({part.line.engine for part in material.parts})
    return {
        "recipe": material.recipe.digest,
        "material": material.digest,
        "word": material.recipe.word,
        "synthetic": _synthetic(material),
        "engines": {engine: render.engine_licence(engine) for engine in engines},
        "rejected": dict(Counter(reason.partition("/")[0] for reason in material.rejected)),
        "recordings": [
            _recordings(material, kind, index, folder)
            for kind, role in ROLES.items()
            for index, folder in enumerate(getattr(given, role))
        ],
        "rooms": {split: material.rooms(split) for split in SPLITS},
        "clips": {"train": material.recipe.clips.train, "validation": material.recipe.clips.validation},
    }


def _synthetic(material: Material) -> list[dict[str, Any]]:
    rows = []
    for split in SPLITS:
        lengths = {
            kind: sum(piece.length for piece in pieces if piece.array == 0)
            for kind, pieces in material.library(split).pieces.items()
        }
        for kind in dict.fromkeys(part.kind for part in material.parts):
            lines = [p.line for p in material.parts if p.split == split and p.kind == kind]
            if lines:
                voices = {(line.engine, line.voice) for line in lines}
                hours = round(lengths[kind] / HOUR, 3)
                rows.append({"split": split, "kind": kind, "lines": len(lines), "voices": len(voices), "hours": hours})
    return rows


def _recordings(material: Material, kind: str, index: int, folder: Folder) -> dict[str, Any]:
    corpus, spec = getattr(material, ROLES[kind])[index], material.recipe.clips
    splits: dict[str, dict[str, Any]] = {}
    for split in SPLITS:
        indices = corpus.indices(split, spec.validation_share, spec.test_share)
        splits[split] = {
            "pieces": len(indices),
            "sources": len({corpus.groups[i] for i in indices}),
            "hours": round(sum(corpus.lengths[i] for i in indices) / HOUR, 3),
        }
    name = f"{folder.path.parent.name}/{folder.path.name}"
    return {"kind": kind, "folder": name, "licence": folder.licence, "refused": len(corpus.refused), **splits}


def lines(data: dict[str, Any]) -> list[str]:
    """The card's tables, as lines of Markdown."""
    spoken = [
        f"| {r['split']} | {r['kind']} | {r['lines']} | {r['voices']} | {r['hours']:.2f} |" for r in data["synthetic"]
    ]
    refused = ", ".join(f"{engine} {count}" for engine, count in sorted(data["rejected"].items())) or "none"
    found = []
    for r in data["recordings"]:
        hours = " / ".join(f"{r[split]['hours']:.2f}" for split in SPLITS)
        sources = " / ".join(str(r[split]["sources"]) for split in SPLITS)
        found.append(f"| {r['folder']} | {r['kind']} | {sources} | {hours} | {r['refused']} | {r['licence']} |")
    recordings = [
        "| recordings | as | sources: train / validation / test | hours | left out | licence |",
        "|---|---|---|---|---|---|",
        *found,
    ]
    return [
        "| split | synthetic speech | lines | voices | hours |",
        "|---|---|---|---|---|",
        *spoken,
        "",
        "Voices: " + "; ".join(f"{engine} ({licence})" for engine, licence in data["engines"].items()) + ".",
        f"Renderings that were refused or not heard as the word by an independent recognizer, and left out: {refused}.",
        f"Simulated rooms: {' / '.join(str(data['rooms'][split]) for split in SPLITS)} (train / validation / test).",
        *(["", *recordings] if found else []),
    ]
