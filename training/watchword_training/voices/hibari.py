"""hibari: one natural American voice, a hundred times faster than real time."""

from __future__ import annotations

from hibari import SAMPLE_RATE, Hibari

from watchword_training.voices import Style, Utterance
from watchword_training.voices.pronunciation import variants
from watchword_training.voices.trimming import trimmed


class HibariHeart:
    """The voice that the package carries; its others would have to be downloaded."""

    name = "hibari"
    licence = "Apache-2.0"

    def __init__(self) -> None:
        self._engine = Hibari(threads=1)

    def voices(self) -> list[str]:
        """The one voice."""
        return ["heart"]

    def speak(self, text: str, voice: str, style: Style) -> Utterance:
        """Say `text` in a pronunciation drawn by `style.pronunciation`."""
        spoken = variants(text)
        phonemes = spoken[style.pronunciation % len(spoken)] + style.ending
        samples = self._engine.from_phonemes(phonemes, speed=style.speed, seed=0)
        return Utterance(trimmed(samples, SAMPLE_RATE), self.licence)
