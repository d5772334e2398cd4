"""The model card: every figure in it comes from `evaluation.json` and `data.json`, which stand beside it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from watchword.bundle import Manifest, load
from watchword_training import datacard, shown

TEACHER = (
    "A teacher above a frozen speech embedding (Lin et al. 2020, Apache-2.0) took part in training; "
    "nothing of it is in the bundle."
)

EARS = (
    "The network began with the ears that come with the training package; what these have heard, without labels, is "
    'named "ears" in the manifest.'
)


def _share(figures: dict[str, Any]) -> str:
    return f"{100 * figures['miss_rate']:.1f} %"


def table(evaluation: dict[str, Any]) -> list[str]:
    """The figures as lines of a Markdown table; the README shows the same."""
    rows = [f"| {' | '.join(shown.row(name, figures))} |" for name, figures in evaluation["conditions"].items()]
    return [
        "| condition | words | missed | hours | false accepts | per hour |",
        "|---|---|---|---|---|---|",
        *rows,
    ]


def render(manifest: Manifest, evaluation: dict[str, Any], data: dict[str, Any]) -> str:
    """The card as Markdown."""
    own = any(name.startswith("own words") for name in evaluation["conditions"])
    taught, began = (any(corpus.name.startswith(kind) for corpus in manifest.corpora) for kind in ("teacher", "ears"))
    return "\n".join(
        [
            f"# {manifest.phrase}",
            "",
            f'A detector of the spoken word "{manifest.phrase}" in English. {manifest.quantization}.',
            f"It gives a probability every {1000 * manifest.step_seconds:.0f} ms",
            f"and fires at {manifest.threshold:.3f}.",
            "",
            "## Figures",
            "",
            "From the shipped model, streamed. Intervals are at 95 % (Wilson for misses, exact Poisson for rates).",
            "The threshold was chosen on validation material and then fixed. Rows that name test voices, and rows of",
            "recordings, rest on voices and recordings that were neither trained on nor chosen by; the speakers of",
            "recordings may be. Pieces in which a recognizer seemed to hear the word were left out of all splits.",
            "",
            *table(evaluation),
            "",
            f"The floating-point network misses {_share(evaluation['float'])} on the mixed clips at the same number of",
            f"false accepts at which the integer network, as shipped, misses {_share(evaluation['integer'])}.",
            "",
            "## Training data",
            "",
            "Positives are synthetic" + (", and recordings of the word." if own else "."),
            *([TEACHER] if taught else []),
            *([EARS] if began else []),
            "",
            *datacard.lines(data),
            "",
            "## Limits",
            "",
            "Accents, children and far microphones are covered only as far as synthetic voices and simulated rooms go.",
            "Half of the held-out Kokoro voices are sampled speakers, from the same space as those trained on.",
            "Longer words that contain the phrase are neither positives nor negatives: expect them to fire.",
            "",
            f"Recipe {manifest.recipe[:16]}, schema {manifest.schema}.",
            "",
        ]
    )


def write(folder: Path) -> None:
    """Write `CARD.md` of the bundle `folder`."""
    evaluation, data = (json.loads((folder / name).read_text("utf-8")) for name in ("evaluation.json", datacard.FILE))
    (folder / "CARD.md").write_text(render(load(folder).manifest, evaluation, data), "utf-8")


def into_readme(folder: Path, readme: Path) -> None:
    """Replace the table of figures in `readme` by that of the bundle `folder`."""
    evaluation = json.loads((folder / "evaluation.json").read_text("utf-8"))
    lines = readme.read_text("utf-8").splitlines()
    start = lines.index(table(evaluation)[0])
    end = next(i for i in range(start, len(lines) + 1) if i == len(lines) or not lines[i].startswith("|"))
    lines[start:end] = table(evaluation)
    readme.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    into_readme(Path(sys.argv[1]), Path(sys.argv[2]))
