"""Near words in voices that no recipe trains with: what a detector may wake at by mistake."""

from __future__ import annotations

from watchword_training import recipes, render, vocabulary
from watchword_training.lines import Line
from watchword_training.voices import Pcm, Style
from watchword_training.workers import Workers


def rendered(word: str, count: int, workers: Workers) -> list[tuple[str, Pcm]]:
    """The `count` words nearest to `word`, each by one of the test voices of the standard recipe."""
    if not count:
        return []
    voices = [name.partition("/") for name in recipes.load("standard").voices.test]
    near = vocabulary.around(word).near[:count]
    lines = [
        Line(engine=voices[i % len(voices)][0], voice=voices[i % len(voices)][2], text=text, style=Style())
        for i, text in enumerate(near)
    ]
    render.render(lines, workers)
    return [(line.text, render.load(line)) for line in lines if render.path(line).exists()]
