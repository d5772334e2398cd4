"""The firmware on boards that QEMU emulates: the same scores as on this machine, within budgets, and what breaks it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from benchmarks.firmware import boards, report
from benchmarks.firmware.host import Library

from watchword import Bundle, cli, firmware
from watchword.errors import FirmwareError
from watchword.firmware import Told
from watchword_training import firmware as generator

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("make", "cc", *firmware.TOOLS))),
    reason="no toolchain for microcontrollers: make firmware",
)

EXAMPLES = Path(__file__).parents[1] / "examples"
QUICK = ("an386", "an547")
"""The boards of which every option is tried; the others run once."""


@pytest.fixture(scope="module")
def golden(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The golden audio in a WAV file."""
    path = tmp_path_factory.mktemp("golden") / "golden.wav"
    soundfile.write(path, np.load(bundle.folder / "vectors.npz")["pcm"], 16_000, subtype="PCM_16")
    return path


def run(board: str, wav: Path, options: dict[str, int], **variables: str | int) -> Told:
    return firmware.told(firmware.run(board, wav, options, variables))


@pytest.mark.parametrize("board", boards.CORES)
def test_a_board_gives_the_same_scores(board: str, bundle: Bundle, golden: Path) -> None:
    """
    Every score and every event is the one that this machine computes, and no half of the audio is overrun.
    """
    expected = Library(bundle).listen(np.load(bundle.folder / "vectors.npz")["pcm"])

    told = run(board, golden, {"steps": 1, "tail": 0})

    assert told.steps == expected.sums.tolist()
    assert told.events == expected.events
    assert told.report["overruns"] == 0


