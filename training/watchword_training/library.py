"""A bundle as a shared library: the firmware's sources, compiled for a computer; `watchword.compiled` loads it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from watchword import firmware as sources
from watchword.bundle import Bundle
from watchword.errors import FirmwareError
from watchword_training import cache, firmware

FLAGS = ("-std=c11", "-O3", "-fPIC", "-shared")
KERNEL = "product_wide.c"


def build(bundle: Bundle, out: Path, compiler: str = "cc") -> Path:
    """
    Compile `bundle` into the file `out`, which appears whole: one that a process has loaded stays as it is there.

    `compiler` may have options. FirmwareError when it is absent or refuses, or `out` cannot be written.
    """
    program, *options = shlex.split(compiler) or [""]
    if not shutil.which(program):
        raise FirmwareError(f"there is no compiler {program!r}; apt-get install gcc libc6-dev, or name one with --cc")
    folder = sources.folder()
    stages = [file for file in sorted((folder / "src").glob("*.c")) if not file.name.startswith("product_")]
    with tempfile.TemporaryDirectory() as generated:
        constants = [file for file in firmware.write(bundle, Path(generated)) if file.suffix == ".c"]
        included = [f"-I{place}" for place in (folder / "include", folder / "src", generated)]
        code = [folder / "host/compiled.c", folder / "src" / KERNEL, *stages, *constants]
        try:
            with cache.replacing(out) as partial:
                _run([program, *FLAGS, *options, *included, *map(str, code), "-o", str(partial)])
        except OSError as exc:
            raise FirmwareError(f"cannot write {out} ({exc.strerror}); give --out another place") from exc
    return out


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it does not say why"]
        reason = next((line for line in said if "error" in line), said[-1])
        raise FirmwareError(f"{command[0]} does not compile the firmware: {reason}")
