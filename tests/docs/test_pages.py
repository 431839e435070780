"""Every page: links lead somewhere, commands exist, names of the code are names of the code."""

from __future__ import annotations

import re

import pytest

from tests.docs.commands import fault, shown
from tests.docs.names import ROOMS, classes, functions, suite
from tests.docs.pages import PAGES, exists, inline, links, page, prose, rows
from tests.support import ROOT

TOP = (*ROOMS, "udev", "tests", "script", "docs", ".ci", "requirements")
each_page = pytest.mark.parametrize("name", PAGES)


def test_the_pages_are_found() -> None:
    assert {"README.md", "README.zh-CN.md", "docs/architecture.md", "docs/procedures.md"} <= set(PAGES)


@each_page
def test_every_link_leads_somewhere(name: str) -> None:
    local = [link for link in links(page(name)) if "://" not in link]
    assert [link for link in local if not exists(name, link)] == []


@each_page
def test_every_command_exists(name: str) -> None:
    assert {command: why for command in shown(page(name)) if (why := fault(command))} == {}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("script/nothing", "no program"),
        ("callseat nothing", "no command nothing"),
        ("script/callseat cue nothing", "no command nothing"),
        ("script/callseat mute perhaps", "perhaps"),
        ("script/callseat watch --louder", "--louder"),
        ("script/callseat simulate tests/scenarios/nothing/*.toml", "nothing"),
        ("script/demo --louder", "--louder"),
        ("script/bench nothing", "no bench nothing"),
        ("script/test tests/nothing", "no file"),
    ],
)
def test_a_wrong_command_is_noticed(command: str, why: str) -> None:
    assert why in fault(command)


@each_page
def test_every_path_of_the_tree_is_there(name: str) -> None:
    paths = [code for code in inline(page(name)) if re.fullmatch(rf"({'|'.join(TOP)})/[\w./-]*", code)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@each_page
def test_every_member_named_is_there(name: str) -> None:
    dotted = [code.split("(")[0].split(".") for code in inline(page(name))]
    members = [(one[0], one[1]) for one in dotted if len(one) == 2 and one[0] in classes()]
    assert [pair for pair in members if pair[1] not in classes()[pair[0]]] == []


def test_what_the_walk_through_names_is_in_the_code() -> None:
    known = set(classes()) | functions()
    codes = inline(page("docs/architecture.md"))
    camel = {code.split("(")[0].split(".")[0] for code in codes if re.match(r"[A-Z][a-z]+[A-Z]\w*", code)}
    private = {code for code in codes if re.fullmatch(r"_\w+", code)}
    assert len(camel) > 25
    assert (camel | private) - known == set()


@each_page
def test_every_test_named_is_there(name: str) -> None:
    named = {code for code in inline(page(name)) if re.fullmatch(r"test_\w+", code)}
    assert named - suite() == set()


@each_page
def test_a_selection_of_tests_selects_some(name: str) -> None:
    chosen = re.findall(r"script/test (tests/[\w/.]+) -k (\w+)", page(name))
    for place, word in chosen:
        files = sorted((ROOT / place).rglob("test_*.py")) if (ROOT / place).is_dir() else [ROOT / place]
        found = re.findall(
            r"^def (test_\w+)", "".join(file.read_text("utf-8") for file in files), re.MULTILINE
        )
        assert any(word in test for test in found), (place, word)


@each_page
def test_nothing_in_a_page_belongs_to_a_workplace(name: str) -> None:
    text = page(name)
    assert not re.search(r"(?<![\w.])/(work|root|home/\w+)/|\.\./shared", text)


@each_page
def test_tables_are_whole(name: str) -> None:
    """Every row of a table has as many cells as its head."""
    lines = prose(page(name)).splitlines()
    width = 0
    for line in lines:
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", re.sub(r"`[^`]*`", "", line)))
        width = width or cells
        assert cells == width, line


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/architecture.md"])
def test_the_table_of_rooms_is_the_rooms(name: str) -> None:
    listed = [row[0].strip("`/") for row in rows(page(name)) if re.fullmatch(r"`\w+/`", row[0])]
    data = ("udev", "sound", "examples", "training", "tests")
    assert tuple(listed) == (*ROOMS[:3], "audio", "firmware_bridge", "callseat", *data)
