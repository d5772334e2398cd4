"""How long `watchword listen` takes from the command to the first sound, on a PulseAudio source.

    python -m benchmarks.start

Writes benchmarks/results/start.json.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import people
from tests.virtual_microphone import VirtualMicrophone
from tqdm import tqdm

RESULTS = Path(__file__).parent / "results/start.json"
RUNS = 9


def main() -> None:
    """Start it again and again."""
    with TemporaryDirectory() as folder:
        microphone = VirtualMicrophone(Path(folder))
        microphone.plug()
        try:
            environment = {**os.environ, **microphone.environment}
            heard = [_until_heard(environment) for _ in tqdm(range(RUNS), desc="start", unit="run")]
            bare = [_bare(environment) for _ in range(RUNS)]
        finally:
            microphone.unplug()
    found = {
        "runs": RUNS,
        "median_seconds": round(statistics.median(heard), 3),
        "least_seconds": round(min(heard), 3),
        "most_seconds": round(max(heard), 3),
        "python_seconds": round(statistics.median(bare), 3),
    }
    people.keep(RESULTS, found)


def _until_heard(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "watchword", "listen", "--json", "--seconds", "0.3"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if json.loads(line)["type"] == "listening":
                return time.perf_counter() - began
    raise SystemExit("nothing was heard: watchword listen --json told of no audio")


def _bare(environment: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], env=environment, check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
