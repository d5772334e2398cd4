"""eSpeak NG: formant voices, of which only those that a recognizer understands."""

from __future__ import annotations

import io
import shutil
import subprocess

import soundfile

from watchword_training.voices import Style, Utterance
from watchword_training.voices.trimming import trimmed

VOICES = (
    *("en-us+UniRobot", "en-us+f2", "en-us+f3", "en-us+f5", "en-us+m2", "en-us+robosoft", "en-us+robosoft2"),
    *("en-us+robosoft3", "en-us+robosoft4", "en-us+robosoft5", "en-us+robosoft6", "en-us+robosoft7"),
    *("en-us+robosoft8", "en-gb-scotland+f2", "en-gb-scotland+f3", "en-gb-scotland+f5", "en-gb-x-rp+f2"),
    *("en-gb-x-rp+f3", "en-gb-x-rp+f4", "en-gb-x-rp+f5", "en-gb-x-rp+m2", "en-gb-x-gbclan+f2", "en-gb-x-gbclan+f5"),
)
"""Of 242 accents with variants the 23 that `recognizer.ForcedChoice` hears rightly among eleven similar words for at
least two of "activate" (18 of the 242), "computer" (71) and "alexa" (15)."""

RATE = 160
"""Words per minute at speed 1."""

PITCH = 50
"""The program's own default, of 0 to 99."""


class Espeak:
    """The `espeak-ng` program."""

    name = "espeak"
    licence = "output free (program GPL-3.0)"

    def __init__(self) -> None:
        if shutil.which("espeak-ng") is None:
            raise FileNotFoundError("no program espeak-ng")

    def voices(self) -> list[str]:
        """Accent and variant of those that can be understood."""
        return list(VOICES)

    def speak(self, text: str, voice: str, style: Style) -> Utterance:
        """Say `text`; the engine has one pronunciation of its own for each accent."""
        rate, pitch = round(RATE * style.speed), round(PITCH * style.pitch)
        command = ["espeak-ng", "-v", voice, "-s", str(rate), "-p", str(pitch), "--stdin", "--stdout"]
        spoken = subprocess.run(command, input=(text + style.ending).encode(), check=True, capture_output=True)
        samples, sample_rate = soundfile.read(io.BytesIO(spoken.stdout))
        return Utterance(trimmed(samples, sample_rate), self.licence)
