"""The console engine alone: its session, what it shows, what keys ask for, and every way a console fails."""

from __future__ import annotations

import random

import pytest

from devices.console.engine import GONE_S, IDENTIFY_S, PING_S, ConsoleEngine
from devices.console.keys import LONG_S
from devices.console.outbox import ACK_S, TRIES
from state.commands import Identify, Lamps, SetDisplay, SetLamps, SetPassive
from state.engine import NOTHING, Engine
from state.events import (
    ButtonPressed,
    DeviceAttached,
    DeviceDetached,
    DigitKeyed,
    EffectFailed,
    HookChanged,
    MuteRequested,
)
from state.words import Button, DeviceKind
from tests.devices.console.rig import HELLO, ME, bodies, joined, line, said, settle

RINGING = SetLamps(Lamps(ring=True))
DARK = ["LAMPS ring=off mute=off", "RING off", "SHOW 1", "SHOW 2"]


def test_the_engine_has_the_shape_of_all_engines():
    engine: Engine[SetLamps | SetDisplay] = ConsoleEngine(ME)
    assert engine.next_deadline() is None
    assert engine.feed(b"", 0.0) == NOTHING


# the session -----------------------------------------------------------------------------------


def test_an_open_port_is_asked_who_is_there():
    engine = ConsoleEngine(ME)
    assert said(engine.start(0.0)) == [(0, "ASK")]
    assert engine.next_deadline() == 1.0
    assert said(engine.advance(1.0)) == [(0, "ASK")]


def test_hello_is_acknowledged_told_and_everything_is_pushed():
    engine = ConsoleEngine(ME)
    engine.start(0.0)
    step = engine.feed(line(0x5C, HELLO), 0.5)
    assert step.events == (
        DeviceAttached(
            0.5,
            ME,
            ME,
            DeviceKind.CONSOLE,
            "desk",
            frozenset(
                {"hook", "mute_key", "digits", "flash", "reject", "lamp_ring", "lamp_mute", "ringer"}
                | {"display", "display_2x16", "display_ascii"}
            ),
        ),
    )
    assert said(step) == [(0x5C, "ACK"), (1, DARK[0])]
    assert settle(engine, step, 0.5) == DARK


def test_a_console_that_never_answers_is_gone_and_asking_goes_on():
    engine = ConsoleEngine(ME)
    engine.start(0.0)
    told = []
    for second in range(1, 20):
        step = engine.advance(float(second))
        told += step.events
        assert bodies(step) == ["ASK"]
    assert told == [DeviceDetached(GONE_S, ME, ME, "timeout")]


def test_one_message_is_under_way_at_a_time_and_said_again_with_its_number():
    engine, _ = joined()
    step = engine.request(SetLamps(Lamps(ring=True, mute=True)), 1.0)
    first = said(step)
    assert [body for _, body in first] == ["LAMPS ring=flash mute=on"]
    again = [said(engine.advance(engine.next_deadline())) for _ in range(1, TRIES)]
    assert again == [first] * (TRIES - 1)
    number = first[0][0]
    assert bodies(engine.feed(line(number, "ACK"), 2.0)) == ["RING on"]


def test_an_answer_to_something_else_is_dropped():
    engine, _ = joined()
    (number, _), *_ = said(engine.request(RINGING, 1.0))
    assert engine.feed(line(number + 1, "ACK"), 1.1) == NOTHING
    assert engine.feed(line(number, "ACK") * 2, 1.2).writes


def test_the_newest_wish_wins_and_nothing_piles_up():
    engine, _ = joined()
    step = engine.request(RINGING, 1.0)
    for count in range(500):
        engine.request(SetDisplay((f"line {count}",)), 1.0)
        engine.request(SetLamps(Lamps(mute=bool(count % 2))), 1.0)
    assert settle(engine, step, 1.1) == [
        "LAMPS ring=flash mute=off", "LAMPS ring=off mute=on", "SHOW 1 line 499",
    ]  # fmt: skip


