"""The verb `detect`: events in recordings."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from watchword import audio, chime, firmware, options, picture
from watchword.bundle import load
from watchword.compiled import matching
from watchword.detector import Detector, Event
from watchword.errors import AudioError, WatchwordError
from watchword.hearing import Heard, hear

STDIN = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` reads."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="a recording; - reads raw 16 kHz int16 from stdin")
    options.add_model(parser)
    options.add_threshold(parser)
    options.add_compiled(parser)
    options.add_json(parser)
    parser.add_argument("--peaks", action="store_true", help="add every local maximum of the smoothed probability")
    parser.add_argument(
        "--firmware", metavar="BOARD", help="run the microcontrollers' detector on this emulated board, such as an386"
    )
    parser.add_argument(
        "--plot", type=picture.path, metavar="OUT.png", help="draw the probability over the spectrogram"
    )
    parser.add_argument("--chime", type=chime.path, metavar="OUT.wav", help="the recording, a chime after each event")


def run(arguments: argparse.Namespace) -> int:
    """Detect in each file; one that is refused does not keep the others from being processed."""
    if arguments.firmware and arguments.compiled:
        raise WatchwordError("--firmware runs the board's own detector; give it or --compiled, not both")
    bundle = load(arguments.model)
    compiled = matching([bundle], arguments.compiled)
    detector = Detector(bundle, arguments.threshold, compiled.get(bundle.manifest.word))
    plots, chimes = outputs(arguments.plot, arguments.files), outputs(arguments.chime, arguments.files)
    code = 0
    for file, plot, chimed in zip(arguments.files, plots, chimes, strict=True):
        try:
            _detect(detector, file, arguments, plot, chimed)
        except AudioError as exc:
            code = 1
            _write(f"watchword: {exc}", sys.stderr)
            if arguments.json:
                _write(json.dumps({"file": file, "error": str(exc)}))
    return code


def outputs(template: Path | None, files: Sequence[str]) -> list[Path] | list[None]:
    """Name what is written for each of `files`: `template`, with the recording's stem when there are several."""
    if template is None:
        return [None] * len(files)
    paths, seen = [template], Counter[str]()
    if len(files) > 1:
        paths = []
        for file in files:
            stem = "stdin" if file == STDIN else Path(file).stem
            seen[stem] += 1
            again = f"-{seen[stem]}" if seen[stem] > 1 else ""
            paths.append(template.with_stem(f"{template.stem}-{stem}{again}"))
    if taken := {path.resolve() for path in paths} & {Path(file).resolve() for file in files}:
        raise WatchwordError(f"{taken.pop()} is a recording to read; give what is written another name")
    return paths


def _detect(
    detector: Detector, file: str, arguments: argparse.Namespace, plot: Path | None, chimed: Path | None
) -> None:
    rate = detector.manifest.sample_rate
    blocks = audio.raw(sys.stdin.buffer) if file == STDIN else audio.blocks(file, rate)

    def tell(event: Event) -> None:
        if not arguments.json:
            _write(f"{file}  {event.time:.3f} s  {event.word}  {event.score:.2f}")

    if arguments.firmware:
        heard = firmware.hear(arguments.firmware, detector, blocks, tell)
    else:
        heard = hear(detector, blocks, tell, keep_pcm=bool(plot or chimed))
    peaks = heard.peaks if arguments.peaks else None
    if arguments.json:
        _write(json.dumps(_report(file, heard, peaks)))
    else:
        for peak in peaks or []:
            _write(f"{file}  {peak.time:.3f} s  peak  {peak.score:.4f}")
        if not heard.events:
            _write(f"{file}  no {detector.manifest.phrase!r} in {heard.seconds:.1f} s")
    if plot:
        picture.draw(plot, file, detector, heard.pcm, heard.smoothed, heard.events)
    if chimed:
        chime.write(chimed, heard.pcm, [event.time for event in heard.events], rate)


def _report(file: str, heard: Heard, peaks: list[Event] | None) -> dict[str, Any]:
    report = {"file": file, "duration": round(heard.seconds, 3), "events": _rounded(heard.events)}
    return report if peaks is None else {**report, "peaks": _rounded(peaks)}


def _rounded(events: list[Event]) -> list[dict[str, float]]:
    return [{"time": round(event.time, 3), "score": round(event.score, 4)} for event in events]


def _write(line: str, stream: TextIO | None = None) -> None:
    """Write one line at once: events from a microphone must not wait for a full buffer."""
    out = stream or sys.stdout
    out.write(f"{line}\n")
    out.flush()
