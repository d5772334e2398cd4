"""Long work in parts: numbers that are cut up, dealt out to workers, and whose results come back in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from watchword_training.workers import Workers

R = TypeVar("R")


def cut(numbers: range, size: int) -> list[range]:
    """`numbers` in parts of `size`; the last may be smaller."""
    return [numbers[first : first + size] for first in range(0, len(numbers), size)]


def work(
    workers: Workers, function: Callable[..., R], parts: Sequence[range], told: str, files: Sequence[Path] = ()
) -> list[R]:
    """What `workers.run` gives for each of the `parts`, in their order; a bar called `told` counts their numbers."""
    made = {}
    with tqdm(total=sum(map(len, parts)), desc=told) as bar:
        for part, result in workers.run(function, parts, files):
            made[part] = result
            bar.update(len(part))
    return [made[part] for part in parts]
