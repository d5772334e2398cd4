"""What a figure of time was measured on."""

from __future__ import annotations

import platform
from pathlib import Path


def described() -> str:
    """The processor, its cores, and Python."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{models[0] if models else platform.processor()}, {len(models)} cores, Python {platform.python_version()}"
