"""The verb `calibrate`: what a room and a voice in it ask of the settings, from the microphone or from recordings."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict

import numpy as np

from watchword import audio
from watchword.backlog import Capture, Gap
from watchword.calibration import Calibration, calibrate
from watchword.detector import Detector
from watchword.errors import WatchwordError
from watchword.microphone import Microphone
from watchword.network import Pcm
from watchword.options import add_device, add_json, add_model

WORD_SECONDS = 3.0
"""Time to say the word once."""

CLIPPED = 0.001
"""Share of samples at full scale above which the microphone is too loud."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    add_model(parser)
    add_json(parser)
    add_device(parser)
    parser.add_argument("--seconds", type=int, choices=range(5, 3601), default=30, metavar="N", help="of the room (30)")
    parser.add_argument(
        "--words", type=int, choices=range(21), default=5, metavar="N", help="times to say the word (5)"
    )
    parser.add_argument("--room", metavar="FILE", help="a recording of the room without the word, for the microphone")
    parser.add_argument("--voice", metavar="FILE", help="a recording of the word, said --words times in the room")


def run(arguments: argparse.Namespace) -> int:
    """Measure, and print what is proposed."""
    detector = Detector(arguments.model)
    if arguments.voice and not arguments.room:
        raise WatchwordError("--voice has no --room; give a recording of the room too, without the word")
    if arguments.room:
        room, voice = audio.read(arguments.room), audio.read(arguments.voice) if arguments.voice else None
    else:
        room, voice = _captured(arguments, detector.manifest.phrase)
    found = calibrate(detector, room, voice, arguments.words)
    sys.stdout.write(json.dumps(asdict(found)) + "\n" if arguments.json else _report(found, arguments.model))
    return 0


def _captured(arguments: argparse.Namespace, phrase: str) -> tuple[Pcm, Pcm | None]:
    def say(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    with Microphone(arguments.device) as microphone:
        say(f"Keep as quiet or as loud as it usually is, without saying {phrase!r}: {arguments.seconds} s")
        room = _record(microphone, arguments.seconds, say)
        if not arguments.words:
            return room, None
        said = []
        for number in range(1, arguments.words + 1):
            say(f"Say {phrase!r} from where you usually are ({number} of {arguments.words})")
            said.append(_record(microphone, WORD_SECONDS, say))
    return room, np.concatenate(said)


def _record(microphone: Iterable[Capture], seconds: float, say: Callable[[str], None]) -> Pcm:
    """So much audio; a gap is told and begins the stretch anew."""
    wanted, parts = round(seconds * audio.SAMPLE_RATE), [np.empty(0, np.int16)]
    for capture in microphone:
        if isinstance(capture, Gap):
            say(f"waiting: {capture.reason}")
            parts = [np.empty(0, np.int16)]
            continue
        parts.append(capture)
        if sum(map(len, parts)) >= wanted:
            break
    return np.concatenate(parts)[:wanted]


def _report(found: Calibration, model: str) -> str:
    lines = [f"room    below {found.room_level:.0f} dB nine tenths of the time, highest score {found.room_peak:.2f}"]
    if found.speech_level is not None:
        heard = ", ".join(f"{peak:.2f}" for peak in found.word_peaks) or "none"
        lines.append(f"voice   {found.speech_level:.0f} dB, scores {heard}")
    if found.clipped > CLIPPED:
        lines.append(f"clipped {100 * found.clipped:.1f} % of the samples: turn the microphone itself down, try again")
    if not found.separated:
        lines.append("the word scores no higher than the room: come nearer, or make the room quieter, and try again")
    gain = f" --gain {found.gain:g}" if found.gain else ""
    lines.append(f"try     watchword listen --model {model} --threshold {found.threshold:g}{gain}")
    return "\n".join(lines) + "\n"
