"""The sections of a recipe that make the model, each a frozen dataclass; what a field means stands under it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from watchword.errors import RecipeError


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
    def decibels(self) -> float:
        """What one of the 256 levels is worth."""
        return 10 / math.log(10) * (self.ceiling - self.floor) / 255

    @property
    def carry(self) -> int:
        """Samples of the past that the first frame of a chunk needs."""
        return self.window - self.hop


@dataclass(frozen=True, kw_only=True)
class ConvolutionSpec:
    """A causal convolution over some frames and some neighbouring bands."""

    channels: int
    """What it says of each place."""

    frames: int
    """Frames under its kernel."""

    bands: int
    """Bands under its kernel."""

    frame_stride: int = 1
    """Frames between its outputs."""

    band_stride: int = 1
    """Bands between its outputs."""

    def __post_init__(self) -> None:
        if min(self.frame_stride, self.band_stride) < 1:
            raise RecipeError("frame_stride and band_stride of a convolution, and network.stride, start at 1")

    @property
    def past(self) -> int:
        """Frames before the new ones that its first output needs."""
        return self.frames - self.frame_stride


@dataclass(frozen=True)
class Convolved:
    """A convolution in its place: what it reads, and what it says."""

    spec: ConvolutionSpec
    bands: int
    """Bands that it reads."""

    channels: int
    """What it reads of each band."""

    @property
    def columns(self) -> int:
        """Values under its kernel."""
        return self.spec.frames * self.spec.bands * self.channels

    @property
    def width(self) -> int:
        """Values of one frame that it reads."""
        return self.bands * self.channels

    @property
    def places(self) -> int:
        """Places along the bands, each of which it says something of; below 1 when its kernel is too wide."""
        return 1 + (self.bands - self.spec.bands) // self.spec.band_stride


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """Causal convolutions, then gated recurrent layers."""

    local: tuple[ConvolutionSpec, ...] = ()
    """Convolutions over few frames and few bands: the first reads the levels, each other what the one before says."""

    kernel: int = 15
    """Frames under the last convolution, which has all bands under its kernel."""

    stride: int = 4
    """Frames between its outputs, counted in what it reads."""

    channels: int = 64
    """Channels of the last convolution."""

    hidden: int = 64
    """Units of each recurrent layer."""

    layers: int = 2
    """Recurrent layers."""

    dropout: float = 0.15
    """Share of the activations dropped between layers while training."""

    @property
    def frames_per_step(self) -> int:
        """Frames of levels between two outputs of the network."""
        return math.prod(spec.frame_stride for spec in self.local) * self.stride

    def convolutions(self, mels: int) -> list[Convolved]:
        """All convolutions over levels of `mels` bands, the last of them over all that the others leave."""
        placed: list[Convolved] = []
        bands, channels = mels, 1
        for spec in self.local:
            placed.append(Convolved(spec, bands, channels))
            bands, channels = placed[-1].places, spec.channels
        last = ConvolutionSpec(channels=self.channels, frames=self.kernel, bands=bands, frame_stride=self.stride)
        return [*placed, Convolved(last, bands, channels)]


@dataclass(frozen=True, kw_only=True)
class FitSpec:
    """How the network is fitted."""

    fits: int = 1
    """Fits that begin alike and see other draws; the mean of their weights becomes a word's model. See `soup`."""

    steps: int = 300
    """Optimizer steps."""

    batch: int = 32
    """Clips per step."""

    learning_rate: float = 2e-3
    """Peak of one cycle; matrices move at a multiple of it, see `watchword_training.descent`."""

    positive_weight: float = 2.0
    """Weight of a positive output in the loss, against 1 for a negative one."""

    label_seconds: float = 0.4
    """How long the label stays at 1 after the word's end."""

    ignore_seconds: float = 0.16
    """Outputs this near to either edge of a label do not count."""

    imitation: float = 1.0
    """Weight of the distance between the speech embeddings and what the network makes of its own state."""

    distillation: float = 1.0
    """Weight of the cross-entropy against the teacher's probabilities; labels have a weight of 1."""

    matching: float = 0.2
    """Weight of the distance between the teacher's logits and the network's."""

    tracking: float = 3.0
    """Weight of the distance between the teacher's recurrent state and what the network makes of its own."""

    ears: bool = False
    """Whether it begins with the ears that come with the package, be it a word's or other ears; see `ears`."""

    averaging: float = 0.99
    """Share that a step leaves of the running average of the weights, which is what becomes the model."""

    validate_every: int = 250
    """Steps between two looks at the validation clips, each followed by a checkpoint."""

    overlay: float = 0.0
    """Share of clips under which another clip is laid, anew in every step."""

    noise: float = 0.0
    """Share of clips under which a further background is laid, anew in every step."""

    gain: float = 0.0
    """By how much the level of a clip moves up or down, at most, anew in every step (decibels)."""

    colour: float = 0.0
    """Deviation of a smooth curve over the bands, drawn anew for every clip in every step (decibels)."""

    time_masks: int = 0
    """SpecAugment: spans of frames blanked in each clip; where one hides half of the word, the label still says all."""

    mel_masks: int = 2
    """SpecAugment: ranges of bands blanked in each clip."""


@dataclass(frozen=True, kw_only=True)
class TeacherSpec:
    """A detector that reads speech embeddings; see `watchword_training.teacher`."""

    hidden: int = 64
    """Units of its recurrent layer."""

    steps: int = 300
    """Optimizer steps."""

    batch: int = 64
    """Clips per step."""

    dropout: float = 0.3
    """Share of its inputs and of its state dropped while it is fitted."""


@dataclass(frozen=True, kw_only=True)
class TriggerSpec:
    """How probabilities become events; see `watchword.trigger`."""

    smoothing_seconds: float = 0.16
    """Time that the running mean of the outputs covers; at least one of them is in it."""

    refractory_seconds: float = 0.8
    """Silence after an event."""

    false_accepts_per_hour: float = 0.2
    """The rate that the threshold keeps to on the validation part of the given recordings."""

    mixed_false_accepts_per_hour: float = 3.0
    """The rate that it keeps to on everyday validation clips, in which somebody speaks almost all the time."""
