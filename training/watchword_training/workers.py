"""Who does the work: processes of this machine, or the workers of a Dask cluster, behind one `run`.

A task is a function and an item that can be pickled; it returns what it made and touches no disk of the caller, so
that it gives the same bytes wherever it runs. One that keeps things there goes to `here()`. What is large lies in files
that `run` is told of. What is expensive to build, a process builds once and keeps, by the small values that it is built
from:

    @lru_cache(maxsize=1)
    def _decoder(phrase): ...

    def _says(phrase, recording): return _decoder(phrase).hears(recording)

    pool.run(partial(_says, "activate"), recordings)

A process runs one task at a time, so that such an object needs no lock.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Protocol, TypeVar

A = TypeVar("A")
R = TypeVar("R")

Files = Mapping[Path, Path]
"""What a file of the caller is called where the task runs."""

AHEAD = 3
"""Tasks handed out for each process: enough that none waits, few enough that results do not pile up."""


class Workers(Protocol):
    """Runs tasks in parallel."""

    def run(self, function: Callable[..., R], items: Iterable[A], files: Sequence[Path] = ()) -> Iterator[tuple[A, R]]:
        """
        Give every item with `function(item)`, in the order in which they are done.

        Where `files` are named the function is called as `function(item, files)`, with what they are called there.
        An exception in a task ends the run.
        """
        ...

    def here(self) -> Local:
        """Processes of this machine, for tasks that keep things on its disk."""
        ...


@contextmanager
def workers(processes: int, scheduler: str | None = None) -> Iterator[Workers]:
    """Workers for a while: `processes` of this machine, or those of the Dask scheduler at an address."""
    from watchword_training.cluster import Cluster  # here, since it is built of what this module has

    pool = Local(processes) if scheduler is None else Cluster(scheduler)
    try:
        yield pool
    finally:
        pool.close()


class Local:
    """Processes of this machine, started anew for every run, so that none keeps an engine that it no longer needs."""

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._runs = ExitStack()

    def run(self, function: Callable[..., R], items: Iterable[A], files: Sequence[Path] = ()) -> Iterator[tuple[A, R]]:
        """See `Workers.run`; a file has the name that it has here."""
        more: tuple[Files, ...] = ({path: path for path in files},) if files else ()
        run = self._run(function, items, more)
        self._runs.callback(run.close)
        return run

    def _run(
        self, function: Callable[..., R], items: Iterable[A], more: tuple[Files, ...]
    ) -> Generator[tuple[A, R], None, None]:
        waiting = iter(items)
        with ProcessPoolExecutor(self._processes, get_context("spawn"), _begin) as pool:
            running: dict[Future[R], A] = {}
            try:
                for item in islice(waiting, AHEAD * self._processes):
                    running[pool.submit(function, item, *more)] = item
                while running:
                    done, _ = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        finished, result = running.pop(future), future.result()
                        for item in islice(waiting, 1):
                            running[pool.submit(function, item, *more)] = item
                        yield finished, result
            except BaseException:
                for process in list((pool._processes or {}).values()):  # kill_workers(), from Python 3.14 on
                    process.terminate()
                raise

    def here(self) -> Local:
        """These."""
        return self

    def close(self) -> None:
        """End the runs that the caller left unfinished."""
        self._runs.close()


def _begin() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the caller; end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    caller = parent_process()
    assert caller is not None  # a pool starts this
    caller.join()
    os._exit(1)
