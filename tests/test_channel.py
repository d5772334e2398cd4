"""Microphones, gain, codecs, lost packets; and noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from tests.recordings import speechlike, tone

from watchword_training import channel, codec, noise, synthetic_noise
from watchword_training.data_specs import ChannelSpec
from watchword_training.noise import Audio

RATE = 16_000
NONE: Any = ChannelSpec(**{field.name: 0 for field in fields(ChannelSpec)})


def speech() -> Audio:
    """Harmonics and breath, nowhere periodic over more than a syllable."""
    voice = speechlike(4.0).astype(np.float32) / 32_768
    gain = np.random.default_rng(0).uniform(0.2, 1, 64).repeat(1_000)
    return (voice * gain).astype(np.float32)


def rms(audio: Audio) -> float:
    return float(np.sqrt(np.mean(np.square(audio, dtype=float))))


def delay(before: Audio, after: Audio) -> int:
    """Samples by which `after` lags, from their correlation."""
    correlation = np.fft.irfft(np.fft.rfft(after) * np.conj(np.fft.rfft(before)))
    lag = int(np.argmax(correlation))
    return lag if lag < len(before) // 2 else lag - len(before)


@pytest.mark.parametrize("effect", [f.name for f in fields(ChannelSpec) if f.name not in ("rooms", "room")])
def test_an_effect_keeps_length_and_time(effect: str) -> None:
    """
    Each effect alone changes the samples, says what it did, and neither shortens nor delays them.
    """
    audio = speech()

    untouched, nothing = channel.capture(np.random.default_rng(1), audio, NONE)
    captured, effects = channel.capture(np.random.default_rng(1), audio, replace(NONE, **{effect: 1.0}))

    assert nothing == []
    assert len(effects) == 1
    assert captured.shape == audio.shape
    assert not np.array_equal(captured, untouched)
    assert abs(delay(audio, captured.astype(np.float32))) <= 8


@pytest.mark.parametrize("code", [codec.mu_law, *(lambda a, n=n: codec.packed(a, n, 0.5) for n in ("opus", "mp3"))])
def test_codecs_keep_time(code: Callable[[Audio], Audio]) -> None:
    """
    The encoder's delay is taken out: labels stay where they are.
    """
    audio = speech()

    coded = codec._same_length(code(audio), len(audio))

    assert abs(delay(audio, coded)) <= 1
    assert rms(coded) == pytest.approx(rms(audio), rel=0.2)


def test_the_band_ends_where_it_says() -> None:
    """
    A tone above the drawn edge is gone, one well below is as before.
    """
    rng = np.random.default_rng(3)
    high, name = channel.band(rng, tone(7_900).astype(np.float32))
    low, _ = channel.band(np.random.default_rng(3), tone(1_000).astype(np.float32))

    assert name.startswith("band ")
    assert float(name.split()[1]) < 7
    assert rms(high[1_000:-1_000]) < 0.1 * rms(low)
    assert rms(low) == pytest.approx(0.5 / np.sqrt(2), rel=0.01)


def test_gain_control_brings_levels_together() -> None:
    """
    A loud and a quiet recording come closer, and after loud sound a quiet one rises slowly.
    """
    quiet, loud = (
        channel.pump(np.random.default_rng(5), tone(500, 4.0).astype(np.float32) * np.float32(gain))[0]
        for gain in (0.02, 1.0)
    )

    assert rms(loud) / rms(quiet) < 25

    stepped = tone(500, 4.0).astype(np.float32)
    stepped[RATE:] *= 0.05
    pumped, _ = channel.pump(np.random.default_rng(5), stepped)
    assert rms(pumped[RATE + 800 : RATE + 2_400]) < rms(pumped[-RATE:])


def test_clipping_is_as_deep_as_it_says() -> None:
    """
    The peak falls by the decibels in the name.
    """
    audio = tone(300).astype(np.float32)

    for seed in range(8):
        clipped, name = channel.clip(np.random.default_rng(seed), audio)
        depth = float(name.split()[1])
        assert 20 * np.log10(np.abs(clipped).max() / 0.5) == pytest.approx(-depth, abs=2.5)


def test_lost_packets_are_whole() -> None:
    """
    What is lost is lost in packets of 20 ms, about as often as the name says.
    """
    audio = np.full(RATE * 60, 0.1, np.float32)

    for seed in range(20):
        heard, name = channel.lose(np.random.default_rng(seed), audio)
        changed = (heard != audio).reshape(-1, channel.PACKET)
        assert np.all(changed.all(1) == changed.any(1))
        assert changed.any(1).mean() * 100 == pytest.approx(float(name.split()[1]), abs=2.0)


def test_full_scale_is_never_wrapped() -> None:
    """
    Samples above full scale are clipped, not turned around.
    """
    samples = channel.digitize(np.random.default_rng(0), np.array([2.0, -2.0, 0.0], np.float32))

    assert samples.tolist()[:2] == [32_767, -32_768]
    assert abs(int(samples[2])) <= 1


def test_reverberation_keeps_the_level() -> None:
    """
    A room changes the sound, not how loud it is.
    """
    response = np.zeros(4_000, np.float32)
    response[[0, 900, 2_000]] = 1.0, 0.5, 0.3
    audio = speech()

    wet = channel.reverberate(audio, response)

    assert rms(wet) == pytest.approx(rms(audio), rel=1e-3)
    assert not np.allclose(wet, audio)


def test_every_noise_is_level_and_named() -> None:
    """
    Each kind of synthetic noise occurs, has a root mean square of 1, and no two draws are alike.
    """
    drawn = [synthetic_noise.synthetic(np.random.default_rng(seed), RATE) for seed in range(100)]

    assert {name for name, _ in drawn} == set(synthetic_noise.SYNTHETIC)
    assert all(rms(audio) == pytest.approx(1, rel=0.01) for _, audio in drawn)
    assert not np.array_equal(drawn[0][1], drawn[1][1])


def test_babble_holds_every_voice() -> None:
    """
    Several talkers at once: the sum correlates with each.
    """
    talkers = [(np.random.default_rng(seed).standard_normal(RATE) * 3_000).astype(np.int16) for seed in range(4)]

    crowd = noise.babble(np.random.default_rng(9), RATE, talkers)

    for pcm in talkers:
        spectrum = np.fft.rfft(crowd) * np.conj(np.fft.rfft(pcm.astype(np.float32)))
        correlation = np.abs(np.fft.irfft(spectrum))
        assert correlation.max() > 20 * np.median(correlation)
