"""From the voices' phonemes (misaki's alphabet) to the recognizer's phones (ARPAbet, as in CMUdict, without stress)."""

from __future__ import annotations

import re

from watchword.errors import RecipeError

PHONES = {
    "ɜɹ": "ER",
    "əɹ": "ER",
    "ɜː": "ER",
    "əː": "ER",
    "ɛː": "EH R",  # British "air": the model knows American vowels only
    "iː": "IY",
    "uː": "UW",
    "ɑː": "AA",
    "ɔː": "AO",
    "æ": "AE",
    "a": "AE",
    "ɑ": "AA",
    "ɒ": "AA",
    "ɔ": "AO",
    "ə": "AH",
    "ᵊ": "AH",
    "ɐ": "AH",
    "ʌ": "AH",
    "ɛ": "EH",
    "ɚ": "ER",
    "ɝ": "ER",
    "ɜ": "ER",
    "ɪ": "IH",
    "ᵻ": "IH",
    "i": "IY",
    "ʊ": "UH",
    "u": "UW",
    "y": "UW",
    "A": "EY",
    "I": "AY",
    "O": "OW",
    "Q": "OW",
    "W": "AW",
    "Y": "OY",
    "b": "B",
    "d": "D",
    "ð": "DH",
    "f": "F",
    "ɡ": "G",
    "g": "G",
    "h": "HH",
    "j": "Y",
    "ʤ": "JH",
    "k": "K",
    "l": "L",
    "m": "M",
    "n": "N",
    "ŋ": "NG",
    "p": "P",
    "ɹ": "R",
    "r": "R",
    "ʀ": "R",
    "s": "S",
    "ʃ": "SH",
    "t": "T",
    "T": "T",  # a flap: CMUdict writes "water" with T
    "ɾ": "T",
    "ʔ": "T",
    "θ": "TH",
    "ʧ": "CH",
    "v": "V",
    "w": "W",
    "z": "Z",
    "ʒ": "ZH",
}
"""Longer keys first; stress, length elsewhere and spaces have no phone."""

INVENTORY = tuple(sorted({phone for said in PHONES.values() for phone in said.split()}))
"""The recognizer's 39 phones."""

_SYMBOL = re.compile("|".join(PHONES) + "|(?P<silent>[ˈˌː \\-.,?!])|(?P<unknown>.)", re.DOTALL)
_SYLLABIC = re.compile(r"(?<=[bdfkpstvzðɡɾTʃʒʔʤʧθ])(?=[lmn](?![ˈˌ]?[AIOQWYaijuyæɐɑɒɔəɚɛɜɝɪʊʌᵊᵻ]))")
"""Before an l, m or n that is a syllable of its own: /bˈʌtn/ has the phones of /bˈʌtən/."""


def phones(phonemes: str) -> str:
    """The phones of `phonemes`, with spaces between: "ˈæktəvˌAt" is "AE K T AH V EY T"."""
    found = []
    for match in _SYMBOL.finditer(_SYLLABIC.sub("ə", phonemes)):
        if match["unknown"]:
            raise RecipeError(
                f"the recognizer has no phone for {match.group()!r} in /{phonemes}/; write it in misaki's alphabet, "
                "as python -c \"from hibari.g2p import G2P; print(G2P()('activate'))\" does"
            )
        if not match["silent"]:
            found.append(PHONES[match.group()])
    return " ".join(found)
