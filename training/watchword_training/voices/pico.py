"""SVOX Pico: an American and a British voice whose speed and pitch can be varied."""

from __future__ import annotations

import numpy as np
import py_nanotts

from watchword_training.voices import SAMPLE_RATE, Style, Utterance
from watchword_training.voices.trimming import trimmed


class Pico:
    """SVOX Pico by way of NanoTTS. Its engine keeps a state between lines: their renderings differ in the last bits."""

    name = "pico"
    licence = "Apache-2.0"

    def __init__(self) -> None:
        self._engine = py_nanotts.NanoTTS()

    def voices(self) -> list[str]:
        """The two English voices."""
        return ["en-US", "en-GB"]

    def speak(self, text: str, voice: str, style: Style) -> Utterance:
        """Say `text`; the engine has one pronunciation of its own."""
        pcm = self._engine.speak(text + style.ending, voice=voice, speed=style.speed, pitch=style.pitch)
        return Utterance(trimmed(np.frombuffer(pcm, np.int16) / 32768.0, SAMPLE_RATE), self.licence)
