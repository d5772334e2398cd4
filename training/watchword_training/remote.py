"""What a Dask worker does for a task: see that it is one that can, and put files where the task finds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import watchword
from watchword.errors import RecipeError


def version() -> str:
    """Of the package that is installed there."""
    return watchword.__version__


def require(worker: str, version: str | Exception, threads: int, expected: str) -> None:
    """RecipeError when a worker would compute something else, or two things at a time in one process."""
    if version != expected:
        found = f"watchword {version}" if isinstance(version, str) else f"no watchword ({version})"
        raise RecipeError(f"worker {worker} has {found}, expected {expected}; install it there and start it again")
    if threads != 1:
        raise RecipeError(
            f"worker {worker} runs {threads} threads, expected 1: voices and recognizers need a process for each task; "
            "start it with --nthreads 1 --nworkers=-1"
        )


def task(
    expected: str, function: Callable[..., Any], item: Any, names: Sequence[tuple[Path, str]], *contents: bytes
) -> Any:
    """Run on a worker, one that came later too: put the files where it may write, once, and call the function."""
    from distributed import get_worker

    worker = get_worker()
    require(worker.address, version(), worker.state.nthreads, expected)
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
