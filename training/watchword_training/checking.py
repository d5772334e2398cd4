"""Whether a rendering of the trigger word is heard as it, and where: an independent recognizer decides."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import soundfile
from rapidfuzz.distance import Levenshtein
from tqdm import tqdm

from watchword_training import cache, render
from watchword_training.lines import Line
from watchword_training.recognizer import ForcedChoice, aligned
from watchword_training.vocabulary import Vocabulary, bare
from watchword_training.voices import Pcm
from watchword_training.workers import Workers

RIVALS = 10
"""Near words that the recognizer may choose instead."""

DISTANCE = 3
"""Phonemes in which a rival differs, at least: fewer, and the recognizer itself may not tell them apart."""

FORM = 2
"""Raised when the checks change, so that no verdict of an older version is read."""

Span = tuple[int, int]


@dataclass
class Checked:
    """What became of the renderings."""

    words: dict[str, Span] = field(default_factory=dict)
    """By the digest of a line that was heard: first sample of the word, and the sample after its last."""

    rejected: list[str] = field(default_factory=list)
    """The others, with what was heard."""


def rivals(word: str, vocabulary: Vocabulary) -> list[str]:
    """The closest words that differ enough to be told from `word`."""
    said = bare(word)
    others = [near for near in vocabulary.near if near not in vocabulary.longer]
    return [near for near in others if Levenshtein.distance(bare(near), said) >= DISTANCE][:RIVALS]


@lru_cache(maxsize=4)
def _choice(words: tuple[str, ...]) -> ForcedChoice:
    return ForcedChoice(words)


def _check(task: tuple[Line, tuple[str, ...], bytes]) -> Span | str:
    """Where in a rendering its word lies, or why it is left out."""
    line, words, file = task
    pcm = soundfile.read(io.BytesIO(file), dtype="int16")[0]
    span = _located(line, pcm)
    if span is None:
        return "no end of the word that could be measured"
    heard = _choice(words).heard(pcm[span[0] : span[1]])
    return span if heard == line.text else f"heard {heard!r}"


def _located(line: Line, pcm: Pcm) -> Span | None:
    """Where the line's text lies in its carrier; None when that cannot be measured."""
    before, _, after = line.carrier.partition("{}")
    if not before + after:
        return 0, len(pcm)
    spans = aligned(pcm, line.spoken)
    said = spans[len(before.split()) :][: len(line.text.split())]
    if not said:
        return None
    if after and not said[-1].paused:
        return None
    end = said[-1].end if after else len(pcm)
    return (said[0].start, end) if end > said[0].start else None


def check(lines: Sequence[Line], vocabulary: Vocabulary, workers: Workers) -> Checked:
    """Check renderings of one trigger word; verdicts are kept in the cache."""
    if not lines:
        return Checked()
    words = (lines[0].text, *rivals(lines[0].text, vocabulary))
    name = hashlib.sha256(json.dumps([FORM, words]).encode()).hexdigest()[:32]
    kept = cache.folder("checked") / f"{name}.json"
    verdicts: dict[str, list[int] | str] = json.loads(kept.read_text("utf-8")) if kept.is_file() else {}
    tasks = [(line, words, render.path(line).read_bytes()) for line in lines if line.digest not in verdicts]
    for (line, *_), verdict in tqdm(
        workers.run(_check, tasks), total=len(tasks), desc="checking", unit="line", disable=not tasks
    ):
        verdicts[line.digest] = list(verdict) if isinstance(verdict, tuple) else verdict
    with cache.replacing(kept) as partial:
        partial.write_text(json.dumps(verdicts, sort_keys=True), "utf-8")
    checked = Checked()
    for line in lines:
        verdict = verdicts[line.digest]
        if isinstance(verdict, str):
            checked.rejected.append(f"{line.engine}/{line.voice} {line.spoken!r}: {verdict}")
        else:
            checked.words[line.digest] = (verdict[0], verdict[1])
    return checked