def test_four_unanswered_tries_and_it_is_asked_anew():
    engine, _ = joined()
    engine.request(RINGING, 1.0)
    for _ in range(TRIES - 1):
        at = engine.next_deadline()
        engine.advance(at)
    assert bodies(engine.advance(at + ACK_S + 0.001)) == ["ASK"]
    back = engine.feed(line(1, HELLO), at + 1)
    assert back.events == ()
    assert settle(engine, back, at + 1) == ["LAMPS ring=flash mute=off", "RING on", *DARK[2:]]


def test_a_console_that_falls_silent_is_told_gone_and_told_back():
    engine, _ = joined()
    told, at = [], 0.0
    while (due := engine.next_deadline()) is not None and due < 20:
        at = due
        told += engine.advance(at).events
    assert [(type(event), event.at) for event in told] == [(DeviceDetached, PING_S + ACK_S * TRIES + GONE_S)]
    back = engine.feed(line(1, HELLO), at)
    assert isinstance(back.events[0], DeviceAttached)


def test_a_quiet_session_is_pinged():
    engine, _ = joined()
    assert engine.next_deadline() == PING_S
    step = engine.advance(PING_S)
    assert bodies(step) == ["PING"]
    assert settle(engine, step, PING_S + 0.1) == ["PING"]
    assert engine.next_deadline() == 2 * PING_S


def test_a_reset_costs_nothing_but_the_push():
    engine, _ = joined()
    settle(engine, engine.request(SetLamps(Lamps(ring=True)), 1.0), 1.0)
    settle(engine, engine.request(SetDisplay(("a", "b")), 1.0), 1.0)
    step = engine.feed(line(1, HELLO), 2.0)
    assert step.events == ()
    assert settle(engine, step, 2.0) == ["LAMPS ring=flash mute=off", "RING on", "SHOW 1 a", "SHOW 2 b"]


def test_a_reset_while_something_is_under_way_takes_it_back():
    engine, _ = joined()
    step = engine.request(RINGING, 1.0)
    again = engine.feed(line(1, HELLO), 1.1)
    assert bodies(again)[0] == "ACK"
    assert engine.feed(line(said(step)[0][0], "ACK"), 1.2) == NOTHING
    assert settle(engine, again, 1.3)[:2] == ["LAMPS ring=flash mute=off", "RING on"]


def test_another_console_on_the_same_port_is_told():
    engine, _ = joined()
    step = engine.feed(line(1, "HELLO console/1 keys=1 name=other"), 2.0)
    assert [(event.name, event.features) for event in step.events] == [("other", frozenset({"digits"}))]


def test_a_message_said_twice_is_done_once_and_answered_twice():
    engine, _ = joined()
    first = engine.feed(line(7, "KEY 1 down"), 1.0)
    second = engine.feed(line(7, "KEY 1 down"), 1.3)
    assert len(first.events) == 1
    assert second.events == ()
    assert said(first) == said(second) == [(7, "ACK")]
    engine.feed(line(1, HELLO), 2.0)
    assert len(engine.feed(line(7, "KEY 1 down"), 2.1).events) == 1


def test_without_a_session_nothing_counts():
    engine = ConsoleEngine(ME)
    engine.start(0.0)
    assert engine.feed(line(7, "KEY hook down"), 0.1) == NOTHING
    assert engine.next_deadline() == 0.6
    assert bodies(engine.advance(0.6)) == ["ASK"]


def test_a_console_that_has_lost_the_session_is_asked_at_once():
    engine, _ = joined()
    (number, _), *_ = said(engine.request(RINGING, 1.0))
    step = engine.feed(line(number, "NAK hello"), 1.1)
    assert bodies(step) == ["ASK"]
    assert step.events == ()


def test_our_own_words_are_an_echo():
    engine, _ = joined()
    for body in ("ASK", "LAMPS ring=on", "SHOW 1 x", "PING", "RING on", "BYE"):
        assert engine.feed(line(9, body), 1.0) == NOTHING


