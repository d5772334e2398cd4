"""Sound devices that can be listened to, and the verb that lists them."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass

from watchword import portaudio
from watchword.errors import MicrophoneError
from watchword.options import add_json


@dataclass(frozen=True, kw_only=True)
class Device:
    """A sound device with at least one input channel."""

    index: int
    """What PortAudio calls it now; it changes when devices come and go."""

    name: str

    channels: int
    """Most input channels."""

    sample_rate: int
    """Hertz that it prefers."""

    default: bool
    """Whether it is the one that is used when none is named."""


def devices() -> list[Device]:
    """All sound devices with an input, as PortAudio first saw them."""
    sounddevice = portaudio.load()
    default = sounddevice.default.device[0]
    return [
        Device(
            index=info["index"],
            name=info["name"],
            channels=info["max_input_channels"],
            sample_rate=round(info["default_samplerate"]),
            default=info["index"] == default,
        )
        for info in sounddevice.query_devices()
        if info["max_input_channels"] > 0
    ]


def check(device: str | int) -> None:
    """Refuse a device that is not there, or is ambiguous; MicrophoneError lists those that are."""
    sounddevice = portaudio.load()
    try:
        sounddevice.query_devices(device, "input")
    except (ValueError, sounddevice.PortAudioError) as exc:
        reason = " ".join(str(exc).split())
        known = ", ".join(f"{d.index} {d.name}" for d in devices()) or "none; list them again: watchword devices"
        raise MicrophoneError(f"{device!r} is no input device ({reason}); expected one of: {known}") from exc


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb `devices`."""
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """List the devices: index, name, channels, preferred rate, a star at the default."""
    found = devices()
    for device in found:
        if arguments.json:
            line = json.dumps(asdict(device))
        else:
            star = "*" if device.default else " "
            line = f"{star} {device.index:3} {device.name}  ({device.channels} channels, {device.sample_rate} Hz)"
        sys.stdout.write(line + "\n")
    if not found:
        raise MicrophoneError("there is no sound device with an input; connect a microphone, then: watchword devices")
    return 0
