"""The bundle that is shipped: its vectors, its card, the README's figures, the examples."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from watchword import Bundle, Detector, audio
from watchword.hearing import hear
from watchword.network import Network
from watchword_training import card
from watchword_training.evaluate import TOLERANCE

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
LABELS: dict[str, list[list[float]]] = json.loads((EXAMPLES / "labels.json").read_text("utf-8"))


def test_golden_vectors(bundle: Bundle) -> None:
    """
    The model gives, bit for bit, the probabilities and the events that were stored when it was made.
    """
    vectors = np.load(bundle.folder / "vectors.npz")
    network, detector = Network(bundle), Detector(bundle)

    probability, _ = network.step(vectors["pcm"][None], network.initial_state())
    events = detector.push(vectors["pcm"])

    assert np.array_equal(vectors["probability"], probability[0])
    assert np.array_equal(vectors["smoothed"], detector.smoothed)
    assert [e.time for e in events] == vectors["event_time"].tolist()
    assert vectors["probability"].max() > 0.5


def test_the_card_and_the_readme_state_the_measured_figures(bundle: Bundle) -> None:
    """
    Card and README hold what their generator makes of the bundle's figures.
    """
    evaluation, data = (
        json.loads((bundle.folder / name).read_text("utf-8")) for name in ("evaluation.json", "data.json")
    )

    assert (bundle.folder / "CARD.md").read_text("utf-8") == card.render(bundle.manifest, evaluation, data)
    assert "\n".join(card.table(evaluation)) in (ROOT / "README.md").read_text("utf-8")


def test_a_real_person_is_heard(bundle: Bundle) -> None:
    """
    At its own threshold the detector fires once in the recording, where the label says.
    """
    [(start, end)] = LABELS["activated.flac"]

    heard = hear(Detector(bundle), [audio.read(EXAMPLES / "activated.flac")])

    assert len(heard.events) == 1
    assert start <= heard.events[0].time <= end + TOLERANCE


@pytest.mark.parametrize("name", ["coffee_orders.flac", "de-activated.flac"])
def test_other_speech_is_not_heard(bundle: Bundle, name: str) -> None:
    """
    Neither coffee orders nor the word's opposite make an event.
    """
    assert hear(Detector(bundle), [audio.read(EXAMPLES / name)]).events == []