@pytest.mark.parametrize("board", boards.CORES)
def test_a_kernel_is_the_plain_one(board: str) -> None:
    """
    The board's matrix product gives the sums of plain C, for bytes at their extremes and rows of any length.
    """
    made = subprocess.run(
        ["make", "--silent", "-C", firmware.folder(), "kernels", f"BOARD={board}"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert made.stdout.strip() == "0 sums differ"
    assert made.returncode == 0


@pytest.mark.parametrize("board", QUICK)
def test_a_board_keeps_to_its_budgets(board: str, bundle: Bundle) -> None:
    """
    Instructions, flash, RAM and stack, measured now, stay within the board's budgets and are those that are published.
    """
    measured = boards.measure(board, bundle)

    assert boards.exceeded(measured) == []
    [published] = [row for row in report.results()["boards"] if row["board"] == board]
    assert measured["instructions_per_step"] == pytest.approx(published["instructions_per_step"], rel=0.02)


def test_a_broken_budget_is_told() -> None:
    """
    Each figure above its budget is named, with the budget.
    """
    [row] = [row for row in report.results()["boards"] if row["board"] == "an386"]
    heavy = {**row, "worst_per_20_ms": 350_001, "flash": 400 * 1024 + 1, "stack": 2_049, "ram": 40_961, "overruns": 1}

    assert boards.exceeded(row) == []
    assert len(boards.exceeded(heavy)) == 5
    assert "worst_per_20_ms is 350001, the budget 350000" in boards.exceeded(heavy)[0]


def test_the_clock_counts_instructions(bundle: Bundle, tmp_path: Path) -> None:
    """
    SysTick's count of a step is what QEMU's plugin counts function by function, to two thousandths.
    """
    profile = tmp_path / "profile.txt"

    told = boards.listened("an386", bundle, {"pace": boards.PACE}, SHIFT=boards.EXACT_SHIFT, PROFILE=str(profile))

    counted, _ = boards.own(profile.read_text("utf-8"))
    report_ = told.report
    ticked = report_["all_clocks"] * 1000 / report_["core_megahertz"] / 2**boards.EXACT_SHIFT
    assert ticked == pytest.approx(counted, rel=2e-3)


def test_results_are_of_the_shipped_bundle(bundle: Bundle) -> None:
    """
    The published figures were measured with the bundle that is shipped, on every board, and break no budget.
    """
    results = report.results()

    assert results["model_sha256"] == bundle.manifest.sha256["model.onnx"]
    assert [row["board"] for row in results["boards"]] == list(boards.CORES)
    assert [broken for row in results["boards"] for broken in boards.exceeded(row)] == []


@pytest.mark.parametrize("document", report.DOCUMENTS)
def test_tables_are_the_measured_ones(document: Path) -> None:
    """
    A document shows what the results file gives, table by table.
    """
    text = document.read_text("utf-8")

    assert report.replaced(text) == text
    assert report.MARK in text


def test_detect_drives_the_firmware(capsys: pytest.CaptureFixture[str]) -> None:
    """
    `detect --firmware` finds in a recording what `detect` finds, with peaks at the same times.
    """
    found = []
    for more in ([], ["--firmware", "an386"]):
        assert cli.main(["detect", str(EXAMPLES / "activated.flac"), "--json", "--peaks", *more]) == 0
        found.append(json.loads(capsys.readouterr().out))

    in_onnx, in_c = found
    assert in_c["events"] == [
        {"time": e["time"], "score": pytest.approx(e["score"], abs=0.02)} for e in in_onnx["events"]
    ]
    assert [peak["time"] for peak in in_c["peaks"]] == [peak["time"] for peak in in_onnx["peaks"]]


def test_an_unknown_board_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A board that does not exist ends in one line that names those that do.
    """
    code = cli.main(["detect", str(EXAMPLES / "activated.flac"), "--firmware", "an999"])

    assert code == 1
    assert "no board 'an999'; there are an385, an386" in capsys.readouterr().err


def test_a_slow_processor_overruns(bundle: Bundle, golden: Path) -> None:
    """
    At an eighth of the speed blocks are lost and counted, and the firmware goes on to the end.
    """
    told = run("an386", golden, {"tail": 0}, SHIFT=7)

    assert told.report["overruns"] > 50
    assert told.report["blocks"] == 600
    frames = bundle.manifest.samples_per_step // 160
    assert told.report["steps"] * frames <= 600 - told.report["overruns"]


def test_a_stuck_microphone_is_told(golden: Path) -> None:
    """
    When the DMA controller no longer fills the buffer, the firmware says so after a second; else it does not.
    """
    stuck = run("an386", golden, {"tail": 0, "stick": 150})

    assert stuck.stuck == [250]
    assert stuck.report["blocks"] == 600
    assert run("an386", golden, {"tail": 0}).stuck == []


def test_a_flipped_bit_is_found_at_boot(bundle: Bundle, golden: Path, tmp_path: Path) -> None:
    """
    Whichever bit of the weights in flash flips, the firmware refuses to listen.
    """
    run("an386", golden, {"tail": 0})
    elf = (firmware.folder() / "build/an386-smlad/kws.elf").read_bytes()
    content = generator.content(bundle)
    start = elf.find(content)
    rng = np.random.default_rng(4)
    assert start > 0

    for bit in [0, 8 * len(content) - 1, *rng.integers(0, 8 * len(content), 6).tolist()]:
        damaged = bytearray(elf)
        damaged[start + bit // 8] ^= 1 << bit % 8
        (tmp_path / "damaged.elf").write_bytes(damaged)
        with pytest.raises(FirmwareError, match="the weights are damaged"):
            run("an386", golden, {}, ELF=str(tmp_path / "damaged.elf"))


@pytest.mark.parametrize(
    ("rate", "channels", "subtype", "reason"),
    [
        (8_000, 1, "PCM_16", "at the model's rate"),
        (16_000, 2, "PCM_16", "not mono"),
        (16_000, 1, "PCM_24", "16 bits"),
        (0, 0, "", "no WAV file"),
    ],
)
def test_other_audio_is_refused(tmp_path: Path, rate: int, channels: int, subtype: str, reason: str) -> None:
    """
    A file that is not mono with 16 bits at 16 kHz is refused with what it is not.
    """
    path = tmp_path / "other.wav"
    if rate:
        soundfile.write(path, np.zeros((1_000, channels)), rate, subtype=subtype)
    else:
        path.write_bytes(b"RIFF of nothing" * 9)

    with pytest.raises(FirmwareError, match=reason):
        run("an386", path, {})


def test_the_gate_saves_instructions(golden: Path, tmp_path: Path) -> None:
    """
    On the board, in a quiet room, the gate leaves less than six tenths of the instructions.
    """
    rng = np.random.default_rng(6)
    soundfile.write(tmp_path / "room.wav", rng.normal(0, 10 / 32_768, 16_000 * 60), 16_000, subtype="PCM_16")

    always, gated = (run("an386", tmp_path / "room.wav", {"gate": gate}).report for gate in (0, 1))

    assert always["skipped_steps"] == 0
    assert gated["skipped_steps"] > 0.6 * gated["steps"]
    assert gated["all_clocks"] < 0.6 * always["all_clocks"]
