"""A Dask scheduler and workers of its own on this machine, as processes that tests may kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[1]
"""Workers import the tasks of tests from here, as `tests.test_...`."""


class DaskCluster:
    """A scheduler; workers are added to it. Every worker has a folder of its own and is replaced when it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._processes: list[subprocess.Popen[bytes]] = []
        file = folder / "scheduler.address"
        preload = folder / "tell.py"
        preload.write_text(
            "from pathlib import Path\n"
            "def dask_setup(scheduler):\n"
            f"    partial = Path({str(file)!r} + '.partial')\n"
            "    partial.write_text(scheduler.address)\n"
            f"    partial.replace({str(file)!r})\n"
        )
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--preload", str(preload))
        while not file.exists():
            if self._processes[0].poll() is not None:
                raise RuntimeError((folder / "log").read_text())
            time.sleep(0.02)
        self.address = file.read_text()

    def add(self, count: int = 1, threads: int = 1, preload: str = "") -> None:
        """Start `count` workers, each with a process that replaces it; `preload` is Python that each runs first."""
        for _ in range(count):
            self._count += 1
            name = f"worker{self._count}"
            script = self._folder / f"{name}.py"
            script.write_text(preload)
            self._start(
                "worker", self.address, "--name", name, "--nthreads", str(threads), "--no-dashboard",
                "--memory-limit", "0", "--local-directory", str(self._folder / name), "--preload", str(script),
            )  # fmt: skip

    def kill_scheduler(self) -> None:
        """End the scheduler at once."""
        self._processes[0].kill()

    def remove(self) -> None:
        """End the worker that was added last, and what would replace it."""
        process = self._processes.pop()
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_empty(self) -> None:
        """Wait until the scheduler has noticed that no worker is left."""
        with Client(self.address) as client:  # type: ignore[no-untyped-call]
            while client.scheduler_info(n_workers=-1)["workers"]:
                time.sleep(0.02)

    def close(self) -> None:
        """End everything, with what it started."""
        while self._processes:
            self.remove()

    def _start(self, what: str, *arguments: str) -> None:
        with (self._folder / "log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments],
                    cwd=self._folder,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )


@contextmanager
def cluster(workers: int) -> Iterator[DaskCluster]:
    """A cluster for a while."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        started = DaskCluster(Path(folder))
        try:
            started.add(workers)
            yield started
        finally:
            started.close()
