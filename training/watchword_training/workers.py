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

import asyncio
import hashlib
import os
import signal
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TypeVar

import watchword
from watchword.errors import RecipeError

A = TypeVar("A")
R = TypeVar("R")

Files = Mapping[Path, Path]
"""What a file of the caller is called where the task runs."""

AHEAD = 3
"""Tasks handed out for each process: enough that none waits, few enough that results do not pile up."""

PATIENCE = 5
"""Seconds to wait for a scheduler, for its first worker, and between looks at whether it is still there."""

ABSENCE = 60
"""Seconds in which a cluster that lost all of its workers may start others."""

LOSSES = 3
"""Times in a row, no task done between, that every worker with the files may go: then the files are what ends them."""


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


class Cluster:
    """The workers of a Dask scheduler, which share no disk with the caller. Others do the tasks of one that dies."""

    def __init__(self, address: str) -> None:
        try:
            self._dask: Any = import_module("distributed")  # imported where it is used: an extra, and half typed
        except ImportError as exc:
            raise RecipeError("a cluster needs Dask; pip install 'watchword[train,cluster]'") from exc
        self._address, self._here = address, Local(os.cpu_count() or 1)
        self._shared: dict[Path, tuple[str, Any]] = {}
        try:
            asyncio.run(self._reach())
        except (OSError, ValueError, TypeError) as exc:  # absent; not an address; TLS without certificates
            raise RecipeError(f"no Dask scheduler at {address!r} ({exc}); start one: dask scheduler") from exc
        self._client = self._dask.Client(address, timeout=PATIENCE, set_as_default=False)
        try:
            self._await_worker(PATIENCE)
            self._check()
        except BaseException:
            self._client.close()
            raise

    async def _reach(self) -> None:
        """OSError or ValueError when no scheduler answers; a client that finds nobody prints tracebacks."""
        security = self._dask.Security().get_connection_args("client")
        async with asyncio.timeout(PATIENCE):
            comm = await self._dask.comm.connect(self._address, timeout=PATIENCE, **security)
            await comm.close()

    def _await_worker(self, seconds: int) -> None:
        try:
            self._client.wait_for_workers(1, timeout=seconds)
        except TimeoutError as exc:
            raise RecipeError(
                f"the scheduler at {self._address} has no workers; start them on each machine, with "
                f"watchword[train,cluster] installed: dask worker {self._address} --nthreads 1 "
                "--nworkers=-1 --memory-limit 0"
            ) from exc

    def _check(self) -> None:
        threads = self._client.nthreads()
        for name, version in self._client.run(_version, on_error="return").items():
            _require(name, version, threads.get(name, 1), watchword.__version__)

    def run(self, function: Callable[..., R], items: Iterable[A], files: Sequence[Path] = ()) -> Iterator[tuple[A, R]]:
        """See `Workers.run`; a file is copied once to every worker that runs a task."""
        waiting = iter(items)
        running: dict[Any, A] = {}
        losses = 0

        def hand_out(some: Iterable[A]) -> None:
            for item in some:
                running[self._submit(function, item, files)] = item

        try:
            while True:
                room = AHEAD * len(self._client.nthreads()) - len(running)  # workers come and go
                hand_out(islice(waiting, max(room, 0 if running else 1)))
                if not running:
                    return
                lost = []
                for future in self._done(running):
                    item = running.pop(future)
                    try:
                        result = future.result()
                    except CancelledError:  # its files went with the last worker that had them
                        lost.append(item)
                        continue
                    losses = 0
                    hand_out(islice(waiting, 1))
                    yield item, result
                losses += bool(lost)
                if losses > LOSSES:
                    raise RecipeError(
                        f"the workers of {self._address} keep dying; do they have the memory? see their logs"
                    )
                hand_out(lost)
        except OSError as exc:  # also what a task may raise while all is well
            if self._client.status == "running" and not isinstance(exc, self._dask.comm.CommClosedError):
                raise
            raise self._lost() from exc
        finally:
            for future in running:
                future.release()

    def _done(self, running: Iterable[Any]) -> list[Any]:
        """Those of the tasks that are done; waits for the first."""
        while True:
            with suppress(TimeoutError, CancelledError), self._client.as_current():
                self._dask.wait(list(running), timeout=PATIENCE, return_when="FIRST_COMPLETED")
            if self._client.status != "running":
                raise self._lost()
            if done := [future for future in running if future.done()]:
                return done
            self._await_worker(ABSENCE)

    def _lost(self) -> RecipeError:
        return RecipeError(f"lost the scheduler at {self._address}; start it, and run the same command again")

    def _submit(self, function: Callable[..., Any], item: Any, files: Sequence[Path]) -> Any:
        import dask

        shared = [self._share(path) for path in files]
        names = [(path, digest) for path, (digest, _) in zip(files, shared, strict=True)]
        contents = [content for _, content in shared]
        with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"}):  # an item may be large
            return self._client.submit(_task, watchword.__version__, function, item, names, *contents, pure=False)

    def _share(self, path: Path) -> tuple[str, Any]:
        """Digest of a file, and its bytes on the cluster; workers fetch them from each other.

        Not `broadcast`: Dask drops spare copies after seconds all the same. Not `hash`: 2 GB of memory for 300 MB.
        """
        if path not in self._shared or self._shared[path][1].cancelled():
            self._await_worker(ABSENCE)
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            self._shared[path] = digest, self._client.scatter(content, hash=False)
        return self._shared[path]

    def here(self) -> Local:
        """As many as this machine has cores."""
        return self._here

    def close(self) -> None:
        """End what runs here, let go of the cluster, and of the files on it."""
        self._here.close()
        self._shared.clear()
        self._client.close()


def _version() -> str:
    return watchword.__version__


def _require(worker: str, version: str | Exception, threads: int, expected: str) -> None:
    """RecipeError when a worker would compute something else, or two things at a time in one process."""
    if version != expected:
        found = f"watchword {version}" if isinstance(version, str) else f"no watchword ({version})"
        raise RecipeError(f"worker {worker} has {found}, expected {expected}; install it there and start it again")
    if threads != 1:
        raise RecipeError(
            f"worker {worker} runs {threads} threads, expected 1: voices and recognizers need a process for each task; "
            "start it with --nthreads 1 --nworkers=-1"
        )


def _task(
    expected: str, function: Callable[..., Any], item: Any, names: Sequence[tuple[Path, str]], *contents: bytes
) -> Any:
    """Run on a worker, one that came later too: put the files where it may write, once, and call the function."""
    from distributed import get_worker

    worker = get_worker()
    _require(worker.address, _version(), worker.state.nthreads, expected)
    if not names:
        return function(item)
    folder = Path(worker.local_directory)
    placed = [_placed(folder, path, digest, content) for (path, digest), content in zip(names, contents, strict=True)]
    return function(item, {path: place for (path, _), place in zip(names, placed, strict=True)})


def _placed(folder: Path, path: Path, digest: str, content: bytes) -> Path:
    """Where the content lies: named by it, so that a path that two callers use for different things is two files."""
    target = folder / f"{digest[:32]}{path.suffix}"
    if not target.is_file():
        partial = target.with_name(f".{target.name}")
        partial.write_bytes(content)
        partial.replace(target)
    return target