def test_a_newer_version_is_refused_and_a_bad_hello_too():
    engine, _ = joined()
    step = engine.feed(line(4, "HELLO console/2 keys=1"), 1.0)
    assert said(step) == [(4, "NAK version")]
    assert step.events == (DeviceDetached(1.0, ME, ME, "denied"),)
    assert engine.feed(line(4, "HELLO console/2 keys=1"), 2.0).events == ()
    assert said(engine.feed(line(5, "HELLO console/1 lcd=x"), 3.0)) == [(5, "NAK args")]
    assert isinstance(engine.feed(line(6, HELLO), 4.0).events[0], DeviceAttached)


def test_what_is_not_known_is_refused_and_nothing_else_happens():
    engine, _ = joined()
    assert said(engine.feed(line(3, "WHEEL 4"), 1.0)) == [(3, "NAK verb")]
    assert said(engine.feed(line(4, "KEY 1 held"), 1.0)) == [(4, "NAK args")]
    assert said(engine.feed(line(5, "HOOK up"), 1.0)) == [(5, "NAK args")]
    assert engine.feed(line(6, "KEY teleport down"), 1.0).events == ()


def test_the_port_goes_and_comes_back():
    engine, _ = joined()
    settle(engine, engine.request(RINGING, 1.0), 1.0)
    assert engine.stop(2.0, "gone").events == (DeviceDetached(2.0, ME, ME, "gone"),)
    assert engine.stop(2.0, "gone") == NOTHING
    assert engine.next_deadline() is None
    assert engine.request(SetLamps(Lamps(mute=True)), 3.0) == NOTHING
    engine.feed(b"$half a li", 2.0)
    assert bodies(engine.start(4.0)) == ["ASK"]
    assert engine.damaged_lines == 0
    step = engine.feed(line(1, HELLO), 4.1)
    assert isinstance(step.events[0], DeviceAttached)
    assert settle(engine, step, 4.1)[:2] == ["LAMPS ring=off mute=on", "RING off"]


# what is shown ---------------------------------------------------------------------------------


def test_nothing_is_said_twice_unless_asked_again():
    engine, _ = joined()
    assert settle(engine, engine.request(RINGING, 1.0), 1.0) == ["LAMPS ring=flash mute=off", "RING on"]
    assert engine.request(RINGING, 2.0) == NOTHING
    again = engine.request(SetLamps(Lamps(ring=True), again=True), 3.0)
    assert settle(engine, again, 3.0) == ["LAMPS ring=flash mute=off", "RING on"]


def test_a_display_is_cut_to_its_size_and_only_changed_rows_are_said():
    engine, _ = joined()
    step = engine.request(SetDisplay(("1001 Ready", "Ringing 13800138000", "more")), 1.0)
    assert settle(engine, step, 1.0) == ["SHOW 1 1001 Ready", "SHOW 2 Ringing 13800138"]
    step = engine.request(SetDisplay(("1001 Ready",)), 2.0)
    assert settle(engine, step, 2.0) == ["SHOW 2"]


def test_chinese_goes_to_a_display_that_can():
    engine, _ = joined(HELLO + " charset=utf8")
    step = engine.request(SetDisplay(("通话",)), 1.0)
    assert settle(engine, step, 1.0) == ["SHOW 1 %E9%80%9A%E8%AF%9D"]


def test_a_console_without_lamps_ringer_or_display_is_told_none():
    engine, pushed = joined("HELLO console/1 keys=1")
    assert pushed == []
    assert engine.request(RINGING, 1.0) == NOTHING
    (failed,) = engine.request(SetDisplay(("x",)), 1.0).events
    assert failed == EffectFailed(1.0, ME, "SendToDevice", ME, "not_supported", detail="no display")


def test_what_is_refused_is_noted_and_not_said_again():
    engine, _ = joined()
    (number, _), *_ = said(engine.request(RINGING, 1.0))
    step = engine.feed(line(number, "NAK args"), 1.1)
    assert [event.detail for event in step.events] == ["LAMPS: args"]
    assert settle(engine, step, 1.1) == ["RING on"]
    assert engine.request(RINGING, 2.0) == NOTHING


