"""Where re-creatable files live: the user's cache folder, never the repository."""

from __future__ import annotations

import os
from pathlib import Path


def folder(name: str) -> Path:
    """The cache folder `name`, made when absent; `WATCHWORD_CACHE` moves all of them."""
    root = os.environ.get("WATCHWORD_CACHE") or (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "watchword"
    )
    path = Path(root) / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def prune(name: str, limit: int) -> None:
    """Delete the least recently written files of the folder `name` until it holds at most `limit` bytes."""
    files = [(f.stat().st_mtime, f.stat().st_size, f) for f in folder(name).rglob("*") if f.is_file()]
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= limit:
            return
        file.unlink()
        total -= size
