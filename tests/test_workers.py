from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("distributed", reason="needs Dask: pip install 'watchword[cluster]'")

from tests.cluster import ROOT, DaskCluster, cluster

import watchword
from watchword.errors import RecipeError
from watchword_training import cluster as module
from watchword_training.workers import AHEAD, Files, workers

OTHER_VERSION = "import watchword; watchword.__version__ = '0.0.9'"
NO_WATCHWORD = "import sys; sys.modules['watchword_training'] = None"


def square(item: int) -> int:
    return item * item


def caller(_: int) -> int | None:
    """The process that started this one to work for it."""
    started = parent_process()
    return started.pid if started else None


def refuse(folder: Path, item: int) -> int:
    """Refuse item 3 once the others run; they take longer than any test."""
    (folder / str(item)).write_text(str(os.getpid()))
    if item == 3:
        while len(list(folder.iterdir())) < 2:
            time.sleep(0.01)
        raise RecipeError("no threes")
    time.sleep(300)
    return item


def slow(folder: Path, item: int) -> int:
    (folder / str(item)).write_text(str(os.getpid()))
    time.sleep(300)
    return item


def die_once(folder: Path, item: int, files: Files) -> bytes:
    """Some of the only file, as bytes; item 5 kills its process the first time."""
    (path,) = files.values()
    mapped = np.load(path, mmap_mode="r")
    mark = folder / f"killed-{item}"
    if item == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return bytes(mapped[item::7].tobytes())


def first_bytes(item: int, files: Files) -> bytes:
    (path,) = files.values()
    return path.read_bytes()[:item]


def size(item: bytes) -> int:
    return len(item)


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes of this machine find the tasks above where this process does."""
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.fixture(scope="module")
def dask() -> Iterator[DaskCluster]:
    """Two workers that no test kills."""
    with cluster(2) as started:
        yield started


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as briefly as a loaded machine allows."""
    monkeypatch.setattr(module, "PATIENCE", 1)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("scheduler", [False, True], ids=["local", "dask"])
def test_every_item_comes_with_its_result(scheduler: bool, dask: DaskCluster) -> None:
    """
    Every item is done exactly once and comes with its own result.
    """
    with workers(2, dask.address if scheduler else None) as pool:
        done = sorted(pool.run(square, range(40)))

    assert [(i, i * i) for i in range(40)] == done


@pytest.mark.parametrize("scheduler", [False, True], ids=["local", "dask"])
def test_what_must_be_here_runs_on_this_machine(scheduler: bool, dask: DaskCluster) -> None:
    """
    Whoever else works, tasks that keep things on this machine's disk run in processes that this one started.
    """
    with workers(2, dask.address if scheduler else None) as pool:
        assert dict(pool.here().run(caller, range(3))) == dict.fromkeys(range(3), os.getpid())


@pytest.mark.parametrize("scheduler", [False, True], ids=["local", "dask"])
def test_items_are_drawn_as_results_are_taken(scheduler: bool, dask: DaskCluster) -> None:
    """
    No more tasks are handed out than two processes need, however many there are.
    """
    drawn: list[int] = []
    items = (drawn.append(i) or i for i in range(1_000))  # type: ignore[func-returns-value]

    with workers(2, dask.address if scheduler else None) as pool:
        results = pool.run(square, items)
        for _ in range(5):
            next(results)

    assert len(drawn) <= 2 * AHEAD + 5


def test_an_exception_ends_local_tasks(tmp_path: Path) -> None:
    """
    An exception in a local task arrives as it was raised, and no process goes on.
    """
    with workers(2) as pool, pytest.raises(RecipeError, match="no threes"):
        list(pool.run(partial(refuse, tmp_path), [1, 3, 5, 7]))

    # a task that was ended before it could write left nothing but a name
    told = [text for file in tmp_path.iterdir() if (text := file.read_text())]
    assert told
    assert not any(alive(int(text)) for text in told)


def test_local_tasks_end_with_a_caller_that_is_killed(tmp_path: Path) -> None:
    """
    When the caller is killed, which lets it say goodbye to nobody, no process goes on with a long task.
    """
    code = (
        "import sys; from functools import partial; from pathlib import Path; from tests.test_workers import slow;"
        "from watchword_training.workers import Local;"
        "list(Local(2).run(partial(slow, Path(sys.argv[1])), [1, 2]))"
    )
    caller = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT)
    deadline = time.monotonic() + 60
    while len(told := [t for file in tmp_path.iterdir() if (t := file.read_text())]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)

    caller.kill()
    caller.wait()

    while any(alive(int(text)) for text in told):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_leaving_ends_local_tasks(tmp_path: Path) -> None:
    """
    A run that its caller does not finish leaves no process behind.
    """
    (tmp_path / "0").touch()
    with workers(2) as pool:
        results = pool.run(partial(slow_unless_zero, tmp_path), range(4))
        first = next(results)

    assert first == (0, 0)
    assert not any(alive(int(text)) for file in tmp_path.iterdir() if (text := file.read_text()))


def slow_unless_zero(folder: Path, item: int) -> int:
    if item:
        return slow(folder, item)
    while len(list(folder.iterdir())) < 2:
        time.sleep(0.01)
    return item


