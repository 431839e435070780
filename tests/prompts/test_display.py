"""What a display shows: widths of Chinese, what stays when room is short, what leaves with the agent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts.display import Scene, columns, cut, lay_out, wrap
from prompts.phrasebook import Phrasebook
from state.cues import CueId
from state.ids import CallId, LineId, RecordId
from state.snapshot import AgentView, CallView, CueView, FocusView, MuteView
from state.words import AgentState, CallState, Direction

BOOK = Phrasebook()
ZH = BOOK.terms("zh-CN")
EN = BOOK.terms("en")
NUMBER, NAME = "13800138000", "王先生"


def call(call_id: str = "a", state: CallState = CallState.CONNECTED, **changes: Any) -> CallView:
    view = CallView(
        call=CallId(call_id),
        line=LineId("one"),
        record=RecordId(f"s-{call_id}"),
        state=state,
        direction=Direction.INBOUND,
        number=NUMBER,
        name=NAME,
        since=0.0,
        established_at=None,
        silent="inactive",
        silence_cause=None,
        silence_evidence="",
        closing="not_started",
        customer_spoke=False,
        adopted=False,
        pending="",
    )
    return replace(view, **changes)


def seat(
    *calls: CallView,
    state: AgentState = AgentState.BUSY,
    mute: str = "live",
    locked: bool = False,
    cue: str = "",
    cue_id: str = CueId.OPENING,
    guide: str | None = None,
    ringing: str | None = None,
    reason: str = "",
    agent: str | None = "1001",
    promises: int = 0,
) -> Scene:
    shown = CueView(cue_id, 0.0, None, text=cue, say="", why="", repeat=0) if cue else None
    return Scene(
        agent=AgentView(agent, state, reason, pending="", since=0.0),
        calls=calls,
        mute=MuteView(mute, source="headset", locked=locked, confidence="sure"),
        focus=FocusView(None, CallId(ringing) if ringing else None, CallId(guide) if guide else None),
        cue=shown,
        promises=promises,
    )


# widths --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("ready", 5),
        ("就绪", 4),
        ("就绪 1001", 9),
        ("，。！", 6),
        ("ＡＢ", 4),
        ("ｱ", 1),
        ("e\u0301", 1),
        ("·", 1),
    ],
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("ready", 5, "ready"),
        ("ready now", 7, "ready.."),
        ("客户无声", 8, "客户无声"),
        ("客户无声", 7, "客户.."),
        ("客户无声", 6, "客户.."),
        ("客户无声", 5, "客.."),
        ("客户无声", 2, ".."),
        ("客户无声", 1, "."),
        ("客户无声", 0, ""),
        ("a\x1b[31mb\nc", 20, "a [31mb c"),
        ("a\u202eb", 20, "ab"),
        ("\ud800x", 20, "x"),
    ],
)
def test_cut(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


@pytest.mark.parametrize(
    ("text", "width", "rows", "lines"),
    [
        ("", 10, 2, []),
        ("short", 10, 2, ["short"]),
        ("open with greeting and centre", 12, 3, ["open with", "greeting and", "centre"]),
        ("open with greeting and centre", 12, 2, ["open with", "greeting a.."]),
        ("extraordinarily", 6, 3, ["extrao", "rdinar", "ily"]),
        ("客户无声：再问好", 10, 2, ["客户无声：", "再问好"]),
        ("客户无声：再问好", 9, 2, ["客户无声", "：再问好"]),
        ("客户无声", 1, 3, []),
        ("text", 10, 0, []),
    ],
)
def test_wrap(text: str, width: int, rows: int, lines: list[str]) -> None:
    assert wrap(text, width, rows) == lines


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(0, 30), st.integers(0, 5))
def test_nothing_is_ever_wider_or_longer_than_the_display(text: str, width: int, rows: int) -> None:
    assert columns(cut(text, width)) <= width
    lines = wrap(text, width, rows)
    assert len(lines) <= rows
    assert all(columns(line) <= width for line in lines)
    assert all(char.isprintable() or not char.isascii() for line in lines for char in line)


@settings(deadline=None)
@given(
    st.text(max_size=20),
    st.sampled_from(list(AgentState)),
    st.sampled_from(["live", "muted", "unknown"]),
    st.text(max_size=40),
    st.integers(0, 24),
    st.integers(0, 5),
)
def test_a_layout_always_fits(
    name: str, state: AgentState, mute: str, cue: str, width: int, rows: int
) -> None:
    picture = seat(call(name=name), state=state, mute=mute, cue=cue)
    lines = lay_out(picture, width, rows, ZH)
    assert len(lines) <= rows
    assert all(columns(line) <= width for line in lines)


# what is shown -----------------------------------------------------------------------------------------


def test_a_call_with_a_cue_in_both_languages() -> None:
    picture = seat(call(), cue="客户无声：再问好，主动帮助", guide="a")
    assert lay_out(picture, 20, 4, ZH) == (
        "1001 通话中",
        "通话 13800138000 ..",
        "客户无声：再问好，主",
        "动帮助",
    )
    assert lay_out(picture, 40, 4, EN) == (
        "1001 busy",
        "on call 13800138000 王先生",
        "客户无声：再问好，主动帮助",
    )


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (4, ("1001 通话中", "通话 13800138000 王先生", "!! 已静音", "请取消静音")),
        (3, ("通话 13800138000 王先生", "!! 已静音", "请取消静音")),
        (2, ("!! 已静音", "请取消静音")),
        (1, ("!! 已静音",)),
        (0, ()),
    ],
)
def test_the_mute_warning_stays_longest(rows: int, lines: tuple[str, ...]) -> None:
    assert lay_out(seat(call(), mute="muted", cue="请取消静音"), 30, rows, ZH) == lines


def test_a_cue_cut_for_want_of_rows_says_so() -> None:
    picture = seat(call(), mute="muted", cue="请说开场白：问候、中心、欢迎、主动帮助")
    assert lay_out(picture, 16, 2, ZH) == ("!! 已静音", "请说开场白：问..")


@pytest.mark.parametrize(
    ("mute", "locked", "state", "line"),
    [
        ("live", False, CallState.CONNECTED, None),
        ("muted", False, CallState.CONNECTED, "!! 已静音"),
        ("muted", True, CallState.CONNECTED, "!! 已静音，请放下话筒杆"),
        ("locked", True, CallState.CONNECTED, "!! 已静音，请放下话筒杆"),
        ("unknown", False, CallState.CONNECTED, "! 话筒状态不明"),
        ("muted", False, CallState.RINGING, None),
        ("unknown", False, CallState.HELD, None),
    ],
)
def test_mute_is_warned_of_while_a_call_is_up(
    mute: str, locked: bool, state: CallState, line: str | None
) -> None:
    lines = lay_out(seat(call(state=state), mute=mute, locked=locked), 40, 4, ZH)
    assert [each for each in lines if each.startswith("!")] == ([line] if line else [])


@pytest.mark.parametrize(
    ("state", "agent", "reason", "promises", "line"),
    [
        (AgentState.LOGGED_OUT, None, "", 3, "未签入"),
        (AgentState.NOT_READY, "1001", "午餐", 0, "1001 示忙 午餐"),
        (AgentState.READY, "1001", "", 0, "1001 就绪"),
        (AgentState.READY, "1001", "", 2, "1001 就绪 待办 2"),
        (AgentState.AFTER_CALL_WORK, "1001", "", 0, "1001 话后处理"),
    ],
)
def test_agent_line(state: AgentState, agent: str | None, reason: str, promises: int, line: str) -> None:
    assert lay_out(seat(state=state, agent=agent, reason=reason, promises=promises), 40, 4, ZH) == (line,)


def test_the_guided_call_comes_first_then_one_that_rings() -> None:
    calls = (
        call("w", CallState.WAITING, number="3", name=""),
        call("a", CallState.HELD, number="1", name=""),
        call("b", CallState.CONNECTED, number="2", name=""),
        call("r", CallState.RINGING, number="4", name=""),
    )
    picture = seat(*calls, guide="b", ringing="r")
    assert lay_out(picture, 40, 4, ZH)[1:] == ("通话 2", "来电 4")
    assert lay_out(seat(*calls, guide="b"), 40, 4, ZH)[1:] == ("通话 2", "来电等待 3")
    assert lay_out(seat(*calls), 40, 4, ZH)[1:] == ("来电等待 3", "来电 4")


def test_an_idle_call_is_not_shown() -> None:
    assert lay_out(seat(call(state=CallState.IDLE), guide="a"), 40, 4, ZH) == ("1001 通话中",)


# privacy ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (AgentState.LOGGED_OUT, False),
        (AgentState.NOT_READY, False),
        (AgentState.READY, True),
        (AgentState.BUSY, True),
        (AgentState.AFTER_CALL_WORK, True),
    ],
)
def test_customer_data_leaves_the_display_with_the_agent(state: AgentState, shown: bool) -> None:
    promise = f"有未完成的承诺：{NUMBER}"
    picture = seat(call(state=CallState.RINGING), state=state, cue=promise, cue_id=CueId.PROMISE_OPEN)
    text = "\n".join(lay_out(picture, 60, 4, ZH))
    assert (NUMBER in text) is shown
    assert (NAME in text) is shown
    assert ("承诺" in text) is shown
    assert "来电" in text


def test_other_cues_stay_when_the_agent_is_not_ready() -> None:
    picture = seat(call(), state=AgentState.NOT_READY, cue="先别挂", cue_id=CueId.HANG_UP_TOO_EARLY)
    assert lay_out(picture, 40, 4, ZH) == ("1001 示忙", "通话 ***", "先别挂")
