"""A 64-bit ARM Debian in the cache, with Python, numpy and ONNX Runtime: unpacked, never installed, so without root.

Packages come from where this machine's own apt and pip are told to find them.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from watchword_training import cache

PACKAGES = ("python3", "libstdc++6")
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64")


def tree() -> Path:
    """The folder that stands for `/`, made once for each Debian release and ONNX Runtime (210 MB); older ones go."""
    release = platform.freedesktop_os_release()["VERSION_CODENAME"]
    version = metadata.version("onnxruntime")
    root = cache.folder("emulated") / f"arm64-{release}-onnxruntime-{version}"
    if not root.is_dir():
        for old in root.parent.iterdir():
            shutil.rmtree(old)
        with cache.replacing(root) as partial:
            _unpack_debian(partial, release)
            _unpack_wheels(partial, version)
            _describe_processors(partial)
    return root


def python(root: Path) -> Path:
    """The tree's interpreter, not a link to it."""
    return (root / "usr/bin/python3").resolve()


def with_packages(names: Sequence[str]) -> Path:
    """A folder beside the tree with further packages and what they need, for its Python; made once."""
    root = tree()
    folder = root / "further"
    if not folder.is_dir():
        with cache.replacing(folder) as partial:
            _pip(root, *names, "numpy", f"onnxruntime=={metadata.version('onnxruntime')}", "--target", str(partial))
    return folder


def _unpack_debian(root: Path, release: str) -> None:
    """Download Python and what it needs with an apt of its own state (no system lock needed), then unpack it."""
    apt = root / "apt"
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    line = "deb [arch=arm64] $(REPO_URI) $(RELEASE) $(COMPONENT)"
    targets = ["Identifier: Packages", "Component: main", f"Release: {release}"]
    sources = subprocess.check_output(["apt-get", "indextargets", "--format", line, *targets], text=True)
    if not sources:
        raise SystemExit(f"apt reads no archive of Debian {release}; add one to its sources, then apt-get update")
    (apt / "sources.list").write_text(sources, "utf-8")
    settings = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "APT::Sandbox::User": "root",
        "Debug::NoLocking": "true",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::SourceList": apt / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State": apt / "state",
        "Dir::State::Status": "/dev/null",
    }
    command = ["apt-get", "-qq", *(f"-o{name}={value}" for name, value in settings.items())]
    subprocess.run([*command, "update"], check=True)
    download = [*command, "install", "--yes", "--no-install-recommends", "--download-only", *PACKAGES]
    subprocess.run(download, check=True, stdout=subprocess.DEVNULL)
    for package in sorted((apt / "cache/archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", package, root], check=True)
    shutil.rmtree(apt)


def _unpack_wheels(root: Path, version: str) -> None:
    """The ONNX Runtime of this environment and a numpy, for the tree's Python, into `site/`."""
    _pip(root, "--no-deps", "numpy", f"onnxruntime=={version}", "--target", str(root / "site"))


def _pip(root: Path, *wanted: str) -> None:
    """Unpack wheels for the tree's Python."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    python_version = python(root).name.removeprefix("python")
    kind = ["--python-version", python_version, *(f"--platform={name}" for name in PLATFORMS)]
    subprocess.run([*pip, *kind, "--root-user-action=ignore", "--only-binary=:all:", *wanted], check=True)


def _describe_processors(root: Path) -> None:
    """One processor: ONNX Runtime reads these files, and the emulator shows the program those of this machine."""
    folder = root / "sys/devices/system/cpu"
    folder.mkdir(parents=True)
    for name in ("possible", "present", "kernel_max"):
        (folder / name).write_text("0\n")
    (root / "proc").mkdir(exist_ok=True)
