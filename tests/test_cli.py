"""The command line's contract: JSON, exit codes, one line for what is refused."""

import io
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest
import soundfile

from watchword import __version__, audio, cli

DETECT = ["detect", "--model"]


def objects(text: str) -> list[dict[str, Any]]:
    """One JSON object per line."""
    return [json.loads(line) for line in text.splitlines()]


def test_json_contract(loudness: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `--json` writes one object per file: its name as given, duration, and events with time and score.
    """
    code = cli.main([*DETECT, str(loudness), "--json", str(recording)])

    assert code == 0
    [found] = objects(capsys.readouterr().out)
    assert list(found) == ["file", "duration", "events"]
    assert found == {"file": str(recording), "duration": 2.4, "events": [{"time": 1.04, "score": 0.8}]}


def test_json_rounds(loudness: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Durations have three decimals and scores four.
    """
    odd = tmp_path / "odd.wav"
    soundfile.write(odd, np.full(1_001, 20_001, np.int16), 16_000)

    cli.main([*DETECT, str(loudness), "--json", str(odd)])

    [found] = objects(capsys.readouterr().out)
    assert (found["duration"], found["events"]) == (0.063, [{"time": 0.04, "score": 0.6104}])


def test_every_file_is_fresh(loudness: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    The second of two equal files gives the same object as the first: times start again.
    """
    cli.main([*DETECT, str(loudness), "--json", str(recording), str(recording)])

    first, second = objects(capsys.readouterr().out)
    assert first == second


def test_threshold(loudness: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `--threshold` replaces the bundle's own: a lower one hears the quieter sound as well.
    """
    cli.main([*DETECT, str(loudness), "--json", "--threshold", "0.39", str(recording)])

    [found] = objects(capsys.readouterr().out)
    assert [event["time"] for event in found["events"]] == [1.04, 2.24]


def test_peaks(loudness: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `--peaks` adds the maxima below the threshold and leaves the events alone.
    """
    cli.main([*DETECT, str(loudness), "--json", "--peaks", str(recording)])

    [found] = objects(capsys.readouterr().out)
    assert list(found) == ["file", "duration", "events", "peaks"]
    assert found["events"] == [{"time": 1.04, "score": 0.8}]
    assert found["peaks"] == [{"time": 1.04, "score": 0.8}, {"time": 2.24, "score": 0.4}]


def test_words_for_people(loudness: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Without `--json` there is a line per event, and a line that says when there was none.
    """
    cli.main([*DETECT, str(loudness), str(recording)])
    heard = capsys.readouterr().out
    cli.main([*DETECT, str(loudness), "--threshold", "0.9", str(recording)])
    silent = capsys.readouterr().out

    assert heard == f"{recording}  1.040 s  loud  0.80\n"
    assert silent == f"{recording}  no 'a loud sound' in 2.4 s\n"


def test_bad_file_among_good(loudness: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A file that is refused gets its line and its object, the others are still processed, and the exit code is 1.
    """
    code = cli.main([*DETECT, str(loudness), "--json", "missing.wav", str(recording)])

    captured = capsys.readouterr()
    bad, good = objects(captured.out)
    assert code == 1
    assert list(bad) == ["file", "error"]
    assert bad["file"] == "missing.wav"
    assert captured.err == f"watchword: {bad['error']}\n"
    assert len(good["events"]) == 1


@pytest.mark.parametrize("content", [b"", b"no audio at all\n", None], ids=["empty", "text", "folder"])
def test_bad_file(content: bytes | None, loudness: Path, tmp_path: Path) -> None:
    """
    What is no recording ends the command with code 1 and one line, never a traceback.
    """
    bad = tmp_path / "bad.wav"
    if content is None:
        bad.mkdir()
    else:
        bad.write_bytes(content)

    command: list[str | Path] = [sys.executable, "-m", "watchword", *DETECT, loudness, bad]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"watchword: {re.escape(str(bad))}: .*\n", done.stderr)


@pytest.mark.parametrize("model", ["xylophone", "./xylophone"])
def test_bad_model(model: str, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A model that is not there ends the command with code 1 and one line.
    """
    code = cli.main([*DETECT, model, str(recording)])

    assert code == 1
    assert re.fullmatch(r"watchword: .*xylophone.*\n", capsys.readouterr().err)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["juggle"],
        ["detect"],
        ["detect", "--threshold", "0", "x.wav"],
        ["detect", "--threshold", "nan", "x.wav"],
        ["detect", "--threshold", "high", "x.wav"],
        ["detect", "--plot", "picture.txt", "x.wav"],
        ["detect", "--chime", "nowhere/chime.wav", "x.wav"],
        ["bench", "--seconds", "0"],
    ],
    ids=" ".join,
)
def test_wrong_use(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """
    Wrong use ends with code 2 and tells the usage.
    """
    with pytest.raises(SystemExit) as raised:
        cli.main(arguments)

    assert raised.value.code == 2
    assert capsys.readouterr().err.startswith("usage: watchword")


def test_stdin(
    loudness: Path, recording: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """
    `-` reads raw int16 from stdin and hears what is heard in the file.
    """
    pcm = audio.read(recording)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pcm.tobytes())))

    code = cli.main([*DETECT, str(loudness), "--json", "-"])

    [found] = objects(capsys.readouterr().out)
    assert code == 0
    assert found == {"file": "-", "duration": 2.4, "events": [{"time": 1.04, "score": 0.8}]}


def test_events_are_told_at_once(loudness: Path, recording: Path) -> None:
    """
    An event from stdin is written before the stream ends.
    """
    command: list[str | Path] = [sys.executable, "-m", "watchword", *DETECT, loudness, "-"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        patience = threading.Timer(60, process.kill)
        patience.start()
        process.stdin.write(audio.read(recording).tobytes())
        process.stdin.flush()

        line = process.stdout.readline()

        patience.cancel()
        assert line == b"-  1.040 s  loud  0.80\n"
        assert process.poll() is None


def test_reader_that_leaves(loudness: Path, recording: Path) -> None:
    """
    A closed pipe ends the command without a word on stderr.
    """
    command: list[str | Path] = [sys.executable, "-m", "watchword", *DETECT, loudness, *[recording] * 50]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.stderr.read() == b""

    assert process.returncode == cli.BROKEN_PIPE


def test_interrupt(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Control-C ends with code 130, without a traceback.
    """

    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("watchword.info.run", interrupt)

    assert cli.main(["info"]) == 130
    assert capsys.readouterr().err == ""


def test_plot(loudness: Path, recording: Path, tmp_path: Path) -> None:
    """
    `--plot` writes a picture in which an event shows.
    """
    pictures = []
    for threshold in ("0.5", "0.9"):
        out = tmp_path / f"{threshold}.png"
        assert cli.main([*DETECT, str(loudness), "--threshold", threshold, "--plot", str(out), str(recording)]) == 0
        pictures.append(matplotlib.image.imread(out))

    lime = [np.all(picture[..., :3] == [0.0, 1.0, 0.0], axis=-1).sum() for picture in pictures]
    assert lime[0] > 100
    assert lime[1] == 0


def test_chime(loudness: Path, recording: Path, tmp_path: Path) -> None:
    """
    `--chime` changes nothing before the event and adds a sound after it.
    """
    out = tmp_path / "chime.wav"

    assert cli.main([*DETECT, str(loudness), "--chime", str(out), str(recording)]) == 0

    before, after = audio.read(recording), audio.read(out)
    event = round(1.04 * 16_000)
    assert soundfile.info(out).samplerate == 16_000
    assert np.array_equal(after[:event], before[:event])
    added = after[event:32_000].astype(int) - before[event:32_000]
    assert 3_000 < np.abs(added).max() < 16_000
    assert np.array_equal(after[32_000:], before[32_000:])


def test_chime_at_the_end(loudness: Path, recording: Path, tmp_path: Path) -> None:
    """
    A chime after an event near the end is written whole.
    """
    out = tmp_path / "chime.wav"

    cli.main([*DETECT, str(loudness), "--threshold", "0.39", "--chime", str(out), str(recording)])

    assert soundfile.info(out).frames == round((2.24 + 0.7) * 16_000)


def test_outputs_of_several_files(loudness: Path, recording: Path, tmp_path: Path) -> None:
    """
    With several files each output carries the recording's stem, and none overwrites another.
    """
    other = tmp_path / "other"
    other.mkdir()
    (other / "recording.wav").write_bytes(recording.read_bytes())
    out = ["--plot", str(other / "p.png"), "--chime", str(other / "c.wav")]

    cli.main([*DETECT, str(loudness), *out, str(recording), str(other / "recording.wav")])

    written = {path.name for path in other.iterdir()} - {"recording.wav"}
    assert written == {"p-recording.png", "p-recording-2.png", "c-recording.wav", "c-recording-2.wav"}


def test_recordings_are_not_overwritten(loudness: Path, recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    An output that would replace a recording is refused, and the recording stays.
    """
    content = recording.read_bytes()

    code = cli.main([*DETECT, str(loudness), "--chime", str(recording), str(recording)])

    assert code == 1
    assert "is a recording to read" in capsys.readouterr().err
    assert recording.read_bytes() == content


def test_info_json(loudness: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `info --json` gives the manifest's fields and the folder.
    """
    code = cli.main(["info", "--json", str(loudness)])

    manifest = json.loads((loudness / "manifest.json").read_text())
    assert code == 0
    assert objects(capsys.readouterr().out) == [{**manifest, "folder": str(loudness)}]


def test_info_for_people(loudness: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `info` tells the phrase, the threshold, the step, the quantization and every corpus with its licence.
    """
    cli.main(["info", str(loudness)])

    told = capsys.readouterr().out
    for part in ("a loud sound", "0.5, armed again below 0.3, 0.2 s", "40 ms", "none", "0" * 64, "nobody: CC0"):
        assert part in told


def test_bench(loudness: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    `bench` measures more CPU time per second step by step than in one push, and orders its latencies.
    """
    code = cli.main(["bench", "--json", "--seconds", "2", "--model", str(loudness)])

    [figures] = objects(capsys.readouterr().out)
    step = figures["step_milliseconds"]
    assert code == 0
    assert 0.0 < figures["file_cpu_per_second"] < figures["live_cpu_per_second"]
    assert 0.0 < step["median"] <= step["p95"] <= step["worst"]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """
    `--version` gives the package's version.
    """
    with pytest.raises(SystemExit) as raised:
        cli.main(["--version"])

    assert raised.value.code == 0
    assert capsys.readouterr().out == f"watchword {__version__}\n"


@pytest.mark.parametrize("module", ["watchword", "watchword.cli"])
def test_module_is_the_command(module: str) -> None:
    """
    `python -m watchword` and `python -m watchword.cli` run the command.
    """
    command = [sys.executable, "-m", module, "--version"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == f"watchword {__version__}\n"


def test_every_verb_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The help of each verb, training's included, says what it does and shows a command line that starts with it.
    """
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    verbs = re.findall(r"^    ([a-z-]+)", capsys.readouterr().out, re.MULTILINE)

    assert {*cli.VERBS, "train"} <= set(verbs)
    for verb in verbs:
        with pytest.raises(SystemExit) as raised:
            cli.main([verb, "--help"])
        told = capsys.readouterr().out
        assert raised.value.code == 0
        assert re.search(rf"example:\s+watchword {verb}\b", told), verb


def test_training_that_is_not_installed() -> None:
    """
    Without the packages of training, `train` says what to install and the help still lists the other verbs.
    """
    program = "import sys; sys.modules['{}'] = None; from watchword.cli import main; raise SystemExit(main())"

    for package in ("torch", "cattrs"):
        command = [sys.executable, "-c", program.format(package), "train"]
        train = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (train.returncode, train.stdout) == (1, "")
        assert train.stderr == f"watchword: train needs the package {package}; pip install 'watchword[train]'\n"
    command = [sys.executable, "-c", program.format("cattrs"), "--help"]
    listing = subprocess.run(command, capture_output=True, text=True, check=False)

    assert listing.returncode == 0
    assert "pip install 'watchword[train]'" in listing.stdout
    assert "detect" in listing.stdout


def test_plot_that_is_not_installed(recording: Path, tmp_path: Path) -> None:
    """
    Without matplotlib, `--plot` says what to install before anything is read.
    """
    program = "import sys; sys.modules['matplotlib'] = None; from watchword.cli import main; raise SystemExit(main())"
    command: list[str | Path] = [sys.executable, "-c", program, "detect", "--plot", tmp_path / "out.png", recording]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "watchword: --plot needs the package matplotlib; pip install 'watchword[plot]'\n"
