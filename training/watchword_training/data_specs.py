"""The sections of a recipe that make the data, each a frozen dataclass; what a field means stands under it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass(frozen=True, kw_only=True)
class VoiceSpec:
    """Who speaks, and how much is rendered."""

    seed: int = 0
    """Of who says what; apart from the recipe's own, so that a training can be repeated with the same renderings."""

    engines: dict[str, float] = field(default_factory=lambda: {"hibari": 0.5, "pico": 0.5})
    """Share of each engine among the rendered words."""

    cheap_engines: dict[str, float] = field(default_factory=lambda: {"hibari": 0.5, "pico": 0.5})
    """Share of each engine among the sentences, which cost several times a word."""

    speakers: int = 0
    """Kokoro speakers sampled for training beside the stock ones."""

    swaps: int = 0
    """Kokoro voices with the timbre of one stock voice and the prosody of another, both of one split."""

    validation: list[str] = field(default_factory=list)
    """Voices ("engine/voice") kept for choosing thresholds."""

    test: list[str] = field(default_factory=list)
    """Voices kept for the figures on the card."""

    positives: int = 200
    """Renderings of the trigger word alone for training; a fifth as many each for validation and test, as below."""

    carried: int = 0
    """Renderings of the trigger word inside a phrase."""

    near: int = 100
    """Renderings of words that sound like it, by the voices and in the style of the positives."""

    rhythm: int = 60
    """Renderings of words with its stress pattern, by the same."""

    partial: int = 0
    """Renderings of a part of it, by those of the same that read phonemes."""

    carried_near: int = 0
    """Renderings of near words inside the phrases of the trigger word, by the same."""

    ordinary: int = 100
    """Renderings of ordinary words."""

    sentences: int = 40
    """Renderings of sentences."""

    reshaped: float = 0.0
    """Copies of each rendering of a single word with another vocal tract, pitch and tempo: further speakers."""

    min_speed: float = 0.7
    """Slowest rate of speech."""

    max_speed: float = 1.4
    """Fastest rate of speech."""


@dataclass(frozen=True, kw_only=True)
class ClipSpec:
    """How ten-second clips are mixed."""

    seconds: float = 10.0
    """Length of a clip."""

    train: int = 600
    """Clips for training."""

    mined: int = 0
    """Further clips for training, with the sounds that a first teacher takes for the word; 0 for none."""

    recorded: int = 0
    """Stretches of the given recordings as they are, at most, that are heard besides; see `stretches`."""

    hard: float = 0.5
    """Share of those sounds among the negatives of those clips."""

    validation: int = 120
    """Clips for choosing the threshold."""

    max_words: int = 4
    """Up to this many positives, and as many negative words, in one clip."""

    silent_positives: float = 0.5
    """Share of clips without any positive."""

    min_snr: float = 0.0
    """Lowest ratio of a word to the background (decibels)."""

    max_snr: float = 40.0
    """Highest ratio of a word to the background (decibels)."""

    min_level: float = -42.0
    """Quietest word (decibels of full scale, root mean square)."""

    max_level: float = -12.0
    """Loudest word (decibels of full scale, root mean square)."""

    talker: float = 0.3
    """Share of clips that have a person talking in the background."""

    babble: float = 0.1
    """Share of clips with several people talking at once in the background."""

    running: float = 0.35
    """Share of words that follow the one before, or the clip's beginning, without a pause."""

    real: float = 0.45
    """Share of real recordings, some of them songs, among negatives, and of own ones among positives, where given."""

    brief: float = 0.0
    """Share of those recordings of which no more is heard than about a word's length, alone like a word."""

    paused: float = 0.3
    """Share of words and phrases held up for a moment where they are quietest, when the trigger word is a phrase."""

    confusable: float = 0.25
    """Share of words that sound like the trigger word, or are a part of it, among synthetic negatives."""

    validation_share: float = 0.2
    """Share of the given recordings (by file) kept for choosing the threshold."""

    test_share: float = 0.3
    """Share of the given recordings (by file) never used in training, for measuring."""


@dataclass(frozen=True, kw_only=True)
class ChannelSpec:
    """What lies between the mouths and the samples; each share is drawn clip by clip, whatever the clip holds."""

    rooms: int = 200
    """Simulated rooms for training, each with a place for who speaks and one for another sound; 0 is no room at all."""

    room: float = 0.5
    """Share of clips that sound in a room."""

    colour: float = 0.7
    """Share heard through a microphone that is not flat."""

    band: float = 0.3
    """Share whose band ends between 3.4 and 8 kHz, as on the telephone or a cheap converter."""

    clipping: float = 0.1
    """Share driven into the limits of the converter."""

    pumping: float = 0.15
    """Share with an automatic gain control that pumps."""

    drift: float = 0.15
    """Share whose gain wanders, as when somebody turns around."""

    codec: float = 0.15
    """Share that went through mu-law, Opus or MP3."""

    loss: float = 0.05
    """Share with lost packets."""

    mains: float = 0.1
    """Share with an offset or mains hum added behind the microphone."""