def test_identify_makes_every_lamp_flash_for_a_while():
    engine, _ = joined()
    step = engine.request(Identify(), 1.0)
    assert settle(engine, step, 1.0) == ["LAMPS ring=flash mute=flash"]
    assert settle(engine, engine.advance(1.0 + IDENTIFY_S), 1.0 + IDENTIFY_S) == [DARK[0]]


def test_a_call_ends_the_blinking():
    engine, _ = joined()
    settle(engine, engine.request(Identify(), 1.0), 1.0)
    assert settle(engine, engine.request(RINGING, 2.0), 2.0) == ["LAMPS ring=flash mute=off", "RING on"]


@pytest.mark.parametrize("hello", ["HELLO console/1 keys=1", "HELLO console/1 lamps=disco"])
def test_without_lamps_nobody_can_be_told_which_it_is(hello):
    engine, _ = joined(hello)
    assert [event.detail for event in engine.request(Identify(), 1.0).events] == ["no lamp"]
    assert ConsoleEngine(ME).request(Identify(), 0.0).events


def test_passive_is_dark_and_deaf_but_keeps_the_session():
    engine, _ = joined()
    settle(engine, engine.request(RINGING, 1.0), 1.0)
    assert settle(engine, engine.request(SetPassive(True), 2.0), 2.0) == DARK[:2]
    heard = engine.feed(line(9, "KEY hook down") + line(10, "HOOK off") + line(11, "KEY flash down"), 3.0)
    assert heard.events == ()
    assert said(heard) == [(9, "ACK"), (10, "ACK"), (11, "ACK")]
    assert engine.advance(3.0 + LONG_S).events == ()
    shown = settle(engine, engine.request(SetPassive(False), 9.0), 9.0)
    assert shown == ["LAMPS ring=flash mute=off", "RING on"]


def test_the_farewell_needs_no_session():
    assert [write.data for write in ConsoleEngine(ME).farewell()] == [line(0, "BYE")]


# keys ------------------------------------------------------------------------------------------


def press(engine, number, name, at, held=0.1):
    """Down and up; what was told, with the times."""
    events = list(engine.feed(line(number, f"KEY {name} down"), at).events)
    due = engine.next_deadline()
    while due is not None and due <= at + held:
        events += engine.advance(due).events
        due = engine.next_deadline()
    return events + list(engine.feed(line(number + 1, f"KEY {name} up"), at + held).events)


@pytest.mark.parametrize("digit", "0123456789*#")
def test_digits_are_told_when_they_go_down(digit):
    engine, _ = joined()
    assert press(engine, 2, digit, 1.0) == [DigitKeyed(1.0, ME, ME, digit)]


def test_the_call_key_means_the_opposite_of_what_is_shown():
    engine, _ = joined()
    assert press(engine, 2, "hook", 1.0) == [HookChanged(1.0, ME, ME, True)]
    settle(engine, engine.request(SetLamps(Lamps(off_hook=True)), 1.5), 1.5)
    assert press(engine, 4, "hook", 2.0) == [HookChanged(2.0, ME, ME, False)]


def test_the_mute_key_means_the_opposite_of_what_is_shown():
    engine, _ = joined()
    assert press(engine, 2, "mute", 1.0) == [MuteRequested(1.0, ME, ME, True)]
    settle(engine, engine.request(SetLamps(Lamps(mute=True)), 1.5), 1.5)
    assert press(engine, 4, "mute", 2.0) == [MuteRequested(2.0, ME, ME, False)]


@pytest.mark.parametrize("button", list(Button))
def test_a_button_is_short_when_let_go_and_long_while_it_is_held(button):
    engine, _ = joined()
    assert press(engine, 2, button.value, 1.0) == [ButtonPressed(1.1, ME, ME, button)]
    assert press(engine, 4, button.value, 3.0, held=2.0) == [
        ButtonPressed(3.0 + LONG_S, ME, ME, button, True)
    ]


