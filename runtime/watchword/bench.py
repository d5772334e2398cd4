"""The verb `bench`: a bundle's speed on this machine."""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np

from watchword import options
from watchword.bundle import load
from watchword.compiled import matching
from watchword.detector import Detector


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `run` reads."""
    options.add_model(parser)
    options.add_compiled(parser)
    options.add_json(parser)
    parser.add_argument(
        "--seconds", type=int, choices=range(1, 3601), default=30, metavar="S", help="audio (%(default)s)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run noise through the detector as a file, one push, and as a microphone, step by step."""
    bundle = load(arguments.model)
    detector = Detector(bundle, network=matching([bundle], arguments.compiled).get(bundle.manifest.word))
    manifest, engine = detector.manifest, "compiled" if arguments.compiled else "ONNX Runtime"
    pcm = np.random.default_rng(0).integers(-3_000, 3_000, arguments.seconds * manifest.sample_rate, np.int16)
    detector.push(pcm)  # the first run of a session allocates

    detector.reset()
    start = time.process_time()
    detector.push(pcm)
    as_file = (time.process_time() - start) / arguments.seconds

    detector.reset()
    latencies = []
    start = time.process_time()
    for step in np.split(pcm, range(manifest.samples_per_step, len(pcm), manifest.samples_per_step)):
        begin = time.perf_counter()
        detector.push(step)
        latencies.append(time.perf_counter() - begin)
    live = (time.process_time() - start) / arguments.seconds

    median, late, worst = (float(value) * 1000 for value in np.percentile(latencies, [50, 95, 100]))
    if arguments.json:
        figures = {"file_cpu_per_second": as_file, "live_cpu_per_second": live}
        step_ms = {"median": median, "p95": late, "worst": worst}
        sys.stdout.write(
            json.dumps({"word": manifest.word, "engine": engine, **figures, "step_milliseconds": step_ms}) + "\n"
        )
    else:
        sys.stdout.write(
            f"{manifest.word}, {engine}: {arguments.seconds} s of noise on one core\n"
            f"file  {as_file:.5f} CPU seconds per second of audio\n"
            f"live  {live:.5f} CPU seconds per second of audio\n"
            f"step  {median:.2f} ms median, {late:.2f} ms 95th percentile, {worst:.2f} ms worst, "
            f"each for {manifest.step_seconds * 1000:g} ms of audio\n"
        )
    return 0
