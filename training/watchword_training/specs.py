"""The sections of a recipe, each a frozen dataclass; what a field means stands under it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class VoiceSpec:
    """Who speaks, and how much is rendered."""

    engines: dict[str, float] = field(default_factory=lambda: {"hibari": 0.5, "pico": 0.5})
    """Share of each engine among the rendered words."""

    cheap_engines: dict[str, float] = field(default_factory=lambda: {"hibari": 0.5, "pico": 0.5})
    """Share of each engine among the sentences, which cost several times a word."""

    sampled_speakers: int = 0
    """Kokoro speakers sampled beside the stock ones; validation and test get as many others as they have stock ones."""

    validation: list[str] = field(default_factory=list)
    """Voices ("engine/voice") kept for choosing thresholds."""

    test: list[str] = field(default_factory=list)
    """Voices kept for the figures on the card."""

    positives: int = 200
    """Renderings of the trigger word for training; a fifth as many for validation and for test."""

    near: int = 100
    """Renderings of words that sound like it."""

    rhythm: int = 60
    """Renderings of words with its stress pattern."""

    ordinary: int = 100
    """Renderings of ordinary words."""

    sentences: int = 40
    """Renderings of sentences."""

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

    running: float = 0.35
    """Share of words that follow the one before without a pause, as in a sentence."""

    real: float = 0.45
    """Share of real recordings among negatives, and of own recordings among positives, where there are any."""

    confusable: float = 0.6
    """Share of words that sound like the trigger word, or are a part of it, among synthetic negatives."""

    room: float = 0.5
    """Share of clips that sound in a reverberant room."""

    channel: float = 0.7
    """Share of clips heard through a coloured microphone."""

    validation_share: float = 0.2
    """Share of the given recordings (by file) kept for choosing the threshold."""

    test_share: float = 0.3
    """Share of the given recordings (by file) never used in training, for measuring."""


@dataclass(frozen=True, kw_only=True)
class FeatureSpec:
    """Log-mel settings. Saved with every model; never edited afterwards."""

    window: int = 400
    """Samples under one Hann window, and the length of its Fourier transform (25 ms)."""

    hop: int = 160
    """Samples between frames (10 ms)."""

    mels: int = 40
    """Bands of the HTK mel filter bank."""

    low: float = 60.0
    """Lower edge of the first band (hertz)."""

    high: float = 7_800.0
    """Upper edge of the last band (hertz)."""

    floor: float = -14.0
    """Natural logarithm of the band power that becomes level 0."""

    ceiling: float = 8.0
    """Natural logarithm of the band power that becomes level 255."""

    @property
    def carry(self) -> int:
        """Samples of the past that the first frame of a chunk needs."""
        return self.window - self.hop


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """Causal convolution over frames, then gated recurrent layers."""

    kernel: int = 15
    """Frames under the convolution."""

    stride: int = 4
    """Frames between outputs."""

    channels: int = 64
    """Channels of the convolution."""

    hidden: int = 64
    """Units of each recurrent layer."""

    layers: int = 2
    """Recurrent layers."""

    dropout: float = 0.15
    """Share of the activations dropped between layers while training."""


@dataclass(frozen=True, kw_only=True)
class FitSpec:
    """How the network is fitted."""

    steps: int = 300
    """Optimizer steps in floating point."""

    quantized_steps: int = 60
    """Further steps with the integer arithmetic simulated."""

    batch: int = 32
    """Clips per step."""

    learning_rate: float = 2e-3
    """Peak of the one-cycle schedule."""

    positive_weight: float = 2.0
    """Weight of a positive output in the loss, against 1 for a negative one."""

    label_seconds: float = 0.4
    """How long the label stays at 1 after the word's end."""

    ignore_seconds: float = 0.16
    """Outputs this near to either edge of a label do not count."""

    validate_every: int = 250
    """Steps between two looks at the validation clips, each followed by a checkpoint."""

    time_masks: int = 2
    """SpecAugment: spans of frames blanked in each clip."""

    mel_masks: int = 2
    """SpecAugment: ranges of bands blanked in each clip."""


@dataclass(frozen=True, kw_only=True)
class TriggerSpec:
    """How probabilities become events; see `watchword.trigger`."""

    smoothing: int = 4
    """Outputs in the running mean."""

    refractory_seconds: float = 0.8
    """Silence after an event."""

    false_accepts_per_hour: float = 0.5
    """The rate that the threshold is chosen for, on the validation set."""
