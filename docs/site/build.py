"""Build the site: pages from all over the repository at their own paths, and one of each module's docstrings.

    python docs/site/build.py out

Since pages keep their paths, a link that works on a code host works on the site. A link that leads nowhere is an error.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PARTS = {
    "Guides": ("docs/*.md", "examples/README.md"),
    "Case studies": ("case_studies/README.md", "case_studies/*/README.md"),
    "Figures": ("models/*/CARD.md", "benchmarks/RESULTS.md"),
    "Decisions": ("docs/decisions/*.md",),
}
"""The pages, by the part of the site that they stand in."""

LINK = re.compile(r"\]\(([^)#:\s]+)")
"""Where Markdown leads, or the picture that it shows, inside the repository."""

PACKAGES = {"The detector": "runtime/watchword", "Training": "training/watchword_training"}
"""Packages with a page per module, by the title of their part of the reference."""


def main(out: Path) -> int:
    """Write pages and settings into `out`, and the site into `out/site`; gives the generator's exit code."""
    shutil.rmtree(out / "pages", ignore_errors=True)
    settings: dict[str, Any] = yaml.safe_load((HERE / "site.yml").read_text("utf-8"))
    handler = settings["plugins"][1]["mkdocstrings"]["handlers"]["python"]
    handler["paths"] = [str((ROOT / folder).parent) for folder in PACKAGES.values()]
    settings["nav"] = [{"Watchword": copied(out, "README.md")[0]}]
    settings["nav"] += [
        {title: [page for p in patterns for page in copied(out, p)]} for title, patterns in PARTS.items()
    ]
    settings["nav"] += [{"Reference": [{t: reference(out, ROOT / f)} for t, f in PACKAGES.items()]}]
    settings["nav"] += [{"Changes": copied(out, "CHANGELOG.md")[0]}]
    (out / "site.yml").write_text(json.dumps(settings, indent=1), "utf-8")  # JSON is YAML
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", str(out / "site.yml")]
    return subprocess.run(command, check=False).returncode


def copied(out: Path, pattern: str) -> list[str]:
    """Copy what matches to its own path among the pages, with all that it leads to; gives the paths of what matches."""
    names = [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob(pattern))]
    for name in names:
        copy(out / "pages", ROOT / name)
    return names


def copy(pages: Path, path: Path) -> None:
    """Copy a file, and the files of the repository that it leads to if it is a page."""
    target = pages / path.relative_to(ROOT)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    for link in LINK.findall(path.read_text("utf-8")) if path.suffix == ".md" else ():
        beside = (path.parent / link).resolve()
        if beside.is_file() and beside.is_relative_to(ROOT):
            copy(pages, beside)


def reference(out: Path, package: Path) -> list[dict[str, str]]:
    """Write a page for each module of a package; gives their titles and paths."""
    pages = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if parts[-1] in ("__init__", "__main__"):
            continue
        name, page = ".".join(parts), f"reference/{'/'.join(parts)}.md"
        (out / "pages" / page).parent.mkdir(parents=True, exist_ok=True)
        (out / "pages" / page).write_text(f"# `{name}`\n\n::: {name}\n", "utf-8")
        pages.append({name: page})
    return pages


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
