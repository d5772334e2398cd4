"""An environment for each engine, in the cache: what one needs cannot be in another's way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from watchword_training import cache

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
OWN = "watchword"
COMPILED = f"{OWN}, compiled"
PEERS = ("pymicro-wakeword", "pyopen-wakeword", "pocketsphinx")


def python(engine: str) -> Path:
    """The interpreter of an engine's environment, made when it is absent."""
    package = OWN if engine == COMPILED else engine
    folder = cache.folder("peers") / package
    interpreter = folder / "bin/python"
    if not interpreter.is_file():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        wanted = ["--editable", str(ROOT)] if package == OWN else [package, "numpy"]
        subprocess.run([*pip, *wanted], check=True)
    return interpreter


def ask(engine: str, verb: str, **arguments: Any) -> dict[str, Any]:
    """What the program of engines answers in the engine's environment, on one thread."""
    command = [str(python(engine)), str(HERE / "engines.py"), verb, engine, json.dumps(arguments)]
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": ""}
    answer = subprocess.check_output(command, env={**os.environ, **single}, text=True)
    found: dict[str, Any] = json.loads(answer.splitlines()[-1])
    return found
