"""PCM to log-mel levels: the one definition of the features, in torch; `export` writes the same into the graph.

It computes in double precision and rounds to 256 levels, so that neither the order of a summation
nor the machine shows in the result.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from watchword_training.model_specs import FeatureSpec
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.torchaudio_functional import melscale_fbanks

LEVELS = 256
INT16_SCALE = 32_768.0
"""What int16 samples are divided by, so that -32768 is exactly -1."""


class Frontend(nn.Module):
    """Log-mel spectrogram of a Hann-windowed Fourier transform over torchaudio's HTK filter bank."""

    window: Tensor
    bank: Tensor

    def __init__(self, spec: FeatureSpec) -> None:
        super().__init__()
        self.spec = spec
        bank = melscale_fbanks(spec.window // 2 + 1, spec.low, spec.high, spec.mels, SAMPLE_RATE)
        self.register_buffer("bank", bank.double())
        """Filter bank, (frequency, mel)."""
        self.register_buffer("window", torch.hann_window(spec.window, dtype=torch.float64))

    def forward(self, pcm: Tensor) -> Tensor:
        """
        Levels (batch, frame, mel) as uint8 of int16 samples (batch, time).

        The first `spec.carry` samples are the past: n new samples give n // hop frames.
        """
        frames = (pcm.double() / INT16_SCALE).unfold(1, self.spec.window, self.spec.hop)
        power = torch.fft.rfft(frames * self.window).abs().square() @ self.bank
        logarithm = power.clamp_min(math.exp(self.spec.floor)).log()
        scaled = (logarithm - self.spec.floor) * ((LEVELS - 1) / (self.spec.ceiling - self.spec.floor))
        levels: Tensor = (scaled + 0.5).floor().clamp(0, LEVELS - 1).to(torch.uint8)
        return levels

    def clip(self, pcm: Tensor) -> Tensor:
        """Levels of whole recordings (batch, time), preceded by digital silence."""
        levels: Tensor = self(nn.functional.pad(pcm, (self.spec.carry, 0)))
        return levels
