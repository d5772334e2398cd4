"""What ways to run the same model would save, paced as from a microphone: ratios to the plain session, in turn.

    python -m benchmarks.attempts docs/decisions/0010-what-listening-costs.md

Writes benchmarks/results/attempts.json and the document's table, which also tells of two ways that would give other
answers: nothing is computed in digital silence, and a file is cut into segments that are run as a batch.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from benchmarks import people
from benchmarks.peers.engines import cpu_per_second
from tqdm import tqdm

from watchword import audio
from watchword.bundle import load
from watchword.detector import Detector
from watchword.network import Network, Pcm, State

RESULTS = Path(__file__).parent / "results/attempts.json"
ROUNDS = 5
SECONDS = 6.0
BLOCK = 1_280

SILENT_STEPS = 20_000
"""13 minutes."""

STARTS = 8
EXAMPLES = Path(__file__).parents[1] / "examples"

Feed = Callable[[], None]


def session(**options: bool) -> onnxruntime.InferenceSession:
    """The shipped model in one thread that does not spin, other options changed."""
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = chosen.inter_op_num_threads = 1
    chosen.add_session_config_entry("session.intra_op.allow_spinning", "0")
    for name, value in options.items():
        setattr(chosen, name, value)
    return onnxruntime.InferenceSession(load("activate").model, chosen, providers=["CPUExecutionProvider"])


def plain(pcm: Pcm, **options: bool) -> Feed:
    """Run it with arrays in and out."""
    run = session(**options)
    state = _states(run)

    def feed() -> None:
        _, *following = run.run(None, {"pcm": pcm[None], **state})
        state.update(zip(state, following, strict=True))

    return feed


def bound(pcm: Pcm) -> Feed:
    """Run it on buffers that stay where they are, the states of two steps in turn."""
    run = session()
    states = [{n: onnxruntime.OrtValue.ortvalue_from_numpy(v) for n, v in _states(run).items()} for _ in range(2)]
    audio = onnxruntime.OrtValue.ortvalue_from_numpy(pcm[None])
    steps = len(pcm) // load("activate").manifest.samples_per_step
    probability = onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros((1, steps), np.float32))
    bindings = []
    for before, after in (states, states[::-1]):
        binding = run.io_binding()
        binding.bind_ortvalue_input("pcm", audio)
        binding.bind_ortvalue_output("probability", probability)
        for name in before:
            binding.bind_ortvalue_input(name, before[name])
            binding.bind_ortvalue_output(f"next_{name}", after[name])
        bindings.append(binding)
    turns = cycle(bindings)

    def feed() -> None:
        audio.update_inplace(pcm[None])
        run.run_with_iobinding(next(turns))
        probability.numpy()

    return feed


def detector(pcm: Pcm) -> Feed:
    """The whole detector, trigger and all."""
    whole = Detector()

    def feed() -> None:
        whole.push(pcm)

    return feed


def _states(run: onnxruntime.InferenceSession) -> dict[str, Any]:
    kinds = {"tensor(int16)": np.int16, "tensor(uint8)": np.uint8}
    return {i.name: np.zeros((1, *i.shape[1:]), kinds[i.type]) for i in run.get_inputs() if i.name != "pcm"}


ATTEMPTS: dict[str, tuple[int, Callable[[Pcm], Feed]]] = {
    "the plain session": (BLOCK, plain),
    "input and output binding, states preallocated": (BLOCK, bound),
    "no memory arena": (BLOCK, lambda pcm: plain(pcm, enable_cpu_mem_arena=False)),
    "no memory pattern": (BLOCK, lambda pcm: plain(pcm, enable_mem_pattern=False)),
    "blocks of 160 ms": (2 * BLOCK, plain),
    "blocks of 240 ms": (3 * BLOCK, plain),
    "the detector around the session": (BLOCK, detector),
}
FASTEST = "the plain session, as fast as it goes"


def ratios() -> dict[str, list[float]]:
    """CPU of every attempt over that of the first, round by round, in turn."""
    noise = np.random.default_rng(0).integers(-3_000, 3_000, 3 * BLOCK).astype(np.int16)
    feeds = {name: (block, make(noise[:block])) for name, (block, make) in ATTEMPTS.items()}
    first = next(iter(ATTEMPTS))
    for _, feed in feeds.values():
        feed()  # the first run of a session allocates
    measured: dict[str, list[float]] = {name: [] for name in (*ATTEMPTS, FASTEST)}
    for _ in tqdm(range(ROUNDS), desc="attempts", unit="round"):
        found = {name: cpu_per_second(feed, block, SECONDS, True) for name, (block, feed) in feeds.items()}
        found[FASTEST] = cpu_per_second(feeds[first][1], BLOCK, SECONDS, False)
        for name, value in found.items():
            measured[name].append(value / found[first])
    return {name: [round(ratio, 3) for ratio in sorted(some)] for name, some in measured.items()}


def recurrence() -> int | None:
    """Steps of digital silence after which a state comes again; None when it does not within `SILENT_STEPS`."""
    network = Network(load("activate"))
    silence, state = np.zeros((1, network.samples_per_step), np.int16), network.initial_state()
    seen: dict[bytes, int] = {}
    for step in range(SILENT_STEPS):
        _, state = network.step(silence, state)
        if seen.setdefault(key := _key(state), step) != step:
            return step - seen[key]
    return None


def meetings() -> int:
    """Of `STARTS` late starts into the example recordings, how many have met the state of the early one by the end."""
    network = Network(load("activate"))
    pcm = np.concatenate([audio.read(path) for path in sorted(EXAMPLES.glob("*.flac"))] * 3)
    step = network.samples_per_step
    ends = []
    for start in np.linspace(0, len(pcm) // 2, STARTS + 1).astype(int) // step * step:
        _, state = network.step(pcm[None, start : len(pcm) // step * step], network.initial_state())
        ends.append(_key(state))
    return sum(end == ends[0] for end in ends[1:])


def _key(state: State) -> bytes:
    return b"".join(state[name].tobytes() for name in sorted(state))


def table() -> list[str]:
    """The results as lines of a Markdown table."""
    found = json.loads(RESULTS.read_text("utf-8"))
    lines = ["| attempt | times the plain session's CPU (median; least to most) |", "|---|---|"]
    for name, measured in found["ratios"].items():
        lines.append(f"| {name} | {statistics.median(measured):.2f} ({measured[0]:.2f} to {measured[-1]:.2f}) |")
    recurs, met = found["recurrence"], found["meetings"]
    after = f"a state recurs after {recurs} steps" if recurs else f"no state recurs within {SILENT_STEPS:,} steps"
    lines.append(f"| nothing computed in digital silence | not the same answer: {after} |")
    lines.append(
        f"| segments of a file as a batch | not the same answer: {met} of {STARTS} late starts met the early one |"
    )
    return lines


def main() -> None:
    """Measure everything and write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("document", type=Path, help="where the table stands")
    document = parser.parse_args().document
    people.keep(RESULTS, {"ratios": ratios(), "recurrence": recurrence(), "meetings": meetings()})
    people.write_table(document, table())


if __name__ == "__main__":
    main()
