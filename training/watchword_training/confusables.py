"""Near words in voices that no recipe trains with: what a detector may wake at by mistake."""

from __future__ import annotations

from collections.abc import Sequence

from watchword_training import recipes, render, vocabulary
from watchword_training.lines import Line
from watchword_training.voices import Pcm, Style
from watchword_training.workers import Workers


def nearest(word: str, count: int) -> list[str]:
    """
    The `count` words nearest to `word`.

    None says it ("smart mirroring"), but for longer words that begin otherwise ("deactivate"): those are other words.
    """
    words = vocabulary.around(word)
    return [near for near in words.near if not words.says(word, near, near)][:count]


def rendered(word: str, count: int, workers: Workers) -> list[tuple[str, Pcm]]:
    """The `count` words nearest to `word`, each by one of the test voices of the standard recipe."""
    return said(nearest(word, count), workers)


def said(texts: Sequence[str], workers: Workers) -> list[tuple[str, Pcm]]:
    """Each text by one of the test voices of the standard recipe, which take turns; without those that failed."""
    if not texts:
        return []
    voices = [name.partition("/") for name in recipes.load("standard").voices.test]
    lines = [
        Line(engine=voices[i % len(voices)][0], voice=voices[i % len(voices)][2], text=text, style=Style())
        for i, text in enumerate(texts)
    ]
    render.render(lines, workers)
    return [(line.text, render.load(line)) for line in lines if render.path(line).exists()]
