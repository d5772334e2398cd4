"""Sentences full of words that sound like "activate": how often each engine that knows it takes them for it."""

from __future__ import annotations

from typing import Any

from benchmarks.peers import quality, streams
from benchmarks.peers.environments import OWN

from watchword_training import confusables
from watchword_training.recipe import SAMPLE_RATE
from watchword_training.workers import Local

WORD = "activate"
VOICES = 5
"""Of the standard recipe's test; as often each sentence is said."""

SPHINX = (quality.SPHINX, 1e-30)
"""Settings of PocketSphinx: what its users begin with, and one that hears more."""

SENTENCES = (
    "An active actor acted accurately and captivated the activists.",
    "Their activities motivate nobody, and the activity was deactivated.",
    "Do not aggravate the captive, and actively cultivate the octave.",
    "She was inactive until the reactor was reactivated this afternoon.",
    "Activism can elevate, captivate, motivate and agitate a practical man.",
    "After the accident they had to evacuate the factory and excavate the attic.",
    "Vaccinate the actors, allocate the acrobats, and renovate the factory.",
    "Navigate attentively, calculate exactly, and anticipate every activist.",
    "To deactivate it is easy, to reactivate it takes an active captain.",
    "The practical activity had captivating and attractive characters.",
    "An activation code is active, an inactive one is not.",
    "What aggravates activists is a captain who automates activities.",
)
"""Twelve, so that five voices that take turns say each of them."""


def measured(processes: int) -> dict[str, Any]:
    """Events of each engine in all the sentences, said by every voice."""
    spoken = [pcm for _, pcm in confusables.said(SENTENCES * VOICES, Local(processes))]
    stream, _ = streams.joined(spoken, 0)
    rows = []
    for engine, settings in ((OWN, {}), *(("pocketsphinx", {"threshold": setting}) for setting in SPHINX)):
        told, heard = streams.heard(engine, {"model": WORD, **settings}, stream, [])
        events = sum(score >= told["threshold"] for score in heard.false_accepts)
        rows.append({"engine": engine, "version": told["version"], **settings, "events": events})
    minutes = sum(map(len, spoken)) / SAMPLE_RATE / 60
    return {"word": WORD, "sentences": len(spoken), "minutes": round(minutes, 1), "rows": rows}
