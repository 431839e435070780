"""docs/devices-decode.md names every member of the answer, and every point of the score."""

from __future__ import annotations

import json

from callseat.config.places import SYSTEM_CONFIG, places
from devices.hid.score import ABILITIES, UNUSABLE_MAX
from tests.callseat.cli.daemon_kit import command
from tests.docs.pages import inline, marked, page
from tests.support import ROOT

PAGE = "docs/devices-decode.md"
JABRA = ROOT / "tests/data/hid/0b0e-0307_jabra_evolve_link_ms.json"


def score_table() -> str:
    """The table as the page must have it."""
    rows = (f"| `{each.feature}` | {each.points} | {each.words} |" for each in ABILITIES)
    return "\n".join(("| feature | points | what it is |", "|---|---|---|", *rows))


def test_every_point_of_the_score_is_on_the_page() -> None:
    assert marked(PAGE, "score") == score_table()
    assert f"at most {UNUSABLE_MAX} without call control" in page(PAGE)


def test_every_member_of_the_answer_is_on_the_page() -> None:
    asked = ["--json", "--input", "020000", "--input", "020100", "--lamps", "off_hook"]
    told = json.loads(command("devices", "decode", str(JABRA), *asked).stdout)
    rows = [line.split("|")[1:3] for line in marked(PAGE, "members").splitlines()[2:]]
    assert [inline(name)[0] for name, _ in rows] == list(told)
    for (name, meaning), value in zip(rows, told.values(), strict=True):
        if isinstance(value, list):
            assert inline(meaning) == list(value[0]), name


def test_the_usual_folder_of_records_is_the_one_named() -> None:
    assert f"`{places().headset_records}`" in page(PAGE)
    assert places().headset_records.parent == SYSTEM_CONFIG.parent
