"""A bundle as a shared library: the firmware's sources, compiled for a computer; `watchword.compiled` loads it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from watchword import firmware as sources
from watchword.bundle import Bundle
from watchword.errors import FirmwareError
from watchword_training import firmware


def build(bundle: Bundle, out: Path, compiler: str = "cc") -> Path:
    """Compile `bundle` into the file `out`; FirmwareError when there is no compiler or it refuses."""
    if absent := [tool for tool in ("make", compiler) if not shutil.which(tool)]:
        raise FirmwareError(f"there is no {' and no '.join(absent)} here; apt-get install gcc make, or give --cc")
    with tempfile.TemporaryDirectory() as scratch:
        generated, made = Path(scratch) / "generated", Path(scratch) / "build"
        firmware.write(bundle, generated)
        places = {"BUNDLE": bundle.folder.resolve(), "GENERATED": generated, "BUILD": made, "CC": compiler}
        command = ["make", "--silent", "-C", str(sources.folder()), "compiled"]
        command += [f"{name}={value}" for name, value in places.items()]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise FirmwareError(f"{compiler} does not compile the firmware: {_reason(done.stderr)}")
        shutil.copy2(made / "compiled.so", out)
    return out


def _reason(said: str) -> str:
    lines = said.strip().splitlines() or ["it says nothing"]
    return next((line for line in lines if "error" in line), lines[-1])