def test_a_key_that_was_down_at_a_reset_is_nothing():
    engine, _ = joined()
    engine.feed(line(2, "KEY flash down"), 1.0)
    engine.feed(line(1, HELLO), 1.2)
    assert engine.feed(line(2, "KEY flash up"), 1.3).events == ()
    assert engine.advance(9.0).events == ()


def test_a_handset_is_told_when_it_moves_also_over_a_reset():
    engine, _ = joined(HELLO + " hook=on")
    assert engine.feed(line(2, "HOOK off"), 1.0).events == (HookChanged(1.0, ME, ME, True),)
    assert engine.feed(line(3, "HOOK off"), 1.5).events == ()
    assert engine.feed(line(1, HELLO + " hook=off"), 2.0).events == ()
    assert engine.feed(line(1, HELLO + " hook=on"), 3.0).events == (HookChanged(3.0, ME, ME, False),)


# any bytes -------------------------------------------------------------------------------------

TALK = (
    line(1, HELLO)
    + line(2, "KEY 5 down")
    + line(3, "KEY 5 up")
    + line(4, "HOOK off")
    + line(5, "KEY mute down")
)


def test_the_same_bytes_mean_the_same_at_any_chunking():
    whole = ConsoleEngine(ME)
    whole.start(0.0)
    expected = whole.feed(TALK, 1.0)
    for size in (1, 2, 5, 17):
        engine, events, writes = ConsoleEngine(ME), (), ()
        engine.start(0.0)
        for start in range(0, len(TALK), size):
            step = engine.feed(TALK[start : start + size], 1.0)
            events, writes = events + step.events, writes + step.writes
        assert events == expected.events
        assert sorted(write.data for write in writes) == sorted(write.data for write in expected.writes)


def test_garbage_around_and_inside_changes_nothing():
    engine = ConsoleEngine(ME)
    engine.start(0.0)
    noisy = b"\x00\xffMPY: soft reboot\r\n" + TALK.replace(b"\n", b"\r\n~~\xfe") + b"$05 KEY hook do"
    assert [type(event).__name__ for event in engine.feed(noisy, 1.0).events] == [
        "DeviceAttached", "DigitKeyed", "HookChanged", "MuteRequested",
    ]  # fmt: skip


def test_any_bytes_and_any_valid_line_leave_an_engine_that_works():
    chance = random.Random(23)
    bodies_of_all = [
        HELLO,
        "HELLO console/9",
        "HELLO",
        "HELLO console/1 lcd=8x40 charset=utf8",
        "",
        " ",
        "ACK",
    ]
    bodies_of_all += [
        "NAK hello",
        "NAK args",
        "KEY 1 down",
        "KEY flash down",
        "KEY",
        "HOOK on",
        "HOOK",
        "PING",
    ]
    for seed in range(200):
        engine, at = ConsoleEngine(ME), 0.0
        engine.start(at)
        for _ in range(60):
            at += chance.choice((0.0, 0.01, 0.4, 3.0))
            match chance.randrange(5):
                case 0:
                    engine.feed(bytes(chance.choices(b"$*\n 01ACK\xff", k=20)), at)
                case 1 | 2:
                    engine.feed(line(chance.randrange(256), chance.choice(bodies_of_all)), at)
                case 3:
                    engine.request(
                        chance.choice((RINGING, SetDisplay(("通话", "x")), Identify(), SetPassive(False))), at
                    )
                case _:
                    engine.advance(at)
            due = engine.next_deadline()
            assert due is None or due > at - 10
            engine.advance(at)
            assert engine.next_deadline() is None or engine.next_deadline() > at, seed
        engine.stop(at, "gone")
        engine.start(at)
        step = engine.feed(line(1, HELLO), at)
        assert any(isinstance(event, DeviceAttached) for event in step.events)
        assert "SHOW 2" in " ".join(settle(engine, step, at))
