"""The live picture shows timeline, lamps, display, cue and levels, in both languages and in little room."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from callseat.core import Core
from callseat.demo.screen import draw
from callseat.demo.view import View
from callseat.demo.words import line_of
from callseat.scenario.timeline import Entry, Timeline
from state.commands import Lamps
from state.events import LineInService
from state.settings import SeatSettings
from state.snapshot import CueView, Snapshot
from state.words import Channel


def snapshot(listening: bool = True) -> Snapshot:
    core = Core(SeatSettings())
    core.handle(LineInService(1.0, "desk", "desk"))
    picture = core.snapshot()
    cue = CueView("opening", 1.0, "desk-1", "请说开场白", "您好", "两秒没有听到", 0)
    lines = tuple(replace(line, listening=listening) for line in picture.lines)
    return replace(picture, cue=cue, lines=lines, display=("1024 通话中", "请说开场白"))


def view(language: str, **changes: object) -> View:
    timeline = Timeline()
    timeline.levels["desk", Channel.NEAR] = -31.0
    made = View(language, 2.0, "script/callseat {verb} --socket /x", timeline, ("one", "two"), number=2)
    made.lamps = lambda: Lamps(off_hook=True, mute=True)
    made.show(snapshot(**changes))
    made.add(Entry(0, 2.0, 2.0, "start"))
    made.add(Entry(1, 14.5, 14.5, "call.delivered", {"state": "ringing", "number": "138", "name": "王"}))
    return made


def drawn(shown: View, width: int = 140, height: int = 40) -> str:
    console = Console(width=width, height=height, record=True, file=io.StringIO())
    console.print(draw(shown, width, height))
    return console.export_text()


def test_a_chinese_seat_has_labels_in_both_languages() -> None:
    text = drawn(view("zh-CN"))
    for part in (
        "第 2/2 通 call 2 of 2: two",
        "script/callseat watch --socket /x",
        "script/callseat answer --socket /x",
        "12.50  线路     来电 138 王  rings: 138 王",
        "● 摘机  ○ 振铃  ● 静音",
        "1024 通话中",
        "请说开场白",
        "为什么 why: 两秒没有听到",
        "-31",
        "x2",
    ):
        assert part in text


def test_an_english_seat_has_english_alone() -> None:
    text = drawn(view("en"))
    assert "12.50  line     rings: 138 王" in text
    assert "● off-hook  ○ ring  ● mute  ○ hold  ○ mic" in text
    assert "why: " in text
    assert "时间线" not in text


def test_no_levels_while_nobody_is_connected() -> None:
    assert "-31" not in drawn(view("en", listening=False))


def test_in_little_room_the_display_gives_way_to_the_cue() -> None:
    text = drawn(view("zh-CN"), 100, 26)
    assert "两秒没有听到" in text
    assert "显示屏" not in text


def test_eighty_columns_show_whole_lines_and_the_cue_with_its_reason() -> None:
    text = drawn(view("zh-CN"), 80, 24)
    assert "12.50  线路     来电 138 王  rings: 138 王" in text
    assert "● 摘机  ○ 振铃  ● 静音  ○ 保持  ○ 话筒" in text
    assert re.search(r"坐席话筒 +█+·+ +-31", text)
    assert "为什么 why: 两秒没有听到" in text
    assert len(text.splitlines()) <= 24


@pytest.mark.parametrize(
    ("mark", "data", "zh", "en"),
    [
        ("call.cleared", {"by": "local"}, "通话结束（本端）", "call over (by local)"),
        ("call.failed", {"cause": "call_cancelled"}, "未接通：主叫放弃", "never connected: call_cancelled"),
        ("silence.cause", {"cause": "agent_muted"}, "无声原因：坐席已静音", "silence because: agent_muted"),
        ("event:MuteRequested", {"muted": True}, "按静音键：静音", "mute key: muted"),
        ("cue.given", {"cue": "opening", "text": "请说"}, "提示：请说", "cue: 请说"),
    ],
)
def test_marks_in_words(mark: str, data: dict[str, object], zh: str, en: str) -> None:
    said = line_of(Entry(0, 0.0, 0.0, mark, data))
    assert said is not None
    assert (said.zh, said.en) == (zh, en)


@pytest.mark.parametrize(
    ("mark", "data"),
    [
        ("silence.cause", {"cause": "customer_silent"}),
        ("effect:SetLamps", {}),
        ("call.delivered", {"state": "x"}),
    ],
)
def test_what_says_nothing_to_a_person_is_left_out(mark: str, data: dict[str, object]) -> None:
    assert line_of(Entry(0, 0.0, 0.0, mark, data)) is None
