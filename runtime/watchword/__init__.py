"""Watchword: hear one word, anywhere.

from watchword import Detector
for event in Detector().push(pcm): ...
"""

import os

os.environ.setdefault(
    "ORT_DISABLE_TELEMETRY", "1"
)  # before onnxruntime loads: 1.29 and later send telemetry by default

from watchword.bundle import Bundle, Manifest
from watchword.detector import Detector, Event
from watchword.detectors import Detectors
from watchword.errors import (
    AudioError,
    BundleError,
    MicrophoneError,
    RecipeError,
    ServiceError,
    WatchwordError,
)

__version__ = "0.1.0"

__all__ = [
    "AudioError",
    "Bundle",
    "BundleError",
    "Detector",
    "Detectors",
    "Event",
    "Manifest",
    "MicrophoneError",
    "RecipeError",
    "ServiceError",
    "WatchwordError",
]
