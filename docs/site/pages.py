"""What the site is made of: pages from all over the repository at their own paths, and one of each module's docstrings.

A hook of MkDocs. Since pages keep their paths, a link that works on a code host works on the site.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "CHANGELOG.md",
    "docs/*.md",
    "docs/decisions/*.md",
    "case_studies/README.md",
    "case_studies/*/README.md",
    "models/*/CARD.md",
    "benchmarks/RESULTS.md",
    "examples/README.md",
)
BESIDE = ("case_studies/*/*.svg", "case_studies/*/study.py", "benchmarks/results/**/*.svg", "examples/licences/*")
"""Files that pages show or lead to."""

PACKAGES = {"The detector": "runtime/watchword", "Training": "training/watchword_training"}
"""Packages with a page per module, by the title of their part of the site."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the repository's pages, and those of the modules, in place of the folder that MkDocs has read."""
    chosen = [path for pattern in (*PAGES, *BESIDE) for path in sorted(ROOT.glob(pattern))]
    found = [File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)) for path in chosen]
    for folder in PACKAGES.values():
        for module, address in modules(ROOT / folder):
            found.append(File.generated(config, address, content=f"# `{module}`\n\n::: {module}\n"))
    return Files([file for file in files if file.src_uri.startswith("assets/")] + found)


def modules(package: Path) -> list[tuple[str, str]]:
    """The public modules of a package and the addresses of their pages."""
    found = []
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        if parts[-1] == "__init__" and path.parent != package and not path.read_text("utf-8").strip():
            continue
        if parts[-1] not in ("__init__", "__main__"):
            found.append((".".join(parts), f"reference/{'/'.join(parts)}.md"))
    return found


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Order the pages: what it is, guides, studies, figures, decisions, reference."""

    def all_of(pattern: str) -> list[str]:
        return [path.relative_to(ROOT).as_posix() for path in sorted(ROOT.glob(pattern))]

    reference: list[Any] = []
    for title, folder in PACKAGES.items():
        reference.append({title: [{module: address} for module, address in modules(ROOT / folder)]})
    config.nav = [
        {"Watchword": "README.md"},
        {"Guides": [*all_of("docs/*.md"), "examples/README.md"]},
        {"Case studies": [*all_of("case_studies/README.md"), *all_of("case_studies/*/README.md")]},
        {"Figures": [*all_of("models/*/CARD.md"), *all_of("benchmarks/RESULTS.md")]},
        {"Decisions": all_of("docs/decisions/*.md")},
        {"Reference": reference},
        {"Changes": "CHANGELOG.md"},
    ]
    return config
