"""flite: five small voices of Carnegie Mellon University, from diphone to statistical."""

from __future__ import annotations

import shutil
import subprocess
import tempfile

import soundfile

from watchword_training.voices import Style, Utterance
from watchword_training.voices.trimming import trimmed

_PITCH = {"kal": 105, "kal16": 105, "awb": 118, "rms": 100, "slt": 172}
"""Each voice's own mean pitch (hertz)."""


class Flite:
    """The `flite` program."""

    name = "flite"
    licence = "BSD-like (Carnegie Mellon University)"

    def __init__(self) -> None:
        if shutil.which("flite") is None:
            raise FileNotFoundError("no program flite")

    def voices(self) -> list[str]:
        """The compiled-in voices."""
        return list(_PITCH)

    def speak(self, text: str, voice: str, style: Style) -> Utterance:
        """Say `text`; the engine has one pronunciation of its own."""
        settings = {
            "duration_stretch": 1.0 / style.speed,
            "int_f0_target_mean": _PITCH[voice] * style.pitch,
        }
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            command = ["flite", "-voice", voice, "-t", text + style.ending, "-o", wav.name]
            for key, value in settings.items():
                command += ["--setf", f"{key}={value:.3f}"]
            subprocess.run(command, check=True, capture_output=True)
            samples, sample_rate = soundfile.read(wav.name)
        return Utterance(trimmed(samples, sample_rate), self.licence)
