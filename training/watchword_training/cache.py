"""Where re-creatable files live: the user's cache folder, never the repository."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def folder(name: str) -> Path:
    """The cache folder `name`, made when absent; `WATCHWORD_CACHE` moves all of them."""
    root = os.environ.get("WATCHWORD_CACHE") or (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "watchword"
    )
    path = Path(root) / name
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path`, with its ending, to write to: it takes the place of `path` when all went well."""
    partial = path.with_name(f".{os.getpid()}-{path.name}")
    yield partial
    partial.replace(path)


def touch(files: Iterable[Path]) -> None:
    """Mark files as used now, so that pruning takes others first."""
    for file in files:
        with suppress(FileNotFoundError):
            os.utime(file)


def prune(name: str, limit: int, depth: int) -> None:
    """
    Delete the least recently used entries of the folder `name` until it holds at most `limit` bytes.

    An entry is all files with the same path, less the ending, down to `depth` parts: they go together or not at all.
    """
    root = folder(name)
    entries: dict[tuple[str, ...], list[tuple[float, int, Path]]] = {}
    for file in root.rglob("*"):
        with suppress(FileNotFoundError):  # another run may prune too
            if file.is_file():
                stat = file.stat()
                key = file.relative_to(root).with_suffix("").parts[:depth]
                entries.setdefault(key, []).append((stat.st_mtime, stat.st_size, file))
    total = sum(size for files in entries.values() for _, size, _ in files)
    for files in sorted(entries.values(), key=lambda e: max(used for used, _, _ in e)):
        if total <= limit:
            return
        for _, size, file in files:
            file.unlink(missing_ok=True)
            total -= size
