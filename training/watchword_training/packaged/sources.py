"""What there is to fetch: packages that hold recordings, with what they hold and the licence for the model card."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

GAME = "freeware licence of the game (Debian main)"


class Fetched(TypedDict, total=False):
    """What a fetched source is; empty when nothing was fetched."""

    recordings: int
    hours: float
    megabytes: float
    """On disk."""
    downloaded_megabytes: float
    """0 when the folder was there already."""
    unreadable: list[str]
    """Recordings that could not be decoded, when they were tried just now."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One package that holds recordings."""

    name: str
    """Of the package, and of the folder that its recordings go to."""

    registry: Literal["Debian", "PyPI"] = "Debian"

    content: Literal["speech", "music", "ambience"]

    licence: str
    """Short, for the model card; the whole text is copied beside the recordings."""

    folder: str = ""
    """Where the recordings lie in the unpacked package; a zip archive counts as a folder. Empty for a game's own
    archive, which a reader in `games` opens."""

    files: tuple[str, ...] = ()
    """Patterns of recordings in that folder."""

    without: tuple[str, ...] = ()
    """Patterns of what is left out, where * also stands for folders: speech among sounds, beeps and silence among
    speech."""

    held_out: bool = False
    """Kept for measuring: no model is trained on it."""

    @property
    def kind(self) -> Literal["speech", "noise"]:
        """The option of training that takes the folder."""
        return "speech" if self.content == "speech" else "noise"

    def told(self, out: Path, fetched: Fetched) -> str:
        """What a person should know: before fetching, or afterwards how to use it."""
        note = " HELD OUT: measure on it, never train on it." if self.held_out else ""
        if not fetched:
            return f"{self.name}: {self.content}, {self.registry}, {self.licence}.{note}"
        lines = [
            f"{self.name}: {fetched['recordings']} recordings of {self.content}, {fetched['hours']:.2f} hours, "
            f"{fetched['megabytes']:.0f} MB.{note}"
        ]
        if unreadable := fetched.get("unreadable"):
            more = ", ..." if len(unreadable) > 5 else ""
            lines.append(f"  not readable: {len(unreadable)} ({', '.join(unreadable[:5])}{more})")
        if not self.held_out:
            lines.append(f'  --{self.kind} "{out / self.name}={self.licence}"')
        return "\n".join(lines)


SOURCES = (
    Source(name="flight-of-the-amazon-queen", content="speech", licence=GAME),
    Source(name="beneath-a-steel-sky", content="speech", licence=GAME),
    Source(name="drascula", content="speech", licence=GAME, held_out=True),
    Source(
        name="asterisk-core-sounds-en-g722",
        content="speech",
        licence="CC-BY-SA-3.0, Allison Smith",
        folder="usr/share/asterisk/sounds/en_US_f_Allison",
        files=("**/*.g722",),
        without=("silence/*", "beep*", "*2tone*", "confbridge-join*", "confbridge-leave.*"),
    ),
    Source(
        name="immich-memories-music",
        registry="PyPI",
        content="music",
        licence="MIT",
        folder="immich_memories_music/tracks",
        files=("**/*.opus",),
    ),
    Source(
        name="asterisk-moh-opsound-g722",
        content="music",
        licence="CC-BY-SA-3.0",
        folder="usr/share/asterisk/moh",
        files=("*.g722",),
    ),
    Source(
        name="singularity-music",
        content="music",
        licence="CC-BY-SA-3.0, Max McCracken",
        folder="usr/share/games/singularity/music",
        files=("**/*.ogg",),
    ),
    Source(
        name="frozen-bubble-data",
        content="music",
        licence="GPL-2",
        folder="usr/share/games/frozen-bubble/snd",
        files=("*zik*.ogg",),
    ),
    Source(
        name="lomiri-sounds",
        content="music",
        licence="CC-BY-SA-3.0, CC-BY-3.0, CC-BY-4.0, CC0-1.0",
        folder="usr/share/sounds/lomiri",
        files=("ringtones/*.ogg", "notifications/*.ogg"),
    ),
    Source(
        name="sonic-pi-samples",
        content="music",
        licence="CC0-1.0",
        folder="usr/share/sonic-pi/samples",
        files=("*.flac",),
        without=("*choir*", "*robot*", "*vox*", "misc_burp*"),
    ),
    Source(
        name="ufoai-sound",
        content="ambience",
        licence="GPL-2+, CC-BY-3.0, CC-BY-SA-3.0",
        folder="usr/share/games/ufoai/base/0snd.pk3",
        files=("sound/ambience/*.ogg",),
        without=("*radiomessage*", "*tv_news*", "*aliencom*", "*sand-city*", "*disco*"),
    ),
    Source(
        name="lincity-ng-data",
        content="ambience",
        licence="GPL-2+ or CC-BY-SA-2.0",
        folder="usr/share/games/lincity-ng/sounds",
        files=("*.wav",),
        without=("School*", "University*", "SportsCroud*", "Market*", "Commune*", "Health*", "Residential*", "Shanty*"),
    ),
    Source(
        name="minetest-data",
        content="ambience",
        licence="CC-BY-SA-3.0, CC-BY-3.0",
        folder="usr/share/games/minetest/games/minetest_game/mods",
        files=("*/sounds/*.ogg",),
        without=("*player_damage*",),
    ),
    Source(
        name="minetest-mod-homedecor",
        content="ambience",
        licence="CC-BY-SA-4.0, Vanessa Ezekowitz",
        folder="usr/share/games/minetest/mods/homedecor",
        files=("*/sounds/*.ogg",),
    ),
    Source(
        name="sound-theme-freedesktop",
        content="ambience",
        licence="CC-BY-SA-3.0, CC-BY-3.0, GPL-2+",
        folder="usr/share/sounds/freedesktop/stereo",
        files=("*.oga",),
        without=("audio-channel-*",),
    ),
)
"""Every source. The prompts and the music of Asterisk also come as WAV, but at 8 kHz: a network would learn the gap."""
