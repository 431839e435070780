"""The pages a stranger reads, taken apart: headings, tables, fenced blocks, links and inline code.

May not judge a page: the tests do.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.support import ROOT

READMES = ("README.md", "README.zh-CN.md")
PAGES = tuple(
    str(path.relative_to(ROOT))
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("**/*.md")))
)

_FENCE = re.compile(r"^```([\w-]*)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return [body for tag, body in _FENCE.findall(text) if tag == language]


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)


def inline(text: str) -> list[str]:
    """Every piece of inline code outside fenced blocks."""
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(text))


def links(text: str) -> list[str]:
    """Every link target outside fenced blocks."""
    return [one or other for one, other in _LINK.findall(prose(text))]


def headings(text: str) -> list[tuple[int, str]]:
    """Level and text of every heading."""
    found = re.findall(r"^(#{1,6}) (.+)$", prose(text), re.MULTILINE)
    return [(len(marks), title) for marks, title in found]


def anchor(title: str) -> str:
    """The anchor a heading gets on a forge."""
    kept = re.sub(r"[^\w\- ]", "", title.lower())
    return kept.strip().replace(" ", "-")


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next of its level or above."""
    match = re.search(rf"^(#+) {re.escape(title)}$", text, re.MULTILINE)
    assert match is not None, f"no heading {title!r}"
    rest = text[match.end() :]
    end = re.search(rf"^#{{1,{len(match[1])}}} ", rest, re.MULTILINE)
    return rest if end is None else rest[: end.start()]


def rows(text: str, title: str | None = None) -> list[list[str]]:
    """The cells of every table row (heads and rules left out) of a page or of one section."""
    part = text if title is None else section(text, title)
    lines = part.splitlines()
    found = []
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and lines[number + 1].startswith("|---")
        if line.startswith("|") and not line.startswith("|---") and not is_head:
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def marked(name: str, mark: str) -> str:
    """What stands between `<!-- mark -->` and the next `<!-- end -->`."""
    found = re.search(rf"<!-- {re.escape(mark)} -->\n(.*?)\n?<!-- end -->", page(name), re.DOTALL)
    assert found is not None, f"{name}: no mark {mark!r}"
    return found[1]


def exists(name: str, target: str) -> bool:
    """Whether a relative link of a page leads somewhere, its anchor included."""
    path, _, fragment = target.partition("#")
    place = (ROOT / name).parent / path if path else ROOT / name
    if not place.exists():
        return False
    if not fragment:
        return True
    return fragment in {anchor(title) for _, title in headings(Path(place).read_text(encoding="utf-8"))}
