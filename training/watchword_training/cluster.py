"""The workers of a Dask cluster: others do the tasks of one that dies, and of one that leaves."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import watchword
from watchword.errors import RecipeError
from watchword_training import remote
from watchword_training.workers import AHEAD, A, Local, R

PATIENCE = 5
"""Seconds to wait for a scheduler, for its first worker, and between looks at whether it is still there."""

ABSENCE = 60
"""Seconds in which a cluster that lost all of its workers may start others."""

LOSSES = 3
"""Times in a row, no task done between, that every worker with the files may go: then the files are what ends them."""


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
        for name, version in self._client.run(remote.version, on_error="return").items():
            remote.require(name, version, threads.get(name, 1), watchword.__version__)

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
            return self._client.submit(remote.task, watchword.__version__, function, item, names, *contents, pure=False)

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
