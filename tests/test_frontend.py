"""The log-mel front end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from watchword_training.frontend import Frontend
from watchword_training.model_specs import FeatureSpec
from watchword_training.recipe import SAMPLE_RATE


@pytest.fixture(scope="module")
def frontend() -> Frontend:
    return Frontend(FeatureSpec())


def tone(hertz: float, amplitude: float, samples: int = 4_000) -> torch.Tensor:
    wave = amplitude * 32_768 * np.sin(2 * np.pi * hertz * np.arange(samples) / SAMPLE_RATE)
    return torch.from_numpy(np.clip(np.round(wave), -32_768, 32_767).astype(np.int16))[None]


def test_digital_silence_is_level_zero(frontend: Frontend) -> None:
    """
    Silence has level 0 in every band, which is also what lies before the first sample.
    """
    levels = frontend.clip(torch.zeros(1, 1_600, dtype=torch.int16))

    assert levels.shape == (1, 10, 40)
    assert int(levels.max()) == 0


def test_level_of_a_tone_is_its_power(frontend: Frontend) -> None:
    """
    A tone on a bin's frequency has the level that a Hann window's gain and the mel weights give it.
    """
    spec, bin_ = frontend.spec, 50
    power = (
        (0.25 * spec.window / 4) ** 2 * frontend.bank[bin_ - 1 : bin_ + 2].T @ torch.tensor([0.25, 1.0, 0.25]).double()
    )
    expected = (power.log() - spec.floor) * 255 / (spec.ceiling - spec.floor)
    band = int(expected.argmax())

    level = int(frontend(tone(bin_ * SAMPLE_RATE / spec.window, 0.25))[0, 5, band])

    assert level == pytest.approx(float(expected[band]), abs=1)  # a level; scaling by 32,767 is 0.0007 of one


def test_doubling_the_amplitude_adds_six_decibels(frontend: Frontend) -> None:
    """
    A factor of two raises the loudest band by 2 ln 2 on the level scale.
    """
    quiet, loud = (frontend(tone(1_000, a))[0, 5].max() for a in (0.1, 0.2))

    expected = 2 * np.log(2) * 255 / (frontend.spec.ceiling - frontend.spec.floor)
    assert float(loud) - float(quiet) == pytest.approx(expected, abs=1)


def test_frame_count_of_an_exact_window(frontend: Frontend) -> None:
    """
    The past and one hop make one frame; one sample less makes none.
    """
    spec = frontend.spec
    exact = torch.zeros(1, spec.carry + spec.hop, dtype=torch.int16)

    assert frontend(exact).shape[1] == 1
    with pytest.raises(RuntimeError):
        frontend(exact[:, 1:])


def test_future_does_not_leak(frontend: Frontend) -> None:
    """
    Later audio never changes an earlier frame.
    """
    audio = torch.from_numpy(np.random.default_rng(0).integers(-9_000, 9_000, (1, 16_000)).astype(np.int16))
    louder = audio.clone()
    louder[:, 8_000:] = 32_000

    before, after = frontend.clip(audio), frontend.clip(louder)

    assert torch.equal(before[:, :50], after[:, :50])
    assert not torch.equal(before[:, 50], after[:, 50])
