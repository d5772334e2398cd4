"""Recordings of the word, with where it is said in them."""

from __future__ import annotations

import json

from watchword.errors import RecipeError
from watchword_training.conditions import Spans
from watchword_training.corpus import Corpus
from watchword_training.evaluate import whole
from watchword_training.voices import Pcm

LABELS = "labels.json"


def marked(corpus: Corpus) -> list[tuple[Pcm, Spans]]:
    """Each recording with the spans that `labels.json` gives it; without that file, a recording is one word."""
    file = corpus.folder / LABELS
    if not file.is_file():
        return [whole(pcm) for pcm in corpus.pieces()]
    try:
        labels = {
            name: [(float(a), float(b)) for a, b in spans] for name, spans in json.loads(file.read_text()).items()
        }
    except (ValueError, TypeError, AttributeError) as exc:
        raise RecipeError(f'{file} is no table of words ({exc}); expected {{"file": [[start, end], ...]}}') from exc
    if unlabelled := sorted({f.name for f in corpus.files} - set(labels)):
        raise RecipeError(f"{file} says nothing of {unlabelled[0]}; give it [] when the word is not said in it")
    if len(set(corpus.files)) < len(corpus.files):
        raise RecipeError(f"{corpus.folder} has a labelled recording above 12 s; cut it, or give it unlabelled")
    return [(pcm, labels[f.name]) for f, pcm in zip(corpus.files, corpus.pieces(), strict=True)]
