"""What to say besides the trigger word: its near neighbours, words of its rhythm, ordinary words, sentences.

Distance is the edit distance between phoneme strings, so that "activate" meets "captivate" and "activity";
rhythm is the stress pattern, so that it meets "educate" too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from rapidfuzz.distance import Levenshtein
from wordfreq import top_n_list

from watchword.errors import RecipeError
from watchword_training.voices.pronunciation import phonemes

COMMON = 60_000
"""Neighbours come from this many most frequent English words."""

RARE = 300_000
"""Longer words around the trigger word come from this many."""

ORDINARY = 3_000
"""Ordinary words and sentences come from this many."""

NEAREST = 0.15
"""Share of the phonemes in which a near word differs, at least: people's own ways of saying the word differ as much."""

CARRIERS = (
    "please {}",
    "could you {}",
    "now say {}",
    "I want you to {}",
    "the word is {}",
    "okay, {}",
    "{}, please",
    "please {}, and then wait",
    "just {}, that is all",
    "you said {}, did you not",
)
"""Phrases that a word may stand in. It is their last, or a pause follows: there its end can be measured."""

_VOWEL = re.compile(r"[ˈˌ]?[AIOWYaæɑɒɔəɛɜɪʊʌiueoQᵊ]ː?")
_STRESS = re.compile(r"[ˈˌ]")
_BROAD = str.maketrans({" ": "", "T": "t", "ᵻ": "ə"})


@dataclass(frozen=True)
class Vocabulary:
    """The words that teach a detector of one phrase what it must not wake to."""

    longer: list[str]
    """Words that end in or enclose the phrase ("deactivate"): they are taught as other words."""

    near: list[str]
    """Closest in sound first, after the longer ones."""

    rhythm: list[str]
    """The phrase's stress pattern, other sounds; those with the most similar ending first."""

    partial: list[str]
    """Beginnings and ends of the phrase, cut between syllables, as /phonemes/."""

    ordinary: list[str]
    """Most frequent first; the same for every phrase, whose own words `contains` tells."""

    def says(self, phrase: str, text: str, spoken: str) -> bool:
        """Whether `text`, said as `spoken`, says the phrase; longer words that end in it are meant to be there."""
        return contains(spoken, phrase) and text not in self.longer

    def sentence(self, rng: np.random.Generator) -> str:
        """Four to nine ordinary words in a row: every transition between sounds, no meaning."""
        return " ".join(rng.choice(self.ordinary, size=int(rng.integers(4, 10))).tolist())


@lru_cache(maxsize=100_000)
def bare(text: str) -> str:
    """Phonemes of `text` without stress marks and spaces; a flapped t is a t, a reduced i a schwa."""
    return _STRESS.sub("", phonemes(text)).translate(_BROAD)


def rhythm(text: str) -> str:
    """Stress pattern of `text`, a sign per syllable: "activate" is "ˈ.ˌ"."""
    return "".join(v[0] if v[0] in "ˈˌ" else "." for v in _VOWEL.findall(phonemes(text)))


def ending(text: str) -> str:
    """Phonemes of `text` from its last vowel on."""
    said = bare(text)
    return said[max((m.start() for m in _VOWEL.finditer(said)), default=0) :]


def partial(phrase: str) -> list[str]:
    """What is left of `phrase` when it is cut between two syllables: /ˈæk/, /təvˌAt/, /ˈæktə/, /vˌAt/."""
    said = phonemes(phrase)
    nuclei = [m.start() for m in _VOWEL.finditer(said)]
    cuts = [max(nucleus - 1, 1) for nucleus in nuclei[1:]]
    parts = [part.strip() for cut in cuts for part in (said[:cut], said[cut:])]
    return [f"/{part}/" for part in dict.fromkeys(parts) if part]


@lru_cache(maxsize=2)
def _words(count: int) -> list[str]:
    return [w for w in top_n_list("en", count) if w.isascii() and w.isalpha() and len(w) > 2]


def contains(text: str, phrase: str) -> bool:
    """Whether `phrase` can be heard in `text`: in "activated" and in "reactivate" one hears "activate"."""
    return bare(phrase) in bare(text) or phrase in text


def around(phrase: str, size: int = 400) -> Vocabulary:
    """The vocabulary around `phrase`: up to `size` near words and as many of its rhythm; phrases around a phrase."""
    if not re.fullmatch(r"[A-Za-z']+( [A-Za-z']+)*", phrase):
        raise RecipeError(f"cannot train on {phrase!r}: expected English words, as in --word 'smart mirror'")
    phrase = phrase.lower()
    words = [w for w in _words(COMMON) if not contains(w, phrase)]
    parts = phrase.split()
    enclosing = _longer(phrase)
    near, same = _near(phrase, words), _same_rhythm(phrase, words)
    if len(parts) > 1:
        alike = [[part, *_near(part, words)[:40]] for part in parts]
        swapped = [(*parts[:i], other[n], *parts[i + 1 :]) for n in range(1, 41) for i, other in enumerate(alike)]
        near = parts + [" ".join(said) for said in swapped] + near
        rhythms = [_same_rhythm(part, words) for part in parts]
        same = [" ".join(said) for said in zip(*rhythms, strict=False)]
    far_enough = (w for w in near if w not in enclosing and _distance(w, phrase) >= NEAREST)
    near = [*enclosing, *islice(far_enough, size - len(enclosing))]
    same = [w for w in same if w not in near][:size]
    return Vocabulary(enclosing, near, same, partial(phrase), _words(COMMON)[:ORDINARY])


def _longer(phrase: str) -> list[str]:
    """Words that end in or enclose `phrase` without beginning with it: by their first sound another word."""
    spelt = [w for w in _words(RARE) if phrase in w and not w.startswith(phrase)]
    return [w for w in spelt if bare(phrase) in bare(w) and not bare(w).startswith(bare(phrase))]


def _near(text: str, words: list[str]) -> list[str]:
    """`words` by the edit distance of their phonemes to those of `text`, the closest first; never `text` itself."""
    return sorted((w for w in words if w != text), key=lambda w: _distance(w, text))


def _distance(one: str, other: str) -> float:
    """Edit distance of the phonemes as a share of the longer string."""
    return Levenshtein.normalized_distance(bare(one), bare(other))


def _same_rhythm(text: str, words: list[str]) -> list[str]:
    """Those of `words` that have the stress pattern of `text`, the most similar ending first."""
    pattern, end = rhythm(text).replace("ˌ", "."), ending(text)
    same = [w for w in words if w != text and rhythm(w).replace("ˌ", ".") == pattern]
    return sorted(same, key=lambda w: Levenshtein.distance(ending(w), end))
