"""The example recordings and their labels."""

import json
from pathlib import Path

import pytest
import soundfile

EXAMPLES = Path(__file__).parents[1] / "examples"
LABELS: dict[str, list[tuple[float, float]]] = json.loads((EXAMPLES / "labels.json").read_text())


def test_every_recording_is_labelled() -> None:
    """
    The labels name the recordings, all of them and nothing else.
    """
    assert sorted(LABELS) == sorted(path.name for path in EXAMPLES.glob("*.flac"))


@pytest.mark.parametrize("name", LABELS)
def test_recording(name: str) -> None:
    """
    A recording is small, 16 kHz and mono, its labels lie inside it, and the README tells what is said and when.
    """
    path = EXAMPLES / name

    found = soundfile.info(path)

    assert (found.samplerate, found.channels) == (16_000, 1)
    assert path.stat().st_size < 300_000
    assert all(0.0 < start < end < found.duration for start, end in LABELS[name])
    row = next(line for line in (EXAMPLES / "README.md").read_text().splitlines() if line.startswith(f"| `{name}` "))
    assert f"| {found.duration:.1f} |" in row
    assert all(f"| {start:.2f} to {end:.2f} |" in row for start, end in LABELS[name])