def test_ctrl_c_ends_at_once(tmp_path: Path) -> None:
    """
    Ctrl-C in a terminal ends a local run with one KeyboardInterrupt, its own, while tasks would take minutes.
    """
    script = tmp_path / "script.py"
    marks = tmp_path / "marks"
    marks.mkdir()
    script.write_text(
        "import signal\nfrom functools import partial\nfrom pathlib import Path\nfrom tests.test_workers import slow\n"
        "from watchword_training.workers import workers\n"
        "if __name__ == '__main__':\n"
        "    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it\n"
        f"    with workers(2) as pool:\n        list(pool.run(partial(slow, Path({str(marks)!r})), range(9)))\n"
    )
    process = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while len(list(marks.iterdir())) < 2:
        assert process.poll() is None
        time.sleep(0.02)

    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)

    assert said.count("\nKeyboardInterrupt") == 1
    assert process.returncode == -signal.SIGINT
    assert not any(alive(int(file.read_text())) for file in marks.iterdir())


@pytest.mark.parametrize("count", [1, 2])
def test_a_killed_worker_changes_nothing(count: int, tmp_path: Path) -> None:
    """
    When a worker is killed in a task, even the only one that has the file, all results arrive, equal to local ones.
    """
    path = tmp_path / "shared.npy"
    np.save(path, np.random.default_rng(1).integers(0, 255, 200_000, dtype=np.uint8))
    task = partial(die_once, tmp_path)

    with cluster(count) as started, workers(1, started.address) as pool:
        remote = dict(pool.run(task, range(16), [path]))
    with workers(1) as pool:
        local = dict(pool.run(task, range(16), [path]))

    assert (tmp_path / "killed-5").exists()
    assert local == remote


def test_files_are_told_by_content(tmp_path: Path, dask: DaskCluster) -> None:
    """
    Callers whose files differ, but have one name and size, each get what their own file holds.
    """
    path = tmp_path / "rooms.npy"
    found = []

    for content in (b"first", b"other"):
        path.write_bytes(content)
        with workers(1, dask.address) as pool:
            found += list(pool.run(first_bytes, [5], [path]))

    assert [(5, b"first"), (5, b"other")] == found


def test_a_large_item_is_no_warning(dask: DaskCluster) -> None:
    """
    An item of 12 MB, more than Dask finds polite, goes out without a warning.
    """
    with workers(1, dask.address) as pool:
        results = [result for _, result in pool.run(size, [bytes(12 << 20)])]

    assert [12 << 20] == results


def test_an_exception_on_a_worker_arrives(tmp_path: Path, dask: DaskCluster) -> None:
    """
    An exception on a worker arrives as it was raised there.
    """
    (tmp_path / "0").touch()

    with workers(1, dask.address) as pool, pytest.raises(RecipeError, match="no threes"):
        list(pool.run(partial(refuse, tmp_path), [3]))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "nonsense", "http://127.0.0.1:{port}"])
def test_absent_scheduler_is_named(address: str) -> None:
    """
    Where no scheduler is, or what is named is no address, the message says which and what starts one.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # nobody listens
        address = address.format(port=free.getsockname()[1])

        with pytest.raises(RecipeError, match=rf"{address}.*dask scheduler"), workers(1, address):
            pass


@pytest.mark.usefixtures("impatient")
def test_another_server_is_no_scheduler() -> None:
    """
    A port at which something else answers nothing is refused like an absent scheduler.
    """
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"

        with pytest.raises(RecipeError, match="dask scheduler"), workers(1, address):
            pass


def test_a_cluster_that_cannot_do_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    No workers, none with this version, several threads: each is refused with what was found, expected, and a command.
    """
    refusals = []

    def attempt(address: str) -> None:
        with pytest.raises(RecipeError) as refused, workers(1, address):
            pass
        refusals.append(str(refused.value))

    with cluster(0) as started:
        monkeypatch.setattr(module, "PATIENCE", 1)
        attempt(started.address)
        monkeypatch.setattr(module, "PATIENCE", 30)
        wrong: list[dict[str, Any]] = [{"preload": OTHER_VERSION}, {"preload": NO_WATCHWORD}, {"threads": 2}]
        for arguments in wrong:
            started.add(**arguments)
            attempt(started.address)
            started.remove()
            started.wait_until_empty()

    assert "has no workers" in refusals[0]
    assert "dask worker tcp://127.0.0.1:" in refusals[0]
    assert f"has watchword 0.0.9, expected {watchword.__version__}" in refusals[1]
    assert "has no watchword" in refusals[2]
    assert "runs 2 threads, expected 1" in refusals[3]


def test_a_worker_that_joins_late_is_checked_too(tmp_path: Path) -> None:
    """
    A worker of another version that joins during a run does no task: the run ends and names it.
    """
    (tmp_path / "0").touch()
    with cluster(1) as started, workers(1, started.address) as pool:
        results = pool.run(square, range(100_000))
        next(results)
        started.add(preload=OTHER_VERSION)

        with pytest.raises(RecipeError, match=r"has watchword 0\.0\.9"):
            list(results)


def test_a_scheduler_that_dies_is_named(tmp_path: Path) -> None:
    """
    When the scheduler goes the run ends with its address instead of waiting for ever.
    """
    with cluster(1) as started, workers(1, started.address) as pool:
        results = pool.run(partial(slow_unless_zero, tmp_path), range(4))
        (tmp_path / "0").touch()
        (tmp_path / "1").touch()
        next(results)
        started.kill_scheduler()

        with pytest.raises(RecipeError, match=rf"lost the scheduler at {started.address}"):
            next(results)
