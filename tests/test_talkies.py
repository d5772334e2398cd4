"""Speech out of the games' archives, on small archives of the same form."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from watchword.errors import RecipeError
from watchword_training import talkies
from watchword_training.talkies import Line

TONE = (128 + 90 * np.sin(np.arange(5_512) * 0.2)).astype(np.uint8)


def test_raw_lines_are_read(tmp_path: Path) -> None:
    """
    Each raw file of the folder is one line of unsigned 8-bit samples.
    """
    (tmp_path / "en").mkdir()
    (tmp_path / "en/L1.ALS").write_bytes(TONE.tobytes())
    (tmp_path / "en/L2.ALS").write_bytes(TONE[:3_000].tobytes())

    lines = list(talkies.extract("drascula", tmp_path))

    assert [(x.name, len(x.samples)) for x in lines] == [("L1", 5_512), ("L2", 3_000)]
    assert np.array_equal(lines[0].samples, (TONE.astype(np.float32) - 128) / 128)


def test_a_disk_image_gives_its_speech_only(tmp_path: Path) -> None:
    """
    Entries from number 50,000 on are speech; a large offset is stored in units of sixteen bytes.
    """
    header = bytes(22)
    first, second = header + TONE.tobytes(), header + TONE[:400].tobytes()
    disk = bytearray(64) + first
    disk += bytes(-len(disk) % 16)
    far = len(disk)
    disk += second

    def entry(number: int, offset: int, size: int) -> bytes:
        return struct.pack("<H", number) + offset.to_bytes(3, "little") + size.to_bytes(3, "little")

    records = [entry(12, 0, 64), entry(50_001, 64, len(first)), entry(50_002, 0x800000 | far >> 4, len(second))]
    (tmp_path / "sky.dnr").write_bytes(struct.pack("<I", 3) + b"".join(records))
    (tmp_path / "sky.dsk").write_bytes(disk)

    lines = list(talkies.extract("beneath-a-steel-sky", tmp_path))

    assert [(x.name, len(x.samples)) for x in lines] == [("50001", 5_512), ("50002", 400)]


def test_an_archive_of_sounds_is_read_by_its_index(tmp_path: Path) -> None:
    """
    Records name a sound, where it lies and how long it is; other entries are passed over.
    """
    sound = io.BytesIO()
    soundfile.write(sound, np.sin(np.arange(8_000) * 0.1), 22_050, format="MP3")
    data = sound.getvalue()
    start = 15 + 2 * 21
    index = b"C1.SB".ljust(12, b"\0") + struct.pack(">BII", 1, start, len(data))
    index += b"QUEEN.JAS".ljust(12, b"\0") + struct.pack(">BII", 1, 0, 4)
    (tmp_path / "queen.1c").write_bytes(bytes(13) + struct.pack(">H", 2) + index + data)

    lines = list(talkies.extract("flight-of-the-amazon-queen", tmp_path))

    assert [(x.name, x.sample_rate) for x in lines] == [("C1", 22_050)]
    assert len(lines[0].samples) == pytest.approx(8_000, abs=2_400)  # MP3 pads to whole frames


def test_silence_and_clicks_are_left_out(tmp_path: Path) -> None:
    """
    A line is written at 16 kHz and one level; what is too short or too faint is not.
    """
    tone = np.sin(np.arange(11_025) * 0.3).astype(np.float32) * 0.1

    written = [
        talkies._write(Line(n, s, 11_025), tmp_path) for n, s in (("a", tone), ("b", tone[:2_000]), ("c", tone * 0.1))
    ]

    assert written == [True, False, False]
    samples, rate = soundfile.read(tmp_path / "a.flac")
    assert (rate, len(samples)) == (16_000, 16_000)
    assert np.abs(samples).max() == pytest.approx(0.7, abs=0.02)


def test_a_package_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """
    When apt does not know the package, its answer is the error.
    """
    with pytest.raises(RecipeError, match="no-such-package-here"):
        talkies.install("no-such-package-here", tmp_path)
