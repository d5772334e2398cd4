"""Ways in which people say a word, as edits of its phoneme string (misaki's alphabet, as Kokoro reads it)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_EDITS: tuple[tuple[str, str], ...] = (
    (r"(?<![ˈˌ])ə(?=\w)", "ɪ"),  # activate: -əv- or -ɪv-
    (r"(?<![ˈˌ])ɪ(?=\w)", "ə"),
    ("T", "t"),  # computer: flapped or crisp t
    (r"ˌ", ""),  # the second stress dropped
    (r"əɹ$", "ə"),  # an r that is not said
    (r"t$", "ʔ"),  # a final t swallowed
    ("ˈO", "ˈQ"),
    ("ˈɑ", "ˈɔ"),
)


@lru_cache(maxsize=2)
def _dictionary(british: bool) -> Any:
    from hibari.g2p import G2P

    return G2P(british=british)


@lru_cache(maxsize=100_000)
def phonemes(text: str, british: bool = False) -> str:
    """The dictionary's phonemes of `text`, American or British."""
    return str(_dictionary(british)(text))


def variants(text: str, british: bool = False) -> list[str]:
    """Pronunciations of `text`: the dictionary's own first, then each edit that changes it; /phonemes/ as they are."""
    if text.startswith("/"):
        return [text.strip("/")]
    base = phonemes(text, british)
    found = [base, phonemes(text, not british)]
    found += [re.sub(pattern, replacement, base) for pattern, replacement in _EDITS]
    return list(dict.fromkeys(found))
