"""The site: it builds without a warning, every link inside it leads somewhere, and what pages tell to type exists."""

from __future__ import annotations

import ast
import importlib.util
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from watchword import audio, cli

ROOT = Path(__file__).parents[1]
MARKDOWN = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/decisions").glob("*.md")),
    *sorted((ROOT / "case_studies").rglob("README.md")),
]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


class Page(HTMLParser):
    """The names inside a page, where it leads, and what it fetches."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down one element."""
        named = {key: value or "" for key, value in attrs}
        self.names |= {named[key] for key in ("id", "name") if key in named}
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        self.fetched += [named["src"]] if "src" in named else []
        if tag == "link" and named.get("rel") in ("stylesheet", "icon", "preload"):
            self.fetched.append(named["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site, built from the repository; a warning fails the build."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "docs/site/build.py", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


def test_links_lead_somewhere(site: Path) -> None:
    """
    Every link and picture inside the site is there, with the place in the page that it names.
    """
    pages = {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html") if path.name != "404.html"}
    broken = []
    for path, page in pages.items():
        for link in page.links + page.fetched:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            place = parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].names
            if not target.is_file() or (place and parts.fragment != "__skip"):
                broken.append(f"{path.relative_to(site)}: {link}")

    assert len(pages) > 50
    assert broken == []


def test_pages_ask_no_other_server(site: Path) -> None:
    """
    No page fetches a script, a font, a style or a picture from elsewhere.
    """
    fetched = {link for path in site.rglob("*.html") for link in Page(path.read_text("utf-8")).fetched}

    assert [link for link in sorted(fetched) if urlsplit(link).netloc] == []


def test_the_site_joins_its_parts(site: Path) -> None:
    """
    The site has the studies with their pictures, the guides, the card, the figures, and each module's docstrings.
    """
    assert (site / "case_studies/03_card_fraud/index.html").is_file()
    assert (site / "case_studies/03_card_fraud/savings.svg").is_file()
    assert "kHz" in (site / "docs/architecture.html").read_text("utf-8")
    assert (site / "models/activate/CARD.html").is_file()
    assert (site / "benchmarks/RESULTS.html").is_file()
    detector = (site / "reference/watchword/detector.html").read_text("utf-8")
    assert "push audio, get events" in detector
    assert (site / "reference/watchword_training/recipe.html").is_file()


def blocks(language: str) -> list[tuple[str, str]]:
    """Code blocks of the pages in a language, or in none, with the page's name."""
    pages = {path: path.read_text("utf-8") for path in MARKDOWN}
    return [(path.name, code) for path, page in pages.items() for kind, code in FENCE.findall(page) if kind == language]


def test_python_on_pages_runs() -> None:
    """
    Python in code blocks runs with a recording in `pcm`.
    """
    found = blocks("python")

    assert found
    for _, code in found:
        exec(compile(ast.parse(code), "page", "exec"), {"pcm": audio.read(ROOT / "examples/activated.flac")})


def commands() -> list[tuple[str, list[str]]]:
    """What pages tell to type, word by word, with the page's name: lines of blocks, and code inside sentences."""
    lines = [(name, line) for name, code in blocks("") for line in code.replace("\\\n", " ").splitlines()]
    for path in MARKDOWN:
        prose = FENCE.sub("", path.read_text("utf-8"))
        lines += [(path.name, code) for code in re.findall(r"`((?:make|python -m|python3 -m) [^`\n]+)`", prose)]
    found = []
    for name, line in lines:
        typed = line.split("  #")[0].strip()
        if re.match(r"(make|python3? -m|watchword) [\w.-]+", typed):
            found.append((name, shlex.split(typed.split(" | ")[0])))
    return found


@pytest.mark.parametrize(
    ("page", "words"), commands(), ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_a_command_exists(page: str, words: list[str]) -> None:
    """
    A make target is in the Makefile, a module that is run can be found, and a verb's options are understood.
    """
    if words[0] == "make":
        assert words[1] in TARGETS, page
    elif words[0] == "watchword":
        try:
            cli._parser(words[1]).parse_args(words[1:])
        except SystemExit as exc:
            assert exc.code == 0, f"{page}: {' '.join(words)}"  # noqa: PT017 (argparse ends so)
    elif words[2] not in ("pip", "venv"):
        assert importlib.util.find_spec(words[2]) is not None, page
