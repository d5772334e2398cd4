"""What to say besides the trigger word: its near neighbours, words of its rhythm, ordinary words, sentences.

Distance is the edit distance between phoneme strings, so that "activate" meets "captivate" and "activity";
rhythm is the stress pattern, so that it meets "educate" too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rapidfuzz.distance import Levenshtein
from wordfreq import top_n_list

from watchword.errors import RecipeError
from watchword_training.voices.pronunciation import phonemes

COMMON = 40_000
"""Neighbours come from this many most frequent English words."""

ORDINARY = 3_000
"""Ordinary words and sentences come from this many."""

_VOWEL = re.compile(r"[ˈˌ]?[AIOWYaæɑɔəɛɜɪʊʌiueoQᵊ]ː?")
_STRESS = re.compile(r"[ˈˌ]")


@dataclass(frozen=True)
class Vocabulary:
    """The words that teach a detector of one phrase what it must not wake to."""

    near: list[str]
    """Closest in sound first."""

    rhythm: list[str]
    """The phrase's stress pattern, other sounds."""

    ordinary: list[str]
    """Most frequent first; the same for every phrase, whose own words `contains` tells."""

    def sentence(self, rng: np.random.Generator) -> str:
        """Four to nine ordinary words in a row: every transition between sounds, no meaning."""
        return " ".join(rng.choice(self.ordinary, size=int(rng.integers(4, 10))).tolist())


def bare(text: str) -> str:
    """Phonemes of `text` without stress marks and spaces."""
    return _STRESS.sub("", phonemes(text)).replace(" ", "")


def rhythm(text: str) -> str:
    """Stress pattern of `text`, a sign per syllable: "activate" is "ˈ.ˌ"."""
    return "".join(v[0] if v[0] in "ˈˌ" else "." for v in _VOWEL.findall(phonemes(text)))


@lru_cache(maxsize=1)
def _common() -> list[str]:
    return [w for w in top_n_list("en", COMMON) if w.isascii() and w.isalpha() and len(w) > 2]


def contains(text: str, phrase: str) -> bool:
    """Whether saying `text` says `phrase`: "activated" and "reactivate" say "activate"."""
    return bare(phrase) in bare(text) or phrase in text


def around(phrase: str, size: int = 400) -> Vocabulary:
    """The vocabulary around `phrase`: up to `size` near words and as many of its rhythm."""
    if not re.fullmatch(r"[A-Za-z']+( [A-Za-z']+)*", phrase):
        raise RecipeError(f"cannot train on {phrase!r}: expected English words, as in --word 'smart mirror'")
    phrase = phrase.lower()
    words = [w for w in _common() if not contains(w, phrase)]
    target = bare(phrase)
    parts = [p for p in phrase.split() if len(phrase.split()) > 1]
    near = sorted(words, key=lambda w: Levenshtein.normalized_distance(bare(w), target))[:size]
    pattern = rhythm(phrase).replace("ˌ", ".")
    same = [w for w in words if rhythm(w).replace("ˌ", ".") == pattern and w not in set(near)][:size]
    return Vocabulary(parts + near, same, _common()[:ORDINARY])
