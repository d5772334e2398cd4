"""Festival: two diphone voices and a statistical one, of the University of Edinburgh and its partners."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import soundfile

from watchword_training.voices import Style, Utterance
from watchword_training.voices.trimming import trimmed

VOICES = {
    "kal_diphone": "english/kal_diphone",
    "ked_diphone": "english/ked_diphone",
    "cmu_us_slt_arctic_hts": "us/cmu_us_slt_arctic_hts",
}
"""Each voice and its folder; Debian's packages are festvox-kallpc16k, festvox-kdlpc16k and festvox-us-slt-hts."""

FOLDER = Path("/usr/share/festival/voices")


class Festival:
    """The `text2wave` program."""

    name = "festival"
    licence = "BSD-like (University of Edinburgh, Carnegie Mellon University)"

    def __init__(self) -> None:
        if shutil.which("text2wave") is None:
            raise FileNotFoundError("no program text2wave")
        if not self.voices():
            raise FileNotFoundError(f"no voice in {FOLDER}")

    def voices(self) -> list[str]:
        """Those that are installed."""
        return [voice for voice, folder in VOICES.items() if (FOLDER / folder).is_dir()]

    def speak(self, text: str, voice: str, style: Style) -> Utterance:
        """Say `text`; the engine has one pronunciation and one pitch of its own for each voice."""
        stretch = f"(Parameter.set 'Duration_Stretch {1 / style.speed:.3f})"
        with tempfile.NamedTemporaryFile(suffix=".wav") as wav:
            command = ["text2wave", "-o", wav.name, "-eval", f"(voice_{voice})", "-eval", stretch]
            subprocess.run(command, input=text + style.ending, text=True, check=True, capture_output=True)
            samples, sample_rate = soundfile.read(wav.name)
        return Utterance(trimmed(samples, sample_rate), self.licence)
